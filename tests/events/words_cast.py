"""The facts that the tests of words are told with: IP1783 as its body publishes it, and who tells."""

from dataclasses import replace
from datetime import UTC, date, datetime, time

from notifier.events.model import Basis, DateChange, Event, EventKind, NextDate, Payload, Step
from notifier.procedures.model import Dates, MilestoneKind, Precision
from notifier.settings import Relation, Service

TITLE = "Radiofrequency ablation for palliation of painful spinal metastases"
T = f"“{TITLE}” (IP1783)"
PAGE = "https://www.nice.org.uk/guidance/indevelopment/gid-ipg10158"
SERVICE = Service(
    name="Example Alerts",
    operator="Example Charity",
    postal_address="1 High Street, Leeds LS1 1AA",
    contact="help@alerts.example.org",
    privacy_contact="privacy@alerts.example.org",
    relation=Relation.THIRD_PARTY,
    public_url="https://alerts.example.org",
    body="NICE",
    body_site="NICE's website",
    topic_noun="topic",
)
OWN_SERVICE = SERVICE.model_copy(update={"relation": Relation.OWN, "name": "NICE alerts", "operator": "NICE"})


def on(year: int, month: int, day: int) -> Dates:
    return Dates(start=date(year, month, day), precision=Precision.DAY)


def between(first: date, last: date) -> Dates:
    return Dates(start=first, end=last, precision=Precision.DAY)


def in_month(year: int, month: int) -> Dates:
    return Dates(start=date(year, month, 1), precision=Precision.MONTH)


def at(year: int, month: int, day: int, hour: int, minute: int) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


STEPS = (
    Step(key="ipac-1", label="IPAC 1", kind=MilestoneKind.MEETING, dates=on(2022, 9, 8), seen=True),
    Step(
        key="interventional-procedure-consultation",
        label="Interventional procedure consultation",
        kind=MilestoneKind.CONSULTATION,
        dates=between(date(2022, 10, 14), date(2022, 11, 11)),
    ),
    Step(key="ipac-2", label="IPAC 2", kind=MilestoneKind.MEETING, dates=on(2023, 1, 12)),
    Step(
        key="expected-publication",
        label="Expected publication",
        kind=MilestoneKind.PUBLICATION,
        dates=on(2023, 3, 29),
    ),
)
CONSULTATION = Payload(
    title=TITLE,
    shown_id="IP1783",
    slug="GID-IPG10158",
    body="NICE",
    process="IP",
    link=PAGE,
    status_as_written="In progress",
    milestone_key="interventional-procedure-consultation",
    milestone_kind=MilestoneKind.CONSULTATION,
    label="Interventional procedure consultation",
    day=date(2022, 10, 14),
    start=date(2022, 10, 14),
    deadline=date(2022, 11, 11),
    closes_at=time(17),
    time_stated=True,
    read_at=at(2022, 10, 14, 7, 55),
    next_dates=(
        NextDate(label="IPAC 2", dates=on(2023, 1, 12)),
        NextDate(label="Expected publication", dates=on(2023, 3, 29)),
        NextDate(label="Review", dates=in_month(2026, 3)),
    ),
    steps=STEPS,
)
MEETING = replace(
    CONSULTATION,
    milestone_key="ipac-1",
    milestone_kind=MilestoneKind.MEETING,
    label="IPAC 1",
    day=date(2022, 9, 8),
    start=date(2022, 9, 8),
    deadline=None,
    closes_at=None,
    time_stated=False,
    read_at=at(2022, 9, 8, 7, 55),
)
PUBLICATION = replace(
    MEETING,
    milestone_key="expected-publication",
    milestone_kind=MilestoneKind.PUBLICATION,
    label="Expected publication",
    day=date(2023, 3, 29),
    start=date(2023, 3, 29),
    read_at=at(2023, 3, 29, 8, 14),
    next_dates=(),
)
WINDOW = replace(CONSULTATION, milestone_kind=MilestoneKind.WINDOW, label="Appeal")


