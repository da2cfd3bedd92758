"""The rows of a page's schedule, in whatever layout → labels and dates. Pure.

A label and its value stand on one line, in cells of their own, or on two lines. A value that its layout sets
apart and that is no date is kept as written: it is shown and never speaks. A line without a value is refused.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from notifier.procedures.date_patterns import clean
from notifier.procedures.date_words import DateError
from notifier.procedures.dates import read_dates, says_unset, split_row
from notifier.procedures.kinds import milestone_kind
from notifier.procedures.model import Dates, MilestoneKind, Precision
from notifier.sources.errors import SourceError, undated
from notifier.sources.nice.page_lines import Line, one_line

_ROW = 'a row of a schedule: a label, then a date, a month or TBC, such as "IPAC 1 08 September 2022"'
_MOST_LINES = 1000
"""Lines of a schedule. The longest known has 14 rows; a text beyond this is something else."""
_LONGEST_LABEL = 160
_LONGEST_VALUE = 300
_HEADER = frozenset(
    ("", "date", "dates", "key date", "key dates", "provisional date", "expected date", "when")
) | frozenset(
    ("stage", "key stage", "step", "milestone", "event", "activity", "label", "value", "item", "what")
)
_SENTENCE = re.compile(r"(?:please )?note\b.*|\S+(?: \S+){4,}[.!]", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]{1,2}")
"""What completes a label, as in "Committee meeting: 1"; a date it is not."""
_OPEN_END = re.compile(r"(?: ?[-\u2010-\u2015\u2212]| to| until)$")


@dataclass(frozen=True, slots=True)
class Schedule:
    """Labels with their dates, in order; `notes` is what a schedule says that is no row."""

    rows: tuple[tuple[str, Dates], ...]
    notes: tuple[Line, ...]


def read_schedule(lines: Sequence[Line], *, file: str, today: date) -> Schedule:
    """Read the lines of a schedule's section.

    Raise `SourceError` for a line that has no value, and for a date that cannot be.
    """
    full = [line for line in lines if line.text or line.cells]
    if len(full) > _MOST_LINES:
        expected = f"a schedule: it has more than {_MOST_LINES:,} lines"
        raise SourceError(file=file, line=full[_MOST_LINES].number, found=None, expected=expected)
    reader = _Reader(file, today, in_cells=any(line.cells for line in full))
    at = 0
    while at < len(full):
        at += reader.take(full[at], full[at + 1] if at + 1 < len(full) else None)
    return Schedule(tuple(reader.rows), tuple(reader.notes))


class _Reader:
    """Reads one schedule; `take` says how many lines belong together."""

    def __init__(self, file: str, today: date, *, in_cells: bool) -> None:
        self.rows: list[tuple[str, Dates]] = []
        self.notes: list[Line] = []
        self._file = file
        self._today = today
        self._in_cells = in_cells

    def take(self, line: Line, below: Line | None) -> int:
        if line.cells:
            self._take_cells(line)
            return 1
        if below is not None and (below.cells or below.level):
            below = None
        if below is not None and (row := self._broken(line, below)):
            self.rows.append(row)
            return 2
        if row := self._split(line):
            self.rows.append(row)
            return 1
        if below is not None and (row := self._above_a_date(line, below)):
            self.rows.append(row)
            return 2
        return self._take_text(line, below)

    def _take_text(self, line: Line, below: Line | None) -> int:
        """Take a line that is no row by itself, and no label of a date: what does its layout say of it?"""
        label, colon, value = line.text.rpartition(": ")
        if _SENTENCE.fullmatch(line.text):
            self.notes.append(line)
            return 1
        if (
            colon
            and not line.labels
            and _is_label(label)
            and not (_NUMBER.fullmatch(value) or milestone_label(value))
        ):
            self.rows.append((label.rstrip(" :"), Dates(as_written=clean(value))))
            return 1
        if below is not None and _is_label(line.text) and self._is_value(below, apart=line.labels):
            self.rows.append((line.text.rstrip(" :"), Dates(as_written=clean(below.text))))
            return 2
        if not self._in_cells or line.labels or milestone_label(line.text):
            raise SourceError(file=self._file, line=line.number, found=line.text, expected=_ROW)
        self.notes.append(line)
        return 1

    def _take_cells(self, line: Line) -> None:
        label, value = one_line(line.cells[0]).rstrip(" :"), one_line(" ".join(line.cells[1:]))
        label, dates = self._value(label, value, line)
        if dates.start is None and (line.header or {label.lower(), value.lower()} <= _HEADER):
            return
        if dates.start is None and label and self._value("", label, line)[1].start:
            label, dates = self._value(value, label, line)  # a table with its dates first
        if not label or len(label) > _LONGEST_LABEL or len(value) > _LONGEST_VALUE:
            raise SourceError(file=self._file, line=line.number, found=line.text, expected=_ROW)
        self.rows.append((label, dates))

    def _value(self, label: str, value: str, line: Line) -> tuple[str, Dates]:
        """Read a value that stands apart; of "1 08 March 2018" the first number belongs to the label."""
        try:
            dates = read_dates(value, today=self._today)
            if dates.start is None and label and value[:1].isdigit():
                numbered = split_row(f"{label}: {value}", today=self._today)
                if numbered is not None and re.fullmatch(r": \d{1,2}", numbered[0][len(label) :]):
                    return numbered
        except DateError as error:
            raise undated(error, file=self._file, line=line.number) from error
        return label, dates

    def _split(self, line: Line) -> tuple[str, Dates] | None:
        try:
            return split_row(line.text, today=self._today)
        except DateError as error:
            raise undated(error, file=self._file, line=line.number) from error

    def _broken(self, line: Line, below: Line) -> tuple[str, Dates] | None:
        """Join a row whose date goes on below: "Consultation 14 October" above "2022 - 11 November 2022"."""
        try:
            if not _OPEN_END.search(line.text) and read_dates(below.text, today=self._today).start:
                return None  # a date by itself, below its label
            row = split_row(f"{line.text} {below.text}", today=self._today)
        except DateError:
            return None
        goes_on = row is not None and len(row[1].as_written) > len(clean(below.text))
        return row if row and row[1].start and goes_on else None

    def _above_a_date(self, label: Line, below: Line) -> tuple[str, Dates] | None:
        """Join a label to the date below it; what is below must be a date and nothing else."""
        try:
            dates = read_dates(below.text, today=self._today)
        except DateError as error:
            if error.found == clean(below.text):
                raise undated(error, file=self._file, line=below.number) from error
            return None  # a row of its own, so that the line above it has no date
        name = label.text.rstrip(" :")
        if dates.start is None and not says_unset(below.text):
            numbered, dates = self._value(name, below.text, below)
            return (numbered, dates) if dates.start else None
        if dates.precision is Precision.MONTH and re.search(r"\d \d{1,2}$", name):
            expected = "a date: the number before the month may be a day"
            raise SourceError(
                file=self._file, line=label.number, found=f"{name} {below.text}", expected=expected
            )
        return name, dates

    def _is_value(self, line: Line, *, apart: bool) -> bool:
        """Whether a line below a label is its value, in words; `apart`: the label ends in a colon."""
        if line.labels or len(line.text) > _LONGEST_VALUE or _begins_with_a_step(line.text):
            return False
        try:
            return split_row(line.text, today=self._today) is None and (
                apart or not _SENTENCE.fullmatch(line.text)
            )
        except DateError:
            return False


def milestone_label(text: str) -> bool:
    """Whether a text names a step of a kind that is known, rather than saying when one is."""
    return milestone_kind(text, spans=False, process=None) is not MilestoneKind.OTHER


def _begins_with_a_step(text: str) -> bool:
    words = text.split()[:8]
    return any(milestone_label(" ".join(words[:count])) for count in range(1, len(words) + 1))


def _is_label(text: str) -> bool:
    return 0 < len(text) <= _LONGEST_LABEL and text[:1].isalnum() and not text.endswith((".", "!", "?"))
