"""Days as people type them: read where they are certain, guessed at where somebody is to be asked. Pure."""

import re
from datetime import date

from notifier.procedures.date_words import DateError
from notifier.procedures.dates import read_dates
from notifier.procedures.model import Precision

_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_YEAR_FIRST = re.compile(r"(\d{4})[/.-](\d{1,2})[/.-](\d{1,2})")
YEARS = range(1990, 2100)


def read_day(text: str) -> date | None:
    """Return the day that "2022-09-01" is; None for everything else."""
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return found if found.year in YEARS else None


def guess_day(text: str, today: date) -> date | None:
    """Guess a day from the ways in which people write one; day before month, as in Britain."""
    if found := _YEAR_FIRST.search(text):
        return _real(*(int(part) for part in found.groups()))
    if found := _DAY_FIRST.search(text):
        day, month, year = (int(part) for part in found.groups())
        return _real(year, month, day)
    try:
        dates = read_dates(text, today=today)
    except DateError:
        return None
    return dates.start if dates.precision is Precision.DAY else None


def _real(year: int, month: int, day: int) -> date | None:
    """Return the day; the last of its month where that has not so many."""
    if year not in YEARS or not 1 <= month <= 12 or not 1 <= day <= 31:
        return None
    while True:
        try:
            return date(year, month, day)
        except ValueError:
            day -= 1
