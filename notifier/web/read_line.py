"""When the dates of a page were read, and since when their source cannot be (promises §7). Pure."""

from datetime import datetime

from notifier.events.titles import clean
from notifier.events.wording import hour, local, moment, plain_day
from notifier.procedures.due import Rules
from notifier.settings import Service
from notifier.web.standing import read_line


def reading_line(
    service: Service,
    read_at: datetime | None,
    *,
    failing_since: datetime | None,
    rules: Rules,
    now: datetime,
) -> str:
    """Return "Read from NICE's page today at 8:55am", or that it could not be read since.

    `failing_since` is when the source was first asked in vain after `read_at`, None while it can be read.
    """
    if failing_since is None or (read_at is not None and failing_since < read_at):
        return read_line(service, read_at, rules=rules, now=now)
    there = local(failing_since, rules.zone.key)
    day = "today" if there.date() == rules.local_date(now) else plain_day(there.date())
    known = (
        f"as entered by {clean(service.operator)}"
        if read_at is None
        else f"from {moment(read_at, rules.zone.key)}"
    )
    since = f"since {day} at {hour(there.time())}"
    return f"{clean(service.body)}'s page could not be read {since}; these dates are {known}."
