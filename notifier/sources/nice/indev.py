"""NICE's in-development feed, as JSON → snapshots. Pure.

Three documents are read: one project's record, the list of projects, and the list of open consultations. The
feed is HAL (lists under `_embedded`); it writes a list of one as that one, and its stamps carry no zone.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from notifier.procedures.model import Snapshot
from notifier.sources.errors import SourceError
from notifier.sources.general.json_document import parse_json
from notifier.sources.nice.indev_consultations import read_consultations
from notifier.sources.nice.indev_projects import read_listed, read_project
from notifier.sources.nice.indev_record import Reading, Record, holds
from notifier.sources.records import Records, add_problem

_PROJECTS = "indevelopment-project"
_CONSULTATIONS = "inconsultation-product"
_DOCUMENT = "a record or a list of NICE's in-development feed"


def read_records(content: str, *, name: str, zone: ZoneInfo, today: date) -> Records:
    """Read a document of the feed. `name` is what errors call it, `zone` that of its stamps.

    `today` bounds the years that are believed, and decides which consultations have begun. A record that
    cannot be understood is a problem, and costs no other.

    Raise `SourceError` for text that is no JSON, or no document of the feed.
    """
    value = parse_json(content, name=name).value
    reading = Reading(file=name, zone=zone, today=today)
    if not isinstance(value, dict) or not _is_document(value):
        raise SourceError(file=name, line=None, found=None, expected=_DOCUMENT)
    root = Record(reading=reading, path="", values=value)
    if holds(value, _PROJECTS):
        return _every(root, _PROJECTS, _projects)
    if holds(value, _CONSULTATIONS):
        return _every(root, _CONSULTATIONS, lambda found: read_consultations(found, today=today))
    return read_project(root) if "Reference" in value else Records()


def _is_document(value: Mapping[str, object]) -> bool:
    """Whether a document is one of this feed: a record, a list, or a list of none."""
    listed = holds(value, _PROJECTS) or holds(value, _CONSULTATIONS)
    return listed or "Reference" in value or value.get("TotalItems") == 0


def _every(root: Record, kind: str, read: Callable[[Sequence[Record]], Records]) -> Records:
    """Read a list; what is no record, and a list that says it has more, are problems."""
    found, problems = root.each(kind)
    records = read(found)
    total, here = root.values.get("TotalItems"), len(found) + len(problems)
    if isinstance(total, int) and total > here:
        problems.append(
            root.refuse("TotalItems", expected=f"the {here} records of this document: ask for all")
        )
    return Records(snapshots=records.snapshots, problems=(*problems, *records.problems))


def _projects(records: Sequence[Record]) -> Records:
    """Read a list of projects. Of two with one reference neither is believed."""
    snapshots: dict[str, Snapshot] = {}
    places: dict[str, str] = {}
    problems: list[SourceError] = []
    for record in records:
        try:
            snapshot = read_listed(record)
        except SourceError as error:
            add_problem(problems, error)
            continue
        key = snapshot.reference.casefold()
        if key in places:
            snapshots.pop(key, None)
            expected = f"a reference of its own: {places[key]} has it too"
            add_problem(problems, record.refuse("Reference", expected=expected))
        else:
            places[key], snapshots[key] = record.path, snapshot
    return Records(snapshots=tuple(snapshots.values()), problems=tuple(problems))
