"""Who runs this service and where its dates come from, as every page says it (promises §3). Pure."""

from datetime import datetime

from notifier.events.titles import clean
from notifier.events.wording import hour, local, moment, plain_day
from notifier.procedures.due import Rules
from notifier.settings import Relation, Service


def site_line(service: Service) -> str:
    """Return the line of a page that is not about one procedure."""
    site = clean(service.body_site)
    if service.relation is Relation.OWN:
        return f"Dates are provisional: {site} decides."
    body = clean(service.body)
    return f"This service is not run by {body}. Dates are provisional and come from {site}."


def topic_line(service: Service, read_at: datetime | None, zone: str) -> str:
    """Return the line of a page about one procedure, with when its source was read."""
    if service.relation is Relation.OWN:
        return site_line(service)
    known = (
        f"as entered by {clean(service.operator)}" if read_at is None else f"read at {moment(read_at, zone)}"
    )
    return f"{site_line(service).removesuffix('.')}, {known}."


def read_line(service: Service, read_at: datetime | None, *, rules: Rules, now: datetime) -> str:
    """Return "Read from NICE's page today at 8:55am", or who entered the dates where no page was read."""
    if read_at is None:
        return f"As entered by {clean(service.operator)}."
    there = local(read_at, rules.zone.key)
    day = "today" if there.date() == rules.local_date(now) else f"on {plain_day(there.date())}"
    return f"Read from {clean(service.body)}'s page {day} at {hour(there.time())}."


def described_line(service: Service, read_at: datetime | None) -> str:
    """Return whose words a description is (promises §5)."""
    body = clean(service.body)
    if service.relation is Relation.OWN or read_at is not None:
        return f"Described by {body}."
    return f"As entered by {clean(service.operator)}; {body}'s own page decides."
