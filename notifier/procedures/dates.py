"""Text → dates, as bodies write them: "08 September 2022", "26 February - 26 March 2007", "March 2023".

Pure. A date is anchored to the *end* of a row, because labels end in numbers: "IPAC 1 08 September 2022".
What looks like a date and cannot be one is refused, never repaired: a false day would be announced to many.
What does not look like a date is kept as text with an unknown date, which is shown and never speaks.
"""

import re
from calendar import isleap
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from notifier.procedures.date_patterns import (
    DayShape,
    MonthShape,
    Written,
    about_at_end,
    clean,
    day_at_end,
    month_at_end,
    range_at_end,
    unset_at_end,
)
from notifier.procedures.date_words import (
    DateError,
    calendar_day,
    day_within,
    month_meant,
    month_number,
    nearest_day,
    read_time,
    say_day,
)
from notifier.procedures.model import Dates, Precision

EARLIEST_YEAR = 1990
YEARS_AHEAD = 15
"""Years before or further ahead than these are not believed (promises §1.9): real records hold the year 1."""

_LONGEST_OVER_NEW_YEAR = 183
"""Days. A range without its first year may cross New Year; if longer, its end is before its start."""

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_NUMBERED = re.compile(r"(?:\bIPAC|\b(?:meeting|guidance|consultation):)$", re.IGNORECASE)
"""Labels that a small number completes: "IPAC 2 March 2023" may be IPAC 2 in March, or IPAC on 2 March."""

_SMALL_NUMBER = re.compile(r"[1-4](?P<dash> ?- ?| )")
_JOINING_WORD = re.compile(r"[ :](?:on|in|from)$", re.IGNORECASE)
_PROSE = re.compile(r"\. |\b(?:by|until|till|before|after|since|between|the|of|and|or|to)$", re.IGNORECASE)
_LONGEST_LABEL = 160
"""Characters; the longest label in use has 108. More is a sentence, and its dates are no milestones."""
_HALF_A_RANGE = re.compile(r"\d ?-$")


def read_dates(text: str, *, today: date) -> Dates:
    """Read a date, a range, a month or "TBC"; any other text has an unknown date and is kept as written.

    Raise `DateError` for a day that does not exist, a cut-off date and an end before its start.
    """
    line = clean(text)
    found = _at_end(line, today)
    return found[1] if found and found[0] == 0 else Dates(as_written=line)


def split_row(row: str, *, today: date) -> tuple[str, Dates] | None:
    """Split a schedule's row into its label and the dates at its end; None when it is not such a row.

    Raise `DateError` as `read_dates` does, and where a number may belong to the label or to the date.
    """
    line = clean(row).strip("| ")
    found = _at_end(line, today)
    if found is None:
        return None
    at, dates = found
    before = line[:at].rstrip("( ").lstrip("-*•| ")
    label = _JOINING_WORD.sub("", before.rstrip(" |:-")).rstrip(" |:-")
    if not label or len(label) > _LONGEST_LABEL or _PROSE.search(label):
        return None
    _refuse_two_readings(before, label, dates)
    return label, dates


def says_unset(text: str) -> bool:
    """Whether `text` is nothing but a way to say that no day or month is set: "TBC", "Spring 2023"."""
    return unset_at_end(clean(text)) == 0


def believable(year: int, today: date) -> bool:
    """Whether a year can be that of a schedule read on `today`."""
    return EARLIEST_YEAR <= year <= today.year + YEARS_AHEAD


def _at_end(line: str, today: date) -> tuple[int, Dates] | None:
    """Return where the dates at the end of a cleaned line begin, and what they are."""
    found = _as_if_exact(line, today)
    about = found and about_at_end(line[: found[0]])
    return found if about is None else (about, Dates(as_written=line[about:]))


def _as_if_exact(line: str, today: date) -> tuple[int, Dates] | None:
    days = _plausible_days(line)
    if days is not None:
        return days.at, replace(_read_days(days, today), as_written=line[days.at :])
    month = month_at_end(line)
    if month is not None and (month_number(month.last[0]) or month_meant(month.last[0])):
        return _read_months(month, today, line)
    unset = unset_at_end(line)
    if unset is None:
        return None
    provisional = _at_end(line[:unset].rstrip("( "), today)
    at = (
        provisional[0] if provisional else unset
    )  # "29 March 2023 (TBC)": one date, and not yet one to act on
    return at, Dates(as_written=line[at:])


def _plausible_days(line: str) -> DayShape | None:
    for shape in (range_at_end(line), day_at_end(line)):
        if shape is not None and all(map(_names_a_month, (shape.first, shape.last))):
            return shape
    return None


def _names_a_month(written: Written | None) -> bool:
    """Whether a number and a word mean to be a date: "Phase 2 meeting" does not, "12 Setpember" does."""
    if written is None or written.month is None:
        return True
    return bool(month_number(written.month) or month_meant(written.month))


