"""A NICE project page, as plain text, Markdown or HTML → a snapshot. Pure.

The same page gives the same snapshot in every layout in which these pages circulate: `Label value` lines,
`Label | value |`, a label above its value, lists, tables, and the HTML itself. Dates in prose are never
milestones, and the names of a project team are not read.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from notifier.procedures.date_words import DateError
from notifier.procedures.dates import read_dates
from notifier.procedures.kinds import milestone_keys, milestone_kind
from notifier.procedures.model import Dates, Facts, Milestone, Passage, Precision, Snapshot, Status
from notifier.procedures.status import read_status
from notifier.sources.errors import SourceError, undated
from notifier.sources.nice.page_fields import Field, fields
from notifier.sources.nice.page_head import Head, read_head, reference_in
from notifier.sources.nice.page_html import is_html, read_html
from notifier.sources.nice.page_lines import MOST_LINES, Document, Line, mail_addresses, text_lines, tidy
from notifier.sources.nice.page_schedule import read_schedule
from notifier.sources.nice.page_sections import SCHEDULE_HEADING, Kind, Section, cut, nearly_a_schedule
from notifier.sources.nice.page_timeline import read_timeline

_PAGE = "a NICE project page: it has neither a Status line nor a Provisional Schedule"
_REFERENCE = (
    "a page that says its reference, such as GID-IPG10158: give it with --reference, "
    'or as "reference" of the source'
)


def read_page(
    text: str, *, name: str, reference: str | None, today: date, address: str | None = None
) -> Snapshot:
    """Read a project page whole. `name` is what errors call it; `today` bounds the years that are believed.

    `reference` None: it is taken from the page, then from the `address` that the page was read from. A status
    that is not known is kept as written. The title is None where the page has none.

    Raise `SourceError` for a text that is no project page or is cut, a schedule's row without a value, a date
    that cannot be, two values under one label, and a page without a reference.
    """
    document = _document(tidy(text), name)
    sections = cut(document.lines)
    head = read_head(sections[0].lines)
    found = list(_fields(sections))
    written = _by_name(found, name)
    _refuse_other_pages(document, sections, written, name)
    schedule = read_schedule(_lines(sections, Kind.SCHEDULE), file=name, today=today)
    facts = _facts(written, head, _email(sections), address, name, today)
    stated = _value(written, "reference")
    return Snapshot(
        reference=_reference(reference, head, stated, (*document.addresses, address), name),
        facts=facts,
        milestones=_milestones(schedule.rows, facts.process),
        timeline=read_timeline(_lines(sections, Kind.TIMELINE), file=name, today=today),
        passages=_passages(sections, head, found, schedule.notes),
    )


def _document(text: str, name: str) -> Document:
    if is_html(text):
        return read_html(text, name=name)
    if text.count("\n") > MOST_LINES:
        expected = f"a project page: it has more than {MOST_LINES:,} lines"
        raise SourceError(file=name, line=MOST_LINES, found=None, expected=expected)
    return Document(tuple(text_lines(text)))


def _lines(sections: Iterable[Section], kind: Kind) -> list[Line]:
    return [line for section in sections if section.kind is kind for line in section.lines]


def _fields(sections: Sequence[Section]) -> Iterator[Field]:
    """Yield the facts of all sections; below those in which the first are, a label must be marked as one."""
    plain = True
    for section in sections:
        if section.kind is Kind.FACTS:
            found = list(fields(section.lines, plain=plain))
            plain = plain and not any(field.name for field in found)
            yield from found


def _by_name(found: Iterable[Field], file: str) -> dict[str, Field]:
    known: dict[str, Field] = {}
    for field in found:
        if not field.name or not field.value:
            continue
        before = known.setdefault(field.name, field)
        if before.value != field.value:
            expected = f'the only value: line {before.number} says "{before.value}"'
            raise SourceError(file=file, line=field.number, found=field.value, expected=expected)
    return known


def _value(written: dict[str, Field], name: str) -> str | None:
    return written[name].value if name in written else None


def _refuse_other_pages(
    document: Document, sections: Sequence[Section], written: dict[str, Field], file: str
) -> None:
    """Raise `SourceError` for what is no project page, and for one whose schedule would be overlooked."""
    has_schedule = any(section.kind is Kind.SCHEDULE for section in sections)
    status = _value(written, "status")
    known = status is not None and (read_status(status) is not Status.UNKNOWN or len(written) > 1)
    if not (has_schedule or known):
        first = next((line for line in document.lines if line.text), None)
        line, quoted = (first.number, first.text) if first else (1, "")
        raise SourceError(file=file, line=line, found=quoted, expected=_PAGE)
    misspelt = None if has_schedule else nearly_a_schedule(sections)
    if misspelt is not None:
        expected = "a heading of a project page"
        raise SourceError(
            file=file,
            line=misspelt.number,
            found=misspelt.text,
            expected=expected,
            probably=SCHEDULE_HEADING,
        )


def _reference(
    given: str | None, head: Head, stated: str | None, addresses: Iterable[str | None], file: str
) -> str:
    found = given or head.reference or reference_in((stated and f"/indevelopment/{stated}", *addresses))
    if not found:
        raise SourceError(file=file, line=None, found=None, expected=_REFERENCE)
    own = head.reference
    if own and _is_project(own) and _is_project(found) and own.casefold() != found.casefold():
        expected = f"the reference of this page: it says {own}"
        raise SourceError(file=file, line=None, found=found, expected=expected)
    return found


def _is_project(reference: str) -> bool:
    """Whether a reference is that of a project, which it keeps, rather than of what comes out of it."""
    return reference.casefold().startswith("gid-")


def _facts(
    written: dict[str, Field], head: Head, email: str | None, address: str | None, file: str, today: date
) -> Facts:
    status = _value(written, "status")
    return Facts(
        title=head.title or _value(written, "title"),
        status=read_status(status) if status else None,
        status_as_written=status,
        decision=_value(written, "decision"),
        process=_value(written, "process") or _value(written, "developed_as"),
        technology_type=_value(written, "technology_type"),
        id_number=_value(written, "id_number"),
        description=_value(written, "description"),
        email=email or next(iter(mail_addresses(_value(written, "email") or "")), None),
        link=address,
        referral_date=_referral(written.get("referral_date"), file, today),
        reason=_value(written, "reason"),
    )


def _referral(field: Field | None, file: str, today: date) -> date | None:
    """Return the day of referral; older pages give a month, which is no day."""
    text = field.value if field else None
    if field is None or text is None:
        return None
    try:
        dates = read_dates(text, today=today)
    except DateError as error:
        raise undated(error, file=file, line=field.lines[-1].number) from error
    return dates.start if dates.precision is Precision.DAY else None


def _email(sections: Iterable[Section]) -> str | None:
    lines = _lines(sections, Kind.ENQUIRIES)
    addresses = (address for line in lines for address in (*line.mails, *mail_addresses(line.text)))
    return next(addresses, None)


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


def _passages(
    sections: Sequence[Section], head: Head, found: Iterable[Field], notes: Sequence[Line]
) -> tuple[Passage, ...]:
    """Return what a page says beside its facts, schedule and timeline, in the page's order."""
    passages = [(line[0].number, "Summary", _text(line)) for line in (head.summary,) if line]
    passages += [(field.number, field.label, field.value or "") for field in found if field.shown]
    passages += [(line[0].number, SCHEDULE_HEADING, _text(line)) for line in (notes,) if line]
    for section in sections[1:]:
        lines = section.lines
        if section.kind is Kind.FACTS:
            lines = list(read_head(lines).summary) if section.heading else []
        if section.kind in (Kind.FACTS, Kind.PASSAGE) and lines:
            passages.append((lines[0].number, section.heading, _text(lines)))
    return tuple(Passage(heading=heading, text=text) for _, heading, text in sorted(passages) if text)


def _text(lines: Iterable[Line]) -> str:
    return "\n".join(line.text for line in lines).strip()
