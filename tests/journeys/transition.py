"""How a transition is written down: what was known of IP1783, what is read after it, and what is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from notifier.procedures.kinds import milestone_key, milestone_kind
from notifier.procedures.model import (
    Coverage,
    Dates,
    Facts,
    Milestone,
    MilestoneState,
    Precision,
    Snapshot,
    Status,
)
from notifier.sources.nice.page import read_page
from tests.cast import london
from tests.journeys.web_body import (
    PUBLICATION,
    SCHEDULE,
    project_page,
)
from tests.sources.nice.page_layouts import Rows

PAGE, LIST, OPEN_NOW = "web:page", "web:list", "web:open-now"
BEGIN = london(2022, 9, 20, 10)
"""The first reading: IPAC 1 has passed, everything else is to come."""
NEXT = london(2022, 9, 26, 10)
AFTER = london(2022, 11, 15, 10)
"""The consultation is over."""


def page(*rows: tuple[str, str], status: str = "In progress", timeline: Rows = ()) -> Snapshot:
    """Return what is read from the page of IP1783 with this schedule."""
    text = project_page(*rows, status=status, timeline=timeline)
    return read_page(text, name="page", reference=None, today=date(2022, 9, 20))


def without(*labels: str) -> Snapshot:
    """Return the page without these rows."""
    return page(*(row for row in SCHEDULE if row[0] not in labels))


def dated(label: str, when: str) -> Snapshot:
    """Return the page with another date in one row."""
    return page(*((name, when if name == label else written) for name, written in SCHEDULE))


def with_rows(*rows: tuple[str, str]) -> Snapshot:
    """Return the page with rows added above the expected publication."""
    return page(*SCHEDULE[:3], *rows, PUBLICATION)


def listed(day: date, *, status: Status = Status.IN_PROGRESS) -> Snapshot:
    """Return what a list of projects says of IP1783."""
    dates = Dates(start=day, precision=Precision.DAY)
    row = Milestone(
        key=milestone_key(PUBLICATION[0]),
        label=PUBLICATION[0],
        kind=milestone_kind(PUBLICATION[0], spans=False, process="IP"),
        dates=dates,
    )
    facts = Facts(title="As the list has it", status=status, process="IP", id_number="1783")
    return Snapshot(reference=WHOLE.reference, facts=facts, milestones=(row,), covers=Coverage.PUBLICATION)


def open_now(start: date, end: date) -> Snapshot:
    """Return what a list of open consultations says of IP1783."""
    row = Milestone(
        key="draft-guidance",
        label="Draft guidance",
        kind=milestone_kind("Draft guidance", spans=True, process="IP"),
        dates=Dates(start=start, end=end, precision=Precision.DAY),
        state=MilestoneState.REACHED,
    )
    return Snapshot(
        reference=WHOLE.reference,
        facts=Facts(title="As that list has it"),
        milestones=(row,),
        covers=Coverage.GIVEN,
        stated=frozenset((row.key,)),
    )


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A source says this at an instant and, unless `once`, still an hour later, which settles it.

    `read_at` is when the page was read, where that was not then.
    """

    says: Snapshot
    at: datetime = NEXT
    source: str = PAGE
    once: bool = False
    read_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Transition:
    """What was known first, silently; what is read after it; and the events, as `described`."""

    title: str
    known: Reading
    then: Sequence[Reading]
    events: Sequence[str] = ()

    def __str__(self) -> str:
        return self.title


WHOLE = page()
KNOWN = Reading(says=WHOLE, at=BEGIN)
TWICE = (("Committee meeting", "6 October 2022"), ("Committee meeting", "3 November 2022"), PUBLICATION)
TBC = dated(PUBLICATION[0], "TBC")
OVER = Reading(says=WHOLE, at=AFTER - timedelta(days=1))


def changed(title: str, says: Snapshot, *events: str) -> Transition:
    return Transition(title=title, known=KNOWN, then=(Reading(says=says),), events=events)


def in_turn(title: str, *says: Snapshot, events: Sequence[str] = (), known: Reading = KNOWN) -> Transition:
    """Let the page say one thing after the other, each for as long as it takes to settle."""
    then = [Reading(says=each, at=NEXT + number * timedelta(days=1)) for number, each in enumerate(says)]
    return Transition(title=title, known=known, then=then, events=events)
