"""When a milestone speaks: its due instants, derived from its dates, and which of them are still to come.

Pure. A date belongs to a civil calendar and a zone; only here does it become an instant (promises §1).
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from notifier.procedures.model import Milestone, MilestoneKind, MilestoneState, Precision

FIRST_REMINDER = timedelta(days=7)
"""How long before the closing the first reminder goes, if that is a working day."""

REMINDER_AFTER_OPENING = timedelta(days=3)
"""A first reminder sooner than this after the opening would say the same thing twice."""


class Edge(StrEnum):
    """The side of a milestone that an instant belongs to; a consultation has up to four."""

    REACHED = "reached"
    OPENS = "opens"
    CLOSES = "closes"
    CLOSING_7 = "closing:7"
    CLOSING_1 = "closing:1"
    NOT_YET = "not_yet"


class DueState(StrEnum):
    """What became of a due instant."""

    PENDING = "pending"
    HELD = "held"
    ANNOUNCED = "announced"
    HISTORY = "history"
    """It had passed when we first heard of it, or while its procedure did not run: no event, no mail."""
    SKIPPED = "skipped"
    WITHDRAWN = "withdrawn"


class CheckedAs(StrEnum):
    """What came of asking a source again before a date speaks. That it happened shows in the milestone."""

    STANDS = "stands"
    """The source was read and still gives this date."""
    UNREADABLE = "unreadable"
    RELEASED = "released"
    """It could not be read, and an operator said to speak all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The hours and the calendar of one service (settings `[times]`)."""

    zone: ZoneInfo
    announce_at: time
    closes_at: time
    holidays: Container[date] = field(hash=False)

    def instant(self, day: date, hour: time) -> datetime:
        """Return the UTC instant of a civil day and hour; in an autumn fold the first of the two."""
        return datetime.combine(day, hour, tzinfo=self.zone).astimezone(UTC)

    def announcement(self, day: date) -> datetime:
        """Return the instant at which the dates of `day` are announced."""
        return self.instant(day, self.announce_at)

    def local_date(self, instant: datetime) -> date:
        """Return the civil date of an instant."""
        return instant.astimezone(self.zone).date()

    def is_working(self, day: date) -> bool:
        """Whether `day` is neither a weekend nor a bank holiday."""
        return day.weekday() < 5 and day not in self.holidays

    def working_day_on_or_before(self, day: date) -> date:
        """Move a reminder back to a day on which somebody reads it; dates themselves never shift."""
        while not self.is_working(day):
            day -= timedelta(days=1)
        return day

    def last_working_day_before(self, day: date) -> date:
        """Return the day of the last reminder for something that ends on `day`."""
        return self.working_day_on_or_before(day - timedelta(days=1))

    def working_day_after(self, day: date) -> date:
        """Return the first working day after `day`."""
        day += timedelta(days=1)
        while not self.is_working(day):
            day += timedelta(days=1)
        return day


@dataclass(frozen=True, slots=True, kw_only=True)
class DueInstant:
    """One instant at which a milestone speaks, with the civil date it stands for."""

    edge: Edge
    local_date: date
    zone: str
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDue:
    """A due instant as stored, for one milestone."""

    id: int
    milestone_key: str
    instant: DueInstant
    state: DueState


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDue:
    """A due instant to store."""

    milestone_key: str
    instant: DueInstant
    state: DueState


@dataclass(frozen=True, slots=True, kw_only=True)
class DueUpdate:
    """A stored due instant that changes."""

    id: int
    instant: DueInstant
    state: DueState


@dataclass(frozen=True, slots=True, kw_only=True)
class Arming:
    """What to write so that the stored due instants are those of the present schedule."""

    new: tuple[NewDue, ...]
    updates: tuple[DueUpdate, ...]


def closing_instant(milestone: Milestone, rules: Rules) -> datetime | None:
    """Return when the time to act ends: at the hour the source states, else at the usual one."""
    if not milestone.kind.spans or milestone.dates.end is None:
        return None
    return rules.instant(milestone.dates.end, milestone.dates.closes_at or rules.closes_at)


def derive(milestone: Milestone, rules: Rules) -> tuple[DueInstant, ...]:
    """Return every instant at which `milestone` speaks; none unless its day is known and it stands."""
    dates = milestone.dates
    if dates.precision is not Precision.DAY or dates.start is None:
        return ()
    if milestone.state is MilestoneState.WITHDRAWN:
        return ()
    if milestone.kind.spans:
        return tuple(_span(milestone, dates.start, rules))
    reached = _at(Edge.REACHED, dates.start, rules)
    if milestone.kind is not MilestoneKind.PUBLICATION or milestone.state is MilestoneState.REACHED:
        return (reached,)
    return (reached, _at(Edge.NOT_YET, rules.working_day_after(dates.start), rules))


def _span(milestone: Milestone, start: date, rules: Rules) -> Iterable[DueInstant]:
    yield _at(Edge.OPENS, start, rules)
    end = milestone.dates.end
    closes = closing_instant(milestone, rules)
    if end is None or closes is None:
        return
    last = rules.last_working_day_before(end)
    first = rules.working_day_on_or_before(end - FIRST_REMINDER)
    if first - start >= REMINDER_AFTER_OPENING and first < last:
        yield _at(Edge.CLOSING_7, first, rules)
    if last > start:
        yield _at(Edge.CLOSING_1, last, rules)
    yield DueInstant(edge=Edge.CLOSES, local_date=end, zone=rules.zone.key, due_at=closes)


def _at(edge: Edge, day: date, rules: Rules) -> DueInstant:
    return DueInstant(edge=edge, local_date=day, zone=rules.zone.key, due_at=rules.announcement(day))


def arm(
    milestones: Sequence[Milestone],
    stored: Sequence[StoredDue],
    *,
    counts: bool,
    held: bool,
    silent: bool,
    rules: Rules,
    now: datetime,
    lapsed: frozenset[str] = frozenset(),
) -> Arming:
    """Bring the stored due instants in line with `milestones`.

    `counts` is whether the procedure runs and is no draft: if not, nothing of it is due. `held` keeps its
    instants from speaking until released. `silent` is the first load of a source or a restart, when a
    consultation that is already open is not announced either (promises §1.6, §1.1). `lapsed` are the
    milestones whose change came to nothing before it was told: what fell due meanwhile is late, not history.
    """
    wanted = {
        (one.key, due.edge, due.local_date): (one, due)
        for one in milestones
        for due in (derive(one, rules) if counts else ())
    }
    known = {(row.milestone_key, row.instant.edge, row.instant.local_date): row for row in stored}
    new = tuple(
        NewDue(
            milestone_key=one.key,
            instant=due,
            state=_next_state(
                DueState.WITHDRAWN,
                passed=_has_passed(one, due, silent=silent, rules=rules, now=now),
                held=held or one.held,
            ),
        )
        for key, (one, due) in wanted.items()
        if key not in known
    )
    updates = _updates(known, wanted, held=held, silent=silent, lapsed=lapsed, rules=rules, now=now)
    return Arming(new=new, updates=tuple(updates))


def _has_passed(milestone: Milestone, due: DueInstant, *, silent: bool, rules: Rules, now: datetime) -> bool:
    """Whether it is too late to say; an opening that we learn of now is not, while people can still act."""
    closes = closing_instant(milestone, rules)
    found_open = due.edge is Edge.OPENS and closes is not None and now < closes
    return due.due_at <= now and (silent or not found_open)


def _updates(
    known: Mapping[tuple[str, Edge, date], StoredDue],
    wanted: Mapping[tuple[str, Edge, date], tuple[Milestone, DueInstant]],
    *,
    held: bool,
    silent: bool,
    lapsed: frozenset[str],
    rules: Rules,
    now: datetime,
) -> Iterable[DueUpdate]:
    for key, row in known.items():
        found = wanted.get(key)
        if found is None:
            open_still = row.state in (DueState.PENDING, DueState.HELD)
            state: DueState = DueState.WITHDRAWN if open_still else row.state
            instant = row.instant
        else:
            milestone, due = found
            passed = _has_passed(milestone, due, silent=silent, rules=rules, now=now)
            late = milestone.key in lapsed
            state = _next_state(row.state, passed=passed and not late, held=held or milestone.held)
            to_come = state in (DueState.PENDING, DueState.HELD)
            instant = due if to_come else row.instant
        if (state, instant) != (row.state, row.instant):
            yield DueUpdate(id=row.id, instant=instant, state=state)


def _next_state(state: DueState, *, passed: bool, held: bool) -> DueState:
    if state is DueState.WITHDRAWN:
        if passed:
            return DueState.HISTORY
        return DueState.HELD if held else DueState.PENDING
    if state is DueState.PENDING and held:
        return DueState.HELD
    if state is DueState.HELD and not held:
        return DueState.PENDING
    return state
