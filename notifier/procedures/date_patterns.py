"""The shapes in which dates are written, and finding one at the end of a text. Pure; decides no meaning.

Every pattern is bounded, and sees only the last characters of a text, so time grows no faster than the text.
"""

import re
from dataclasses import dataclass

TAIL = 160
"""Characters at the end of a row in which its date is looked for; the longest range in use has about 90."""

_FLAGS = re.ASCII | re.IGNORECASE

# "#" becomes the number of the date within a range.
_WEEKDAY = r"(?:\b(?P<weekday#>mon|tue|wed|thu|fri|sat|sun)(?:s|nes|rs|r|ur)?(?:day)?\b,? )?"
_DAY = r"(?<![\w/.])(?P<day#>\d{1,2})(?:st|nd|rd|th)?"
_MONTH = r"(?: (?:of )?(?P<month#>[a-z]{3,12})\b\.?,?(?: '?(?P<year#>\d{1,6}))?)"
_TIME = r"(?:,? \(?(?:at )?(?P<time#>\d{1,2}(?:[:.]\d\d)? ?[ap]m|\d{1,2}[:.]\d\d)\)?)?"
_FIRST = (_WEEKDAY + _DAY + _MONTH + "?" + _TIME).replace("#", "1")
_LAST = (_WEEKDAY + _DAY + _MONTH + _TIME).replace("#", "2") + r"\.?$"
_RANGE = re.compile(rf"{_FIRST}(?: ?- ?| to | until ){_LAST}", _FLAGS)
_SINGLE = re.compile(_LAST, _FLAGS)
_MONTH_ONLY = re.compile(
    r"(?<![\w/.])(?:(?:early|mid|late|beginning|middle|end)(?: of)?[ -])?"
    r"(?:(?P<month1>[a-z]{3,9})\.?(?: (?P<year1>\d{4}))?(?: ?- ?| to ))?"
    r"(?P<month2>[a-z]{3,9})\.?,? (?P<year2>\d{4})\.?$",
    _FLAGS,
)
_UNSET = re.compile(
    r"(?<![\w/])\(?(?:(?:a |the )?date )?(?:tb[acd]"
    r"|to be (?:confirmed|announced|agreed|arranged|decided|determined)"
    r"|not (?:yet )?(?:known|set|confirmed|available)"
    r"|(?:(?:early|mid|late|end of)[ -])?(?:spring|summer|autumn|winter|q[1-4])(?: of)?,? \d{4}"
    r"|(?:early|mid|late|end of)[ -]\d{4})\)?\.?$",
    _FLAGS,
)
_ABOUT = re.compile(
    r"\b(?:w/?c|wk|(?:in )?(?:the )?week (?:commencing|beginning|of|starting)"
    r"|around|about|approximately|circa)[.:]? ?$",
    re.IGNORECASE,
)
_MARKS = re.compile(r"</?(?:strong|b|em|i|u|span|p)(?: [^<>]{0,200})?>|\*\*|__", re.IGNORECASE)
_SPACES = re.compile(r"<br ?/?>|&nbsp;|&#160;|&#xa0;", re.IGNORECASE)
_EMPHASIS = re.compile(r"(?<!\w)([*_])(?! )([^*_]{1,160})(?<! )\1(?!\w)")
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-")
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One date as it stands in a text, not yet believed. `text` is what an error quotes."""

    text: str
    day: int
    month: str | None
    year: str | None
    weekday: str | None
    time: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayShape:
    """A day, or a range of days when `first` is there."""

    at: int
    first: Written | None
    last: Written


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthShape:
    """A month and its year, or a range of months when `first` is there; a first year may be left out."""

    at: int
    text: str
    first: tuple[str, str | None] | None
    first_ends_at: int
    last: tuple[str, str]


def clean(text: str) -> str:
    """Make one line of `text`: single spaces (also for no-break ones), plain dashes, no bold marks."""
    bare = _EMPHASIS.sub(r"\2", _MARKS.sub("", _SPACES.sub(" ", text)))
    return " ".join(bare.translate(_DASHES | _INVISIBLE).split())


def range_at_end(text: str) -> DayShape | None:
    """Find two joined days at the end of cleaned text; the first may lack its month and year."""
    return _days(_RANGE, text)


def day_at_end(text: str) -> DayShape | None:
    """Find one day at the end of cleaned text."""
    return _days(_SINGLE, text)


def month_at_end(text: str) -> MonthShape | None:
    """Find a word and a year of four digits at the end of cleaned text, or two such joined."""
    skipped = max(0, len(text) - TAIL)
    found = _MONTH_ONLY.search(text[skipped:])
    if found is None:
        return None
    return MonthShape(
        at=skipped + found.start(),
        text=found[0],
        first=(found["month1"], found["year1"]) if found["month1"] else None,
        first_ends_at=skipped + found.start("month2"),
        last=(found["month2"], found["year2"]),
    )


def unset_at_end(text: str) -> int | None:
    """Return where words for "not yet set" begin at the end of cleaned text: "TBC", "Spring 2023"."""
    skipped = max(0, len(text) - TAIL)
    found = _UNSET.search(text[skipped:])
    return None if found is None else skipped + found.start()


def about_at_end(text: str) -> int | None:
    """Return where words begin that make the date after them less than exact: "w/c", "around"."""
    skipped = max(0, len(text) - TAIL)
    found = _ABOUT.search(text[skipped:])
    return None if found is None else skipped + found.start()


def _days(pattern: re.Pattern[str], text: str) -> DayShape | None:
    skipped = max(0, len(text) - TAIL)
    found = pattern.search(text[skipped:])
    if found is None:
        return None
    first = _written(found, "1") if pattern is _RANGE else None
    return DayShape(at=skipped + found.start(), first=first, last=_written(found, "2"))


def _written(found: re.Match[str], number: str) -> Written:
    month, year = found["month" + number], found["year" + number]
    end = found.end(("year" if year else "month" if month else "day") + number)
    return Written(
        text=found.string[found.start("day" + number) : end],
        day=int(found["day" + number]),
        month=month,
        year=year,
        weekday=found["weekday" + number],
        time=found["time" + number],
    )
