"""The rows of a page's timeline, in whatever layout → what happened and when, newest first. Pure.

A timeline tells history: a date in it that cannot be read is left in its text, and refuses nothing.
"""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from notifier.procedures.date_words import DateError
from notifier.procedures.dates import read_dates
from notifier.procedures.model import Dates, Precision, TimelineEntry
from notifier.sources.errors import SourceError
from notifier.sources.nice.page_lines import Line, one_line

_MOST_LINES = 5000
"""Lines of a timeline. The longest known has some 60 rows."""
_MOST_WORDS = 12
"""Words that a date has at most: "Friday, 14 October 2022 (09:00) - Friday, 11 November 2022 (17:00)"."""

_HEADER = frozenset(
    ("", "date", "dates", "update", "updates", "event", "events", "key event", "key events", "stage")
)


def read_timeline(lines: Sequence[Line], *, file: str, today: date) -> tuple[TimelineEntry, ...]:
    """Read the lines of a timeline's section. Raise `SourceError` for one that is longer than any can be."""
    full = [line for line in lines if line.text or line.cells]
    if len(full) > _MOST_LINES:
        expected = f"a timeline: it has more than {_MOST_LINES:,} lines"
        raise SourceError(file=file, line=full[_MOST_LINES].number, found=None, expected=expected)
    entries = _Entries()
    for line in full:
        if line.cells:
            entries.add_row(line, today)
        else:
            entries.add_line(line, today)
    return newest_first(entries.done())


class _Entries:
    """Gathers what is told; the text of an entry may go on for several lines."""

    def __init__(self) -> None:
        self._found: list[tuple[Dates, list[str]]] = []
        self._goes_on = False

    def add_row(self, line: Line, today: date) -> None:
        """Take a row whose date stands in a cell of its own."""
        written, text = one_line(line.cells[0]), one_line(" ".join(line.cells[1:]))
        self._goes_on = False
        dates = _day(written.rstrip(" :"), today)
        if dates is not None:
            self._found.append((dates, [text]))
        elif not (line.header or {written.lower(), text.lower()} <= _HEADER):
            self._found.append((Dates(), [f"{written}: {text}" if written and text else written or text]))

    def add_line(self, line: Line, today: date) -> None:
        """Take a line: a date with its text, a date alone, or more text."""
        dated = date_at_start(line.text, today=today)
        if dated is not None:
            self._found.append((dated[0], [dated[1]] if dated[1] else []))
            self._goes_on = True
        elif self._found and (not self._found[-1][1] or (self._goes_on and not line.item)):
            self._found[-1][1].append(line.text)
        else:
            self._found.append((Dates(), [line.text]))
            self._goes_on = False

    def done(self) -> list[TimelineEntry]:
        return [TimelineEntry(start=day.start, end=day.end, text=" ".join(told)) for day, told in self._found]


def newest_first(entries: Sequence[TimelineEntry]) -> tuple[TimelineEntry, ...]:
    """Return the entries with the newest first; older pages begin with the oldest.

    An entry without a date stays below the one that it stood below, once the order is turned.
    """
    days = [each.end or each.start for each in entries if each.start]
    rising = sum(one < other for one, other in pairwise(days))
    falling = sum(one > other for one, other in pairwise(days))
    ordered = list(reversed(entries)) if rising > falling else list(entries)
    dated: list[tuple[date, TimelineEntry]] = []
    day = date.max
    for entry in ordered:
        day = entry.end or entry.start or day
        dated.append((day, entry))
    return tuple(entry for _, entry in sorted(dated, key=lambda each: each[0], reverse=True))


def date_at_start(text: str, *, today: date) -> tuple[Dates, str] | None:
    """Split a line that begins with a day or a range into that and the rest; None where no day stands there.

    The longest beginning that is a date counts: of "14 October - 11 November 2022 Consultation" the range.
    """
    words = text.split(None, _MOST_WORDS)
    if not any(word[:1].isdigit() for word in words[:2]):
        return None
    for count in range(min(len(words), _MOST_WORDS), 2, -1):
        dates = _day(" ".join(words[:count]).rstrip(" :|-–—,"), today)
        if dates is not None:
            return dates, one_line(" ".join(words[count:])).lstrip(":|-–—, ")
    return None


def _day(text: str, today: date) -> Dates | None:
    """Return the exact day or days that a text is, and nothing else."""
    try:
        dates = read_dates(text, today=today)
    except DateError:
        return None
    return dates if dates.precision is Precision.DAY else None
