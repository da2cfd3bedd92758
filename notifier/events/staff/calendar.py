"""When the service's own staff are written to, and about which days. Pure (promises §2)."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from notifier.procedures.due import Rules

OUTLOOK_DAYS = 14


class StaffKind(StrEnum):
    """What is written to staff; the first part of a mailing's slot key, so the words stay."""

    LETTER = "staff"
    """What is due next, on each working day before something is due."""
    OUTLOOK = "outlook"
    """The next fourteen days, on the first working day of each week."""
    RECEIPT = "receipt"
    """What became of one mailing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffSlot:
    """One letter that is due on civil day `day`. It is about the days after it, up to and including `last`.

    `start` and `end` are the instants around those days, `end` not included.
    """

    kind: StaffKind
    key: str
    day: date
    last: date
    start: datetime
    end: datetime


def slots(now: datetime, *, letter_at: time, rules: Rules) -> tuple[StaffSlot, ...]:
    """Return the letters of today whose hour has come.

    A letter is late on its own day and is given up with it: it would be about a day that has begun.
    """
    today = rules.local_date(now)
    if not rules.is_working(today) or now < rules.instant(today, letter_at):
        return ()
    letter = _slot(StaffKind.LETTER, today, today, rules.working_day_after(today), rules)
    if not _begins_the_week(today, rules):
        return (letter,)
    monday = today - timedelta(days=today.weekday())
    ahead = today + timedelta(days=OUTLOOK_DAYS)
    return (letter, _slot(StaffKind.OUTLOOK, monday, today, ahead, rules))


def is_fresh(kind: StaffKind, written_at: datetime, now: datetime, *, rules: Rules) -> bool:
    """Whether a letter that was held up on its way still says what is true. A receipt always does."""
    return kind is StaffKind.RECEIPT or rules.local_date(written_at) == rules.local_date(now)


def kind_of(slot_key: str) -> StaffKind:
    """Return which kind of letter has this slot key."""
    return StaffKind(slot_key.partition(":")[0])


def _begins_the_week(day: date, rules: Rules) -> bool:
    """Whether `day` is a Monday, or the first day of work after a Monday that was none."""
    return not any(rules.is_working(day - timedelta(days=back)) for back in range(1, day.weekday() + 1))


def _slot(kind: StaffKind, named: date, day: date, last: date, rules: Rules) -> StaffSlot:
    return StaffSlot(
        kind=kind,
        key=f"{kind}:{named}",
        day=day,
        last=last,
        start=rules.instant(day + timedelta(days=1), time(0)),
        end=rules.instant(last + timedelta(days=1), time(0)),
    )
