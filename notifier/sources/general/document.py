"""Procedures of a document of one's own → snapshots, whatever format they were written in. Pure.

Types and names are checked by `general_schema`, what they mean by `procedure_table`: the same rules hold for
the TOML files of a folder, so that a date is understood alike everywhere.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from pydantic import BaseModel, ValidationError

from notifier.procedures.model import MilestoneKind, Snapshot
from notifier.settings.closest import closest
from notifier.sources.errors import SourceError
from notifier.sources.general.json_schema import MOST_MILESTONES, MilestoneEntry, ProcedureEntry
from notifier.sources.general.procedure_table import PROCEDURE_NAMES, read_procedure
from notifier.sources.general.toml_milestones import MILESTONE_NAMES, STATES, read_milestones
from notifier.sources.general.toml_table import TEXT, Table
from notifier.sources.records import Records, add_problem, shown

_EXPECTED = {
    "date": 'a date: 2022-10-14, "14 October 2022 - 11 November 2022", "March 2023" or "TBC"',
    "start": "a day: 2022-10-14",
    "end": "a day: 2022-10-14",
    "referral_date": 'a day: 2022-10-14, or "14 October 2022"',
    "closes_at": 'a time of day: 17:00, or "5pm"',
    "kind": f"one of {', '.join(MilestoneKind)}",
    "state": f"one of {', '.join(STATES)}",
    "draft": "true or false",
    "milestones": f"a list of at most {MOST_MILESTONES:,} milestones",
}
_CHOICES: dict[str, Sequence[str]] = {"kind": list(MilestoneKind), "state": STATES}
_MOST_NAMES = 50
_MILESTONE = "a milestone, with a label and a date"
_PROCEDURE = "a procedure, with a reference, a title and a status"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One procedure as its document holds it: its own table, and one for each milestone, not yet checked."""

    table: Table
    milestones: tuple[Table, ...] = ()


def read_entries(entries: Iterable[Entry], *, today: date) -> Records:
    """Read every procedure whole, or say all that is wrong with it; of two with one reference neither is."""
    snapshots: dict[str, Snapshot] = {}
    before: dict[str, Table] = {}
    problems: list[SourceError] = []
    for entry in entries:
        read = _read(entry, today)
        for problem in read.problems:
            add_problem(problems, problem)
        for snapshot in read.snapshots:
            key, table = snapshot.reference.casefold(), entry.table
            if key in before:
                snapshots.pop(key, None)
                expected = f"a reference of its own: {before[key].place_of('reference')} has it too"
                add_problem(problems, table.refuse("reference", expected=expected))
            else:
                before[key], snapshots[key] = table, snapshot
    return Records(snapshots=tuple(snapshots.values()), problems=tuple(problems))


def _read(entry: Entry, today: date) -> Records:
    for table in (entry.table, *entry.milestones):
        if len(table.values) > _MOST_NAMES:
            expected = f"at most {_MOST_NAMES} names"
            return Records(problems=(table.error("", found=None, expected=expected),))
    try:
        checked = ProcedureEntry.model_validate(entry.table.values)
    except ValidationError as error:
        return Records(problems=_problems(error, entry, today))
    milestones = [
        _with(table, each) for table, each in zip(entry.milestones, checked.milestones, strict=True)
    ]
    return read_procedure(_with(entry.table, checked), milestones, today=today)


def _with(table: Table, checked: BaseModel) -> Table:
    """Return the table with its values as their types; what is null is not there."""
    return replace(table, values=checked.model_dump(exclude_none=True, exclude={"milestones"}))


def _problems(error: ValidationError, entry: Entry, today: date) -> tuple[SourceError, ...]:
    """Say what has a wrong name or type, and what is wrong with the rest, so that one look mends all."""
    wrong: dict[tuple[int | None, str], str] = {}
    for details in error.errors(include_url=False, include_context=False, include_input=False):
        number, name = _place(details["loc"])
        empty = not (entry.table if number is None else entry.milestones[number]).values
        wrong.setdefault((number, "" if empty else name), details["type"])  # a union refuses once per member
    bad = {number for number, _ in wrong}
    problems = [
        _refused(entry.table if number is None else entry.milestones[number], name, reason, number is None)
        for (number, name), reason in wrong.items()
    ]
    if None not in bad:
        values = {name: value for name, value in entry.table.values.items() if name != "milestones"}
        checked = _with(entry.table, ProcedureEntry.model_validate(values))
        problems += read_procedure(checked, [], today=today).problems
    if (None, "milestones") in wrong:
        return tuple(problems)
    rest = [table for number, table in enumerate(entry.milestones) if number not in bad]
    tables = [_with(table, MilestoneEntry.model_validate(table.values)) for table in rest]
    return (*problems, *read_milestones(tables, process=None, today=today)[1])


def _place(path: tuple[int | str, ...]) -> tuple[int | None, str]:
    """Return the number of the milestone, None for the procedure itself, and the name within it, or ""."""
    if len(path) > 1 and path[0] == "milestones" and isinstance(path[1], int):
        return path[1], str(path[2]) if len(path) > 2 else ""
    return None, str(path[0]) if path else ""


def _refused(table: Table, name: str, reason: str, is_procedure: bool) -> SourceError:
    names = PROCEDURE_NAMES if is_procedure else MILESTONE_NAMES
    if not name:
        return table.error("", found=None, expected=_PROCEDURE if is_procedure else _MILESTONE)
    if reason == "extra_forbidden":
        return table.unknown(name, names)
    if reason == "missing":
        return table.error("", found=None, expected=f'{name} = "…"')
    value = table.values.get(name)
    meant = closest(value, _CHOICES[name]) if name in _CHOICES and isinstance(value, str) else None
    if name not in _EXPECTED and isinstance(value, int | float) and not isinstance(value, bool):
        meant = f'"{shown(value)}"'
    return table.refuse(name, expected=_EXPECTED.get(name, TEXT.expected), probably=meant)
