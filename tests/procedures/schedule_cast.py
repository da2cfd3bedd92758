"""The cast of the rules of time: IP1783's steps, the calendar of England, and a table of due instants."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from notifier.procedures.due import Arming, DueInstant, DueState, Edge, Rules, StoredDue, arm
from notifier.procedures.model import (
    Dates,
    Facts,
    Milestone,
    MilestoneKind,
    Precision,
    Procedure,
    Snapshot,
    Status,
)
from notifier.procedures.revise import Revision

LONDON = ZoneInfo("Europe/London")
BANK_HOLIDAYS = frozenset(
    (
        date(2022, 12, 26),
        date(2022, 12, 27),
        date(2023, 1, 2),
        date(2023, 4, 7),
        date(2023, 4, 10),
        date(2023, 5, 1),
    )
)
RULES = Rules(zone=LONDON, announce_at=time(9), closes_at=time(17), holidays=BANK_HOLIDAYS)


def at(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def on(day: date) -> Dates:
    return Dates(start=day, precision=Precision.DAY)


def between(start: date, end: date, *, closes_at: time | None = None) -> Dates:
    return Dates(start=start, end=end, precision=Precision.DAY, closes_at=closes_at)


def in_month(year: int, month: int) -> Dates:
    return Dates(start=date(year, month, 1), precision=Precision.MONTH, as_written="a month")


TBC = Dates(as_written="TBC")

IPAC_1 = Milestone(key="ipac-1", label="IPAC 1", kind=MilestoneKind.MEETING, dates=on(date(2022, 9, 8)))
CONSULTATION = Milestone(
    key="consultation",
    label="Interventional procedure consultation",
    kind=MilestoneKind.CONSULTATION,
    dates=between(date(2022, 10, 14), date(2022, 11, 11)),
)
PUBLICATION = Milestone(
    key="publication",
    label="Expected publication",
    kind=MilestoneKind.PUBLICATION,
    dates=on(date(2023, 3, 29)),
)
SCHEDULE = (IPAC_1, CONSULTATION, PUBLICATION)


def moved(one: Milestone, dates: Dates) -> Milestone:
    return replace(one, dates=dates)


def ip1783(*milestones: Milestone, status: Status | None = Status.IN_PROGRESS) -> Procedure:
    return Procedure(
        id=1,
        slug="GID-IPG10158",
        references=("GID-IPG10158",),
        facts=Facts(title="Radiofrequency ablation", status=status, process="IP", id_number="1783"),
        milestones=milestones or SCHEDULE,
    )


def read(*milestones: Milestone, facts: Facts | None = None) -> Snapshot:
    return Snapshot(reference="GID-IPG10158", facts=facts or Facts(), milestones=milestones)


def after(stored: Procedure, revision: Revision) -> Procedure:
    return replace(stored, facts=revision.facts, milestones=revision.milestones)


class Table:
    """The stored due instants of one procedure: what `arm` decides is written, as the database would."""

    def __init__(self) -> None:
        self.rows: tuple[StoredDue, ...] = ()

    def arm(
        self,
        milestones: Sequence[Milestone],
        now: datetime,
        *,
        counts: bool = True,
        held: bool = False,
        silent: bool = False,
        rules: Rules = RULES,
    ) -> Arming:
        arming = arm(milestones, self.rows, counts=counts, held=held, silent=silent, rules=rules, now=now)
        changes = {one.id: one for one in arming.updates}
        assert len(changes) == len(arming.updates)
        kept = tuple(
            replace(
                row,
                state=changes[row.id].state,
                instant=changes[row.id].instant,
            )
            if row.id in changes
            else row
            for row in self.rows
        )
        new = tuple(
            StoredDue(id=number, milestone_key=one.milestone_key, instant=one.instant, state=one.state)
            for number, one in enumerate(arming.new, start=len(kept) + 1)
        )
        self.rows = kept + new
        keys = [(row.milestone_key, row.instant.edge, row.instant.local_date) for row in self.rows]
        assert len(keys) == len(set(keys)), "the database would refuse the same instant twice"
        return arming

    def announce(self, now: datetime) -> list[tuple[str, Edge, date]]:
        """Announce what is due; return it, earliest first."""
        due = [row for row in self.rows if row.state is DueState.PENDING and row.instant.due_at <= now]
        said = {row.id for row in due}
        self.rows = tuple(
            replace(row, state=DueState.ANNOUNCED) if row.id in said else row for row in self.rows
        )
        return [
            (row.milestone_key, row.instant.edge, row.instant.local_date)
            for row in sorted(due, key=lambda row: row.instant.due_at)
        ]

    def states(self, key: str) -> dict[tuple[Edge, date], DueState]:
        return {
            (row.instant.edge, row.instant.local_date): row.state
            for row in self.rows
            if row.milestone_key == key
        }

    def state(self, key: str, edge: Edge, day: date) -> DueState | None:
        return self.states(key).get((edge, day))

    def pending(self, key: str) -> dict[Edge, date]:
        """Return what of a milestone still speaks: one date for each edge, or this fails."""
        found = [(edge, day) for (edge, day), state in self.states(key).items() if state is DueState.PENDING]
        assert len(dict(found)) == len(found), "one edge speaks twice"
        return dict(found)

    def instant(self, key: str, edge: Edge) -> DueInstant:
        (found,) = [row.instant for row in self.rows if row.milestone_key == key and row.instant.edge is edge]
        return found
