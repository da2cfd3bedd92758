"""What to say of a due instant, now: pure policy (promises §1.1, §1.2, §1.7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from notifier.events.model import Basis, DateChange, EventKind, Payload
from notifier.events.preflight import (
    SAY_IT,
    UNWATCHED,
    Check,
    Hold,
    Policy,
    Proceed,
    Wait,
    waits_for_publication,
    weigh,
)
from notifier.procedures.due import (
    REMINDER_AFTER_OPENING,
    DueInstant,
    Edge,
    Rules,
    closing_instant,
)
from notifier.procedures.model import (
    Dates,
    Milestone,
    MilestoneKind,
    MilestoneState,
    Precision,
    Status,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Record an event. `late_days` counts civil days since the instant's day; `learnt` is set when the
    milestone's present dates became known only after the instant; `unreadable_at` is when its source was
    asked in vain.
    """

    kind: EventKind
    basis: Basis
    mail: bool
    late_days: int
    learnt: bool
    unreadable_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """Say nothing; `why` is for the log."""

    why: str


_REACHED_AS = {
    MilestoneKind.MEETING: EventKind.MEETING,
    MilestoneKind.PUBLICATION: EventKind.EXPECTED,
}

_EDGE_KINDS = {
    Edge.OPENS: EventKind.OPENED,
    Edge.CLOSING_7: EventKind.CLOSING_SOON,
    Edge.CLOSING_1: EventKind.CLOSING_SOON,
    Edge.CLOSES: EventKind.CLOSED,
    Edge.NOT_YET: EventKind.NOT_YET,
}


def decide(
    due: DueInstant,
    milestone: Milestone,
    *,
    status: Status,
    known_since: datetime,
    opening_told_at: datetime | None,
    rules: Rules,
    now: datetime,
    check: Check = UNWATCHED,
    policy: Policy = SAY_IT,
) -> Say | Skip | Wait | Hold:
    """Decide about one due instant that has come.

    `known_since` is when the milestone got its present dates; `opening_told_at` is when the opening of the
    same range was recorded, if it was; `check` is what came of asking its source again.
    """
    if not status.running:
        return Skip(why=f"status {status}")
    if due.edge in (Edge.CLOSING_7, Edge.CLOSING_1):
        skip = _skip_reminder(due, milestone, opening_told_at, rules, now)
        if skip is not None:
            return skip
    if due.edge is Edge.NOT_YET and milestone.state is MilestoneState.REACHED:
        return Skip(why="published")
    weighed = weigh(check, due, milestone, policy=policy, rules=rules, now=now)
    if not isinstance(weighed, Proceed):
        return weighed
    today = rules.local_date(now)
    waits = waits_for_publication(weighed, due, milestone)
    return Say(
        kind=_kind(due.edge, milestone),
        basis=weighed.basis,
        mail=_mail_is_useful(due, milestone, today, rules, now) and not waits,
        unreadable_at=weighed.unreadable_at,
        late_days=max(0, (today - due.local_date).days) if known_since <= due.due_at else 0,
        learnt=known_since > due.due_at,
    )


def _kind(edge: Edge, milestone: Milestone) -> EventKind:
    if edge is Edge.REACHED:
        seen = milestone.state is MilestoneState.REACHED
        if seen and milestone.kind is MilestoneKind.PUBLICATION:
            return EventKind.PUBLISHED
        return _REACHED_AS.get(milestone.kind, EventKind.REACHED)
    return _EDGE_KINDS[edge]


def _skip_reminder(
    due: DueInstant, milestone: Milestone, opening_told_at: datetime | None, rules: Rules, now: datetime
) -> Skip | None:
    """A reminder goes never after the close, never beside a later one, never on the heels of the opening."""
    closes = closing_instant(milestone, rules)
    if closes is None or now >= closes:
        return Skip(why="closed")
    if due.edge is Edge.CLOSING_7:
        # In civil days, as reminders are derived: a sweep's delay or a night of 23 hours is no matter.
        if opening_told_at is not None and (
            rules.local_date(now) - rules.local_date(opening_told_at) < REMINDER_AFTER_OPENING
        ):
            return Skip(why="the opening was told less than three days ago")
        last = _last_reminder_day(milestone, rules)
        if last is not None and rules.announcement(last) <= now:
            return Skip(why="the last reminder is due too")
    return None


def _last_reminder_day(milestone: Milestone, rules: Rules) -> date | None:
    end = milestone.dates.end
    return None if end is None else rules.last_working_day_before(end)


def _mail_is_useful(due: DueInstant, milestone: Milestone, today: date, rules: Rules, now: datetime) -> bool:
    """Whether somebody can still do something with it (promises §1.7)."""
    if due.edge is Edge.OPENS:
        closes = closing_instant(milestone, rules)
        return today == due.local_date if closes is None else now < closes
    if due.edge in (Edge.CLOSING_7, Edge.CLOSING_1, Edge.NOT_YET):
        return True
    return today == due.local_date


def still_useful(
    kind: EventKind, payload: Payload, *, rules: Rules, now: datetime, in_digest: bool = False
) -> bool:
    """Whether a mail that was held up on its way still helps its reader (promises §1.7).

    Reminders go never after the close, an opening while it is open, what happens on a day on that day; but
    a digest tells what happened since the last one, on whatever day.
    """
    if kind in (EventKind.OPENED, EventKind.CLOSING_SOON):
        if payload.deadline is None or payload.closes_at is None:
            return True
        return now < rules.instant(payload.deadline, payload.closes_at)
    if kind in (EventKind.CLOSED, EventKind.MEETING, EventKind.REACHED, EventKind.EXPECTED):
        return in_digest or rules.local_date(now) == payload.day
    return True


def change_mail_is_useful(rows: Sequence[DateChange], *, today: date) -> bool:
    """Whether a changed schedule is still news: a new date lies ahead, or a date is gone (promises §1.7)."""
    return any(row.new is None or not _is_past(row.new, today) for row in rows)


def _is_past(dates: Dates, today: date) -> bool:
    last = dates.end or dates.start
    if last is None:
        return False
    return last < (today.replace(day=1) if dates.precision is Precision.MONTH else today)
