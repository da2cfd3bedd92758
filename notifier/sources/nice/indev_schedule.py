"""The rows of a record of NICE's in-development feed → milestones and timeline. Pure."""

import re
from collections.abc import Sequence

from notifier.procedures.date_words import DateError
from notifier.procedures.dates import believable, read_dates
from notifier.procedures.kinds import milestone_keys, milestone_kind
from notifier.procedures.model import Dates, Milestone, MilestoneKind, Precision, TimelineEntry
from notifier.sources.errors import SourceError
from notifier.sources.nice.indev_record import Record
from notifier.sources.nice.markup import one_line
from notifier.sources.records import add_problem

PUBLICATION = "Expected publication"
"""What pages call the day that a record holds as its PublishedDate."""

Row = tuple[str, Dates]


def read_schedule(record: Record) -> tuple[list[Row], list[SourceError]]:
    """Return the label and dates of each row that is not hidden, and every row that cannot be understood."""
    rows: list[Row] = []
    problems: list[SourceError] = []
    for row in _visible(record, "provisional-schedule"):
        try:
            read = _row(row)
        except SourceError as error:
            add_problem(problems, error)
            continue
        rows += [read] if read else []
    return rows, problems


def with_publication(rows: Sequence[Row], published: Dates | None, process: str | None) -> list[Row]:
    """Add the record's own day of publication to a schedule that has no row for it."""
    has_one = any(_kind(row, process) is MilestoneKind.PUBLICATION for row in rows)
    return [*rows, (PUBLICATION, published)] if published and not has_one else list(rows)


def published_date(record: Record) -> Dates | None:
    """Return the day of publication, past or expected; one in an unbelievable year is unknown, as written."""
    stamp = record.stamp("PublishedDate")
    if stamp is None:
        return None
    if not believable(stamp.year, record.reading.today):
        return Dates(as_written=one_line(record.raw("PublishedDate") or ""))
    return Dates(start=stamp.date(), precision=Precision.DAY, as_written=stamp.date().isoformat())


def milestones(rows: Sequence[Row], process: str | None) -> tuple[Milestone, ...]:
    """Name the rows of a schedule, in their order."""
    keys = milestone_keys([label for label, _ in rows])
    return tuple(
        Milestone(key=key, label=row[0], kind=_kind(row, process), dates=row[1])
        for key, row in zip(keys, rows, strict=True)
    )


def read_timeline(record: Record) -> tuple[TimelineEntry, ...]:
    """Return what has happened, newest first; old records are written the other way round."""
    entries = [_entry(row) for row in _visible(record, "timeline")]
    days = [entry.start for entry in entries if entry.start]
    if days and days[0] < days[-1]:
        entries.reverse()
    return tuple(entries)


def _visible(record: Record, kind: str) -> list[Record]:
    rows = [row for each in record.inner(f"{kind}-list") for row in each.inner(kind)]
    return [row for row in rows if row.values.get("Hidden") is not True]


def _row(row: Record) -> Row | None:
    label, written = (row.line("Column1") or "").rstrip(" :"), row.raw("Column2") or ""
    if not label:
        if not one_line(written):
            return None
        raise row.refuse("Column1", expected="a label beside its date")
    try:
        return _numbered(label, row), read_dates(one_line(written), today=row.reading.today)
    except DateError as error:
        raise row.refuse(
            "Column2", found=error.found, expected=f"a date: {error.reason}", probably=error.probably
        ) from error


def _numbered(label: str, row: Record) -> str:
    """Complete "Committee meeting" by its number, which some rows hold beside it and others in it."""
    number = row.line("AdditionalInfo") or ""
    if row.line("AdditionalInfoLabel") != "Meeting number" or not re.fullmatch(r"[1-9]\d?", number, re.ASCII):
        return label
    if label[-1:].isdigit() or re.search(rf"\b{number}(?:st|nd|rd|th)?\b", label):
        return label
    return f"{label}: {number}"


def _entry(row: Record) -> TimelineEntry:
    when, text = row.line("Column1") or "", row.line("Column2") or ""
    try:
        dates = read_dates(when, today=row.reading.today)
    except DateError:
        dates = Dates()
    if dates.precision is Precision.DAY:
        return TimelineEntry(start=dates.start, end=dates.end, text=_numbered(text, row))
    return TimelineEntry(start=None, end=None, text=": ".join(each for each in (when, text) if each))


def _kind(row: Row, process: str | None) -> MilestoneKind:
    label, dates = row
    return milestone_kind(label, spans=dates.end is not None, process=process)
