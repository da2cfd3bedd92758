"""The words of a written date: months, years, times of day; and what to say of one that cannot be. Pure."""

import difflib
import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import date, time

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

_NUMBERS = {
    spelling: number
    for number, name in enumerate(MONTHS, start=1)
    for spelling in (name.lower(), name[:3].lower(), *(("sept",) if name == "September" else ()))
}

_TIME = re.compile(r"(?P<hour>\d{1,2})(?:[:.](?P<minute>\d\d))? ?(?P<half>[ap]m)?", re.ASCII | re.IGNORECASE)


class DateError(ValueError):
    """Text that means to be a date and is none.

    `found` is the text, `reason` why it is no date, `probably` what was meant, where that can be guessed. The
    guess is for a person to accept: nothing acts on it.
    """

    def __init__(self, found: str, reason: str, probably: str | None = None) -> None:
        self.found = found
        self.reason = reason
        self.probably = probably
        guess = f"; did you mean {probably}?" if probably else ""
        super().__init__(f'"{found}" is not a date: {reason}{guess}')


def say_day(day: date) -> str:
    """Write a day as bodies do, without depending on the process's locale: "8 September 2022"."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def month_number(word: str) -> int | None:
    """Return 1 to 12 for a month's name or usual abbreviation, in any case; None for another word."""
    return _NUMBERS.get(word.lower())


def month_meant(word: str) -> str | None:
    """Return the month that a misspelt or cut-off word is close to, if any."""
    names = [name.lower() for name in MONTHS]
    starts = [name for name in names if name.startswith(word.lower())]
    close = starts or difflib.get_close_matches(word.lower(), names, n=1, cutoff=0.75)
    return close[0].capitalize() if close else None


def day_within(day: int, month: int, year: int) -> date:
    """Return the day, or the one nearest to it that its month has."""
    return date(year, month, min(max(day, 1), monthrange(year, month)[1]))


def calendar_day(found: str, *, day: int, month: int, year: int) -> date:
    """Return the day; raise `DateError` when its month is shorter than that."""
    last = monthrange(year, month)[1]
    if 1 <= day <= last:
        return date(year, month, day)
    name = MONTHS[month - 1] + (f" {year}" if month == 2 else "")
    raise DateError(found, f"{name} has {last} days", say_day(day_within(day, month, year)))


def nearest_day(day: int, month: int, years: Sequence[int], today: date) -> str | None:
    """Return, in words, the day among `years` that lies nearest to today; None when none of them has it."""
    days = [date(year, month, day) for year in years if 1 <= day <= monthrange(year, month)[1]]
    return say_day(min(days, key=lambda each: abs(each - today))) if days else None


def read_time(text: str) -> time:
    """Read a time of day: "14:00", "5pm", "5.30 pm". Raise `DateError` for anything else."""
    written = _TIME.fullmatch(text.strip())
    if written is None or not (written["minute"] or written["half"]):
        raise DateError(text, "expected a time of day, such as 17:00 or 5pm")
    hour, half = int(written["hour"]), (written["half"] or "").lower()
    minute = int(written["minute"] or 0)
    if half and not 1 <= hour <= 12:
        raise DateError(text, "a time with am or pm has an hour from 1 to 12")
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    if hour > 23 or minute > 59:
        raise DateError(text, "a day ends at 23:59")
    return time(hour, minute)
