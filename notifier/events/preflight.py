"""What asking the source again means for a date that has come: say it, on which basis, or not yet. Pure.

The source was asked outside any transaction, and what came of it was stored; here it is only weighed
(promises §1.2, §1.3 and §6).
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from notifier.events.model import Basis
from notifier.procedures.due import CheckedAs, DueInstant, Edge, Rules
from notifier.procedures.model import Milestone, MilestoneKind, MilestoneState
from notifier.settings import Unreadable

FRESH = timedelta(minutes=40)
"""How long what came of asking holds: somewhat longer than the earliest asking before a date."""

ASK_AGAIN = timedelta(minutes=15)
"""How often a source is asked for an opening that it does not show yet."""

NOT_ASKED_YET = timedelta(minutes=1)
"""How soon a date is looked at again that nobody has asked its source about."""

SEEN_BY = time(12)
"""Until when an opening that the source does not show is waited for on its day."""

_SEEN_TO_HAPPEN = (Edge.OPENS, Edge.REACHED)
"""What a milestone that was seen to happen proves; that it still closes on its day is asked like any date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What becomes of a date whose source cannot be read (settings `[watching]`)."""

    unreadable: Unreadable = Unreadable.SAY
    wait: timedelta = timedelta(hours=3)


SAY_IT = Policy()
"""The policy by default: a date is announced as scheduled, with words that say so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What is known of the source of a date. `watched`: it can be asked; then when, and what came of it."""

    watched: bool
    at: datetime | None = None
    as_: CheckedAs | None = None


UNWATCHED = Check(watched=False)
"""Nobody can be asked: the operator's own word, or a page that was imported by hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proceed:
    """Say it, on this basis. `unreadable_at` is when the source was asked in vain."""

    basis: Basis
    unreadable_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Ask again at `until`; `why` is for the log."""

    until: datetime
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Say nothing until somebody decides; `why` is for the log and for the staff."""

    why: str


def weigh(
    check: Check, due: DueInstant, milestone: Milestone, *, policy: Policy, rules: Rules, now: datetime
) -> Proceed | Wait | Hold:
    """Weigh what is known of the source of one date that has come."""
    seen = milestone.state is MilestoneState.REACHED
    if seen and (due.edge in _SEEN_TO_HAPPEN or not check.watched):
        return Proceed(basis=Basis.CONFIRMED)
    if not check.watched or check.as_ is CheckedAs.RELEASED:
        return Proceed(basis=Basis.SCHEDULED, unreadable_at=check.at)
    if check.at is None or now - check.at > FRESH:
        return Wait(until=now + NOT_ASKED_YET, why="the source was not asked yet")
    if check.as_ is CheckedAs.UNREADABLE:
        return _unreadable(check.at, due, policy, now)
    midday = rules.instant(due.local_date, SEEN_BY)
    if due.edge is Edge.OPENS and now < midday:
        return Wait(until=min(now + ASK_AGAIN, midday), why="the source does not show it yet")
    return Proceed(basis=Basis.CONFIRMED if seen else Basis.CHECKED)


def waits_for_publication(proceed: Proceed, due: DueInstant, milestone: Milestone) -> bool:
    """Whether the mail of an expected publication waits while its source is read through the day."""
    expected = due.edge is Edge.REACHED and milestone.kind is MilestoneKind.PUBLICATION
    return expected and proceed.basis is Basis.CHECKED


def _unreadable(at: datetime, due: DueInstant, policy: Policy, now: datetime) -> Proceed | Wait | Hold:
    if policy.unreadable is Unreadable.HOLD:
        return Hold(why="the source could not be read")
    if policy.unreadable is Unreadable.WAIT and now < due.due_at + policy.wait:
        return Wait(until=now + ASK_AGAIN, why="the source could not be read")
    return Proceed(basis=Basis.SCHEDULED, unreadable_at=at)
