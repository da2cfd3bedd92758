"""When gathered news is mailed: each morning at the announcement hour, and each Monday at the same (pure).

A slot is a civil day and its hour, so it keeps to the clocks of the service's zone through both changes of
the clocks.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from notifier.procedures.due import Rules
from notifier.subscriptions.model import Rhythm

GATHERING = (Rhythm.DAILY, Rhythm.WEEKLY)
"""The rhythms whose news waits for a slot."""

_NAMES = {Rhythm.DAILY: "daily", Rhythm.WEEKLY: "weekly"}
_STEPS = {Rhythm.DAILY: timedelta(days=1), Rhythm.WEEKLY: timedelta(weeks=1)}
_MONDAY = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One moment at which everybody of a rhythm is mailed what was gathered for them."""

    rhythm: Rhythm
    day: date
    at: datetime

    @property
    def name(self) -> str:
        """The kind of its mailing: "daily" or "weekly"."""
        return _NAMES[self.rhythm]

    @property
    def key(self) -> str:
        """What no two mailings share: "daily:2022-10-14"."""
        return f"{self.name}:{self.day}"


def rhythm_of(kind: str) -> Rhythm | None:
    """Return the rhythm whose slots are mailings of this kind; None for other mailings."""
    return next((rhythm for rhythm, name in _NAMES.items() if name == kind), None)


def last_slot(rhythm: Rhythm, now: datetime, rules: Rules) -> Slot:
    """Return the newest slot of a rhythm that has come by `now`."""
    day = rules.local_date(now)
    if rhythm is Rhythm.WEEKLY:
        day -= timedelta(days=(day.weekday() - _MONDAY) % 7)
    slot = Slot(rhythm=rhythm, day=day, at=rules.announcement(day))
    return slot if slot.at <= now else _slot_on(rhythm, day - _STEPS[rhythm], rules)


def next_slot(rhythm: Rhythm, now: datetime, rules: Rules) -> Slot:
    """Return the first slot of a rhythm after `now`."""
    return _slot_on(rhythm, last_slot(rhythm, now, rules).day + _STEPS[rhythm], rules)


def _slot_on(rhythm: Rhythm, day: date, rules: Rules) -> Slot:
    return Slot(rhythm=rhythm, day=day, at=rules.announcement(day))
