"""The dates of one procedure as a picture: where each bar and mark lies, in per cent of the width. Pure.

The table beside it says the same in words; the picture adds only how far apart things are.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from notifier.events.titles import clean
from notifier.events.wording import dates_words, month
from notifier.procedures.model import MilestoneState, Precision, Procedure

MOST_TICKS = 7
"""More names of months than this collide on a narrow screen."""

_STEPS = (1, 2, 3, 6, 12, 24, 60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One milestone. `width` 0 is a single day, drawn as a mark."""

    label: str
    left: float
    width: float
    over: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """The first day of a month, its short name, and the year where that is news."""

    left: float
    month: str
    year: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """All bars on one scale. `today` is None where today lies outside it; `words` is the text equivalent."""

    bars: Sequence[Bar]
    ticks: Sequence[Tick]
    today: float | None
    words: str


def picture(procedure: Procedure, today: date) -> Picture | None:
    """Draw the exact dates; None where there are fewer than two days to tell apart."""
    known = [
        (clean(one.label), one.dates.start, one.dates.end or one.dates.start, one.dates)
        for one in procedure.milestones
        if one.dates.precision is Precision.DAY
        and one.dates.start is not None
        and one.state is not MilestoneState.WITHDRAWN
    ]
    known.sort(key=lambda row: row[1])
    days = [day for _, start, end, _ in known for day in (start, end)]
    if len(set(days)) < 2:
        return None
    first = min(days).replace(day=1)
    last = _months_on(max(days).replace(day=1), 1)
    whole = (last - first).days

    def place(day: date) -> float:
        return round((day - first).days * 100 / whole, 2)

    bars = [
        Bar(
            label=label,
            left=place(start),
            width=0.0 if start == end else round(place(end + timedelta(days=1)) - place(start), 2),
            over=end < today,
        )
        for label, start, end, _ in known
    ]
    told = "; ".join(f"{label}, {dates_words(dates)}" for label, _, _, dates in known)
    return Picture(
        bars=bars,
        ticks=[
            Tick(left=place(day), month=month(day)[:3], year=_year(day, previous))
            for previous, day in pairwise([None, *_ticks(first, last)])
            if day is not None
        ],
        today=place(today) if first <= today < last else None,
        words=f"Timeline from {month(min(days))} to {month(max(days))}: {told}.",
    )


def _ticks(first: date, last: date) -> Iterator[date]:
    months = (last.year - first.year) * 12 + last.month - first.month
    step = next((one for one in _STEPS if months <= one * MOST_TICKS), _STEPS[-1])
    day = first
    while day < last:
        yield day
        day = _months_on(day, step)


def _year(day: date, previous: date | None) -> str:
    return "" if previous is not None and previous.year == day.year else str(day.year)


def _months_on(day: date, months: int) -> date:
    years, place = divmod(day.month - 1 + months, 12)
    return day.replace(year=day.year + years, month=place + 1)