def _read_days(shape: DayShape, today: date) -> Dates:
    last = shape.last
    end_year = _year(last, today)
    start_year = _year(shape.first, today) if shape.first and shape.first.year else end_year
    if not (believable(end_year, today) and believable(start_year, today)):
        return Dates()
    end = _day(last, last.month, end_year)
    closes_at = read_time(last.time) if last.time else None
    if shape.first is None:
        return Dates(start=end, precision=Precision.DAY, closes_at=closes_at)
    start = _start(shape.first, last, start_year, end)
    return Dates(start=start, end=end, precision=Precision.DAY, closes_at=closes_at)


def _start(first: Written, last: Written, year: int, end: date) -> date:
    start = _day(first, first.month or last.month, year)
    if start > end and first.month and not first.year:
        over_new_year = _day(first, first.month, year - 1)
        if (end - over_new_year).days <= _LONGEST_OVER_NEW_YEAR:
            return over_new_year
    if start <= end:
        return start
    reason = f"its end, {say_day(end)}, is before its start, {say_day(start)}"
    raise DateError(f"{first.text} - {last.text}", reason, _range_meant(start, end))


def _range_meant(start: date, end: date) -> str | None:
    """Return the range that was probably meant by one that ends before it starts.

    Two days of one year may stand the wrong way round, or the end may be a year short; which of the two gives
    a range of a likely length comes first.
    """
    swapped = (end, start) if start.year == end.year else None
    later = next((day for day in _same_day_of(end, (start.year, start.year + 1)) if day > start), None)
    guesses = [guess for guess in (swapped, later and (start, later)) if guess]
    likely = [guess for guess in guesses if (guess[1] - guess[0]).days <= _LONGEST_OVER_NEW_YEAR]
    said = [f"{say_day(one)} - {say_day(other)}" for one, other in likely or guesses[-1:]]
    return " or ".join(said) or None


def _same_day_of(day: date, years: Sequence[int]) -> Iterator[date]:
    return (day.replace(year=year) for year in years if (day.month, day.day) != (2, 29) or isleap(year))


def _year(written: Written, today: date) -> int:
    """Return the year; two digits are a year within a century of which the future is `YEARS_AHEAD` long."""
    digits = written.year or ""
    if len(digits) == 4:
        return int(digits)
    if len(digits) == 2 and digits not in ("19", "20"):
        this_century = today.year - today.year % 100 + int(digits)
        return this_century if this_century <= today.year + YEARS_AHEAD else this_century - 100
    month = month_number(written.month or "")
    years = [
        y for y in range(today.year - YEARS_AHEAD, today.year + YEARS_AHEAD) if str(y).startswith(digits)
    ]
    meant = nearest_day(written.day, month, years, today) if month else None
    reason = "a year has four digits" if len(digits) > 4 else "it is cut off before the end of its year"
    raise DateError(written.text, reason, meant)


def _day(written: Written, month: str | None, year: int) -> date:
    number = month_number(month or "")
    if number is None:
        meant = month_number(month_meant(month or "") or "")
        probably = say_day(day_within(written.day, meant, year)) if meant else None
        raise DateError(written.text, f'"{month}" is no month', probably)
    day = calendar_day(written.text, day=written.day, month=number, year=year)
    weekday = _WEEKDAYS[day.weekday()]
    if written.weekday and not weekday.lower().startswith(written.weekday.lower()):
        found = f"{written.weekday} {written.text}"
        raise DateError(found, f"that day is a {weekday}", f"{weekday} {say_day(day)}")
    return day


def _read_months(shape: MonthShape, today: date, line: str) -> tuple[int, Dates]:
    end = _month(*shape.last)
    first = shape.first if shape.first and month_number(shape.first[0]) else None
    at = shape.at if first or not shape.first else shape.first_ends_at
    start = _month(first[0], first[1] or str(end.year)) if first else end
    if not (believable(end.year, today) and believable(start.year, today)):
        return at, Dates(as_written=line[at:])
    if first and start > end and not first[1]:
        start = start.replace(year=end.year - 1)
    if start > end:
        raise DateError(shape.text, "its end is before its start")
    months = Dates(start=start, end=end if first else None, precision=Precision.MONTH)
    return at, replace(months, as_written=line[at:])


def _month(word: str, year: str) -> date:
    number = month_number(word)
    if number is None:
        meant = month_meant(word)
        raise DateError(f"{word} {year}", f'"{word}" is no month', meant and f"{meant} {year}")
    return date(max(int(year), 1), number, 1)


def _refuse_two_readings(before: str, label: str, dates: Dates) -> None:
    """Raise `DateError` where a number between label and date may belong to either."""
    text = dates.as_written
    if _plausible_days(before):
        raise DateError(f"{before} {text}", "two dates stand side by side", f"{before} - {text}")
    small = _SMALL_NUMBER.match(text)
    if small and ("-" in small["dash"] or _NUMBERED.search(before)):
        meant = f'"{label} 0{text}" or "{label} {text[0]}: {text[small.end() :]}"'
        raise DateError(f"{before} {text}", f"its {text[0]} may belong to the label or to the date", meant)
    if dates.precision is Precision.MONTH and before[-1].isdigit():
        meant = f'"{before}: {text}"'
        raise DateError(f"{before} {text}", "the number before the month may be a day", meant)
    if dates.precision is Precision.DAY and _HALF_A_RANGE.search(before):
        raise DateError(f"{before} {text}", "a range needs a date on each side of its dash")