def changing(
    kind: EventKind,
    old: Dates | None,
    new: Dates | None,
    *,
    milestone: MilestoneKind = MilestoneKind.PUBLICATION,
    label: str = "Expected publication",
    day: date = date(2022, 10, 20),
) -> Payload:
    change = DateChange(kind=kind, milestone_kind=milestone, label=label, old=old, new=new)
    return replace(
        PUBLICATION,
        milestone_kind=milestone,
        label=label,
        day=day,
        start=None,
        deadline=new.end if new is not None else None,
        changes=(change,),
    )


def moved_publication(old: Dates | None, new: Dates | None, kind: EventKind = EventKind.MOVED) -> Payload:
    return changing(kind, old, new)


def consultation_change(
    kind: EventKind, old_end: date, new_end: date, start: date = date(2022, 10, 14)
) -> Payload:
    return changing(
        kind,
        between(start, old_end),
        between(start, new_end),
        milestone=MilestoneKind.CONSULTATION,
        label="Interventional procedure consultation",
    )


CORRECTED = changing(
    EventKind.MOVED,
    between(date(2022, 10, 14), date(2022, 11, 11)),
    between(date(2022, 10, 21), date(2022, 11, 18)),
    milestone=MilestoneKind.CONSULTATION,
    label="Interventional procedure consultation",
    day=date(2022, 10, 15),
)
REOPENED = replace(
    changing(
        EventKind.REOPENED,
        between(date(2022, 10, 14), date(2022, 11, 11)),
        between(date(2022, 10, 14), date(2022, 11, 25)),
        milestone=MilestoneKind.CONSULTATION,
        label="Interventional procedure consultation",
        day=date(2022, 11, 15),
    ),
    read_at=at(2022, 11, 15, 8, 55),
)
LISTED = replace(
    changing(EventKind.DATE_ADDED, None, on(2022, 9, 8), label="IPAC 1", day=date(2026, 11, 1)),
    milestone_kind=None,
    label=None,
)

PAYLOADS: dict[EventKind, Payload] = {
    EventKind.OPENED: CONSULTATION,
    EventKind.CLOSING_SOON: replace(CONSULTATION, day=date(2022, 11, 4)),
    EventKind.CLOSED: replace(CONSULTATION, day=date(2022, 11, 11)),
    EventKind.MEETING: MEETING,
    EventKind.EXPECTED: PUBLICATION,
    EventKind.NOT_YET: replace(PUBLICATION, day=date(2023, 3, 30), read_at=at(2023, 3, 30, 7, 55)),
    EventKind.REACHED: replace(MEETING, milestone_kind=MilestoneKind.RESOLUTION, label="Resolution"),
    EventKind.DATE_ADDED: moved_publication(None, on(2023, 5, 24), EventKind.DATE_ADDED),
    EventKind.DATE_SET: moved_publication(Dates(as_written="TBC"), on(2023, 5, 24), EventKind.DATE_SET),
    EventKind.MOVED: moved_publication(on(2023, 3, 29), on(2023, 5, 24)),
    EventKind.EXTENDED: consultation_change(EventKind.EXTENDED, date(2022, 11, 11), date(2022, 11, 25)),
    EventKind.SHORTENED: consultation_change(EventKind.SHORTENED, date(2022, 11, 11), date(2022, 11, 4)),
    EventKind.REMOVED: moved_publication(on(2023, 3, 29), None, EventKind.REMOVED),
    EventKind.SUSPENDED: replace(PUBLICATION, milestone_kind=None, label=None, start=None),
    EventKind.RESTARTED: replace(PUBLICATION, milestone_kind=None, label=None, start=None),
    EventKind.DISCONTINUED: replace(PUBLICATION, milestone_kind=None, label=None, start=None),
    EventKind.PUBLISHED: PUBLICATION,
    EventKind.LISTED: LISTED,
    EventKind.CORRECTION: CORRECTED,
    EventKind.REOPENED: REOPENED,
    EventKind.CONFIRMED: replace(CONSULTATION, day=date(2022, 10, 17)),
}


def event(kind: EventKind, basis: Basis, payload: Payload, *, seq: int = 1) -> Event:
    return Event(
        seq=seq,
        public_id=f"e{seq}",
        kind=kind,
        basis=basis,
        procedure_id=1,
        payload=payload,
        occurred_at=at(2022, 10, 14, 8, 0),
        recorded_at=at(2022, 10, 14, 8, 0),
    )
