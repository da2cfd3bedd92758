"""The general document as JSON, or the same in TOML → snapshots; `docs/procedures.md` has examples. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date

from notifier.sources.errors import SourceError
from notifier.sources.general.document import Entry, read_entries
from notifier.sources.general.json_document import parse_json
from notifier.sources.general.json_schema import MOST_MILESTONES
from notifier.sources.general.toml_document import Lines, lines_of, values_of
from notifier.sources.general.toml_files import refuse_too_large
from notifier.sources.general.toml_table import Table
from notifier.sources.records import MOST_PROBLEMS, Records, add_problem

_LIST = "procedures"
_NAMES = ("$schema", _LIST)
_DOCUMENT = 'a list called "procedures"'


def read_json(content: str, *, name: str, today: date) -> Records:
    """Read a JSON document of procedures. `name` is what errors call it; `today` bounds the years believed.

    Raise `SourceError` for text that is no JSON, and where it has no list of procedures.
    """
    document = parse_json(content, name=name)
    if document.repeated:
        expected = "given once in its object"
        problems = [
            SourceError(file=name, line=None, found=each, expected=expected)
            for each in document.repeated[:MOST_PROBLEMS]
        ]
        return Records(problems=tuple(problems))
    return _read(document.value, None, name, today)


def read_toml(content: str, *, name: str, today: date) -> Records:
    """Read a TOML document of procedures, in which each has its own `[[procedures]]`; else as `read_json`."""
    refuse_too_large(content, name=name)
    text = content.replace("\r\n", "\n")
    values = values_of(text, file=name)
    records = _read(values, None, name, today)
    return _read(values, lines_of(text, file=name), name, today) if records.problems else records


def is_document(value: object) -> bool:
    """Whether a parsed document means to be one of procedures."""
    return isinstance(value, dict) and _LIST in value


def _read(value: object, lines: Lines | None, name: str, today: date) -> Records:
    """Read the values of a document. With `lines`, errors name lines; else the path within the document."""
    if not isinstance(value, dict):
        raise SourceError(file=name, line=None, found=None, expected=_DOCUMENT)
    root = Table(file=name, values=value, lines=lines.names if lines else {}, path=None if lines else "")
    unknown: list[SourceError] = []
    for each in value:
        if each not in _NAMES:
            add_problem(unknown, root.unknown(each, _NAMES))
    items = value.get(_LIST)
    if not isinstance(items, list):
        raise unknown[0] if unknown and items is None else root.refuse(_LIST, expected=_DOCUMENT)
    places = _places(lines, _LIST, len(items))
    records = read_entries(
        (
            _entry(item, place, f"{_LIST}[{number}]", name)
            for number, (item, place) in enumerate(zip(items, places, strict=True))
        ),
        today=today,
    )
    return Records(snapshots=records.snapshots, problems=(*unknown, *records.problems))


def _entry(item: object, lines: Lines | None, path: str, file: str) -> Entry:
    reference = item.get("reference") if isinstance(item, dict) else None
    reference = reference if isinstance(reference, str) else None
    table = _table(item, lines, path, file, reference)
    rows = table.values.get("milestones")
    rows = rows[: MOST_MILESTONES + 1] if isinstance(rows, list) else []
    places = _places(lines, "milestones", len(rows))
    return Entry(
        table=table,
        milestones=tuple(
            _table(row, place, f"{path}.milestones[{number}]", file, reference)
            for number, (row, place) in enumerate(zip(rows, places, strict=True))
        ),
    )


def _table(item: object, lines: Lines | None, path: str, file: str, reference: str | None) -> Table:
    values: Mapping[str, object] = item if isinstance(item, dict) else {}
    if lines is None:
        return Table(file=file, values=values, path=path, reference=reference)
    return Table(file=file, values=values, line=lines.line, lines=lines.names)


def _places(lines: Lines | None, name: str, count: int) -> Sequence[Lines | None]:
    """Return the lines of each repeated table; those of a list written inline are on the list's own."""
    if lines is None:
        return [None] * count
    found = lines.repeated.get(name, [])
    return found if len(found) == count else [Lines(line=lines.names.get(name, lines.line))] * count
