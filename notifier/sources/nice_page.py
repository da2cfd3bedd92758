"""A NICE project page, as plain text → a snapshot. Pure; of the layouts, `Label value` lines are read.

Also read: `Label: value`, and a label and its value on two lines. Dates in prose are never milestones.
"""

from collections.abc import Sequence
from datetime import date
from itertools import groupby

from notifier.procedures.date_patterns import clean
from notifier.procedures.date_words import DateError
from notifier.procedures.dates import read_dates, says_unset, split_row
from notifier.procedures.kinds import milestone_keys, milestone_kind
from notifier.procedures.model import Dates, Facts, Milestone, Precision, Snapshot
from notifier.procedures.status import read_status
from notifier.sources.errors import SourceError, undated
from notifier.sources.page_sections import (
    SCHEDULE_HEADING,
    Field,
    Line,
    Section,
    cut,
    fields,
    nearly_a_schedule,
)

_ROW = 'a row of a schedule: a label, then a date, a month or TBC, such as "IPAC 1 08 September 2022"'
_PAGE = "a NICE project page: it has neither a Status line nor a Provisional Schedule"


def read_page(text: str, *, name: str, reference: str, today: date) -> Snapshot:
    """Read the text of a project page whole. `name` is what errors call the file.

    The page says neither its title, its address nor its reference: title and link are None. A status that is
    not known is kept as written. `today` bounds the years that are believed.

    Raise `SourceError` for a text that is no project page, a schedule's row without a date, a date that
    cannot be, and two values under one label.
    """
    sections = cut(text)
    written = _by_name(sections[Section.FACTS], name)
    if "status" not in written and Section.SCHEDULE not in sections:
        first = next((line for lines in sections.values() for line in lines if line.text), None)
        raise SourceError(
            file=name,
            line=first.number if first else 1,
            found=first.text if first else "",
            expected=_PAGE,
        )
    _refuse_misspelt_heading(sections, name)
    rows = _rows(sections.get(Section.SCHEDULE, []), name, today)
    facts = _facts(written, name, today, _email(sections.get(Section.ENQUIRIES, [])))
    return Snapshot(reference=reference, facts=facts, milestones=_milestones(rows, facts.process))


def _refuse_misspelt_heading(sections: dict[Section, list[Line]], file: str) -> None:
    line = nearly_a_schedule(sections[Section.FACTS]) if Section.SCHEDULE not in sections else None
    if line is not None:
        expected = "a heading of a project page"
        raise SourceError(
            file=file, line=line.number, found=line.text, expected=expected, probably=SCHEDULE_HEADING
        )


def _by_name(lines: list[Line], file: str) -> dict[str, Field]:
    known: dict[str, Field] = {}
    for field in fields(lines):
        before = known.setdefault(field.name, field)
        if _value(before) != _value(field):
            expected = f'the only value: line {before.lines[0].number} says "{_value(before)}"'
            raise SourceError(file=file, line=field.lines[0].number, found=_value(field), expected=expected)
    return known


def _value(field: Field | None) -> str | None:
    """Return the value of a field; None where the page has none. Paragraphs stay apart by an empty line."""
    parts = groupby(field.lines if field else (), key=lambda line: line.text != "")
    return "\n\n".join(" ".join(line.text for line in lines) for full, lines in parts if full) or None


def _facts(written: dict[str, Field], file: str, today: date, email: str | None) -> Facts:
    status = _value(written.get("status"))
    return Facts(
        status=read_status(status) if status else None,
        status_as_written=status,
        decision=_value(written.get("decision")),
        process=_value(written.get("process")) or _value(written.get("developed_as")),
        technology_type=_value(written.get("technology_type")),
        id_number=_value(written.get("id_number")),
        description=_value(written.get("description")),
        email=email,
        referral_date=_referral(written.get("referral_date"), file, today),
    )


def _referral(field: Field | None, file: str, today: date) -> date | None:
    """Return the day of referral; older pages give a month, which is no day."""
    text = _value(field)
    if field is None or text is None:
        return None
    try:
        dates = read_dates(text, today=today)
    except DateError as error:
        raise undated(error, file=file, line=field.lines[-1].number) from error
    return dates.start if dates.precision is Precision.DAY else None


def _email(lines: list[Line]) -> str | None:
    words = (word.strip("<>()[],;:.").removeprefix("mailto:") for line in lines for word in line.text.split())
    return next((word for word in words if _is_address(word)), None)


def _is_address(word: str) -> bool:
    local, at, domain = word.partition("@")
    return bool(local and at and "." in domain and "@" not in domain and word.isascii())


def _rows(lines: list[Line], file: str, today: date) -> list[tuple[str, Dates]]:
    """Return the label and dates of each row; a label may stand on the line above its date."""
    rows: list[tuple[str, Dates]] = []
    label: Line | None = None
    for line in lines:
        if not line.text:
            continue
        if label is not None:
            rows.append(_row(label, line, file, today))
            label = None
            continue
        try:
            row = split_row(line.text, today=today)
        except DateError as error:
            raise undated(error, file=file, line=line.number) from error
        if row is None:
            label = line
        else:
            rows.append(row)
    if label is not None:
        raise SourceError(file=file, line=label.number, found=label.text, expected=_ROW)
    return rows


def _row(label: Line, below: Line, file: str, today: date) -> tuple[str, Dates]:
    """Join a label to the date below it; what is below must be a date and nothing else."""
    try:
        dates = read_dates(below.text, today=today)
    except DateError as error:
        if error.found == clean(below.text):
            raise undated(error, file=file, line=below.number) from error
        dates = Dates()  # a row of its own, so that the line above it has no date
    if dates.start is None and not says_unset(below.text):
        raise SourceError(file=file, line=label.number, found=label.text, expected=_ROW)
    return label.text.rstrip(" :"), dates


def _milestones(rows: Sequence[tuple[str, Dates]], process: str | None) -> tuple[Milestone, ...]:
    keys = milestone_keys([label for label, _ in rows])
    return tuple(
        Milestone(
            key=key,
            label=label,
            kind=milestone_kind(label, spans=dates.end is not None, process=process),
            dates=dates,
        )
        for key, (label, dates) in zip(keys, rows, strict=True)
    )
