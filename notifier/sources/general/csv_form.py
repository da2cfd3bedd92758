"""The general document as CSV (RFC 4180) → snapshots: one row for each milestone. Pure.

A procedure's first row gives its facts; its later rows repeat them or leave them blank. A row without a label
lists a procedure that has no dates yet. Commas or semicolons separate; which of them, the first line tells.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from notifier.settings.closest import closest
from notifier.sources.errors import SourceError
from notifier.sources.general.document import Entry, read_entries
from notifier.sources.general.procedure_table import PROCEDURE_NAMES
from notifier.sources.general.toml_milestones import MILESTONE_NAMES
from notifier.sources.general.toml_table import Table
from notifier.sources.records import Records, add_problem

FACTS = tuple(name for name in PROCEDURE_NAMES if name != "milestones")
COLUMNS = (*FACTS, *MILESTONE_NAMES)
"""The names that the first line may hold, in any order; only the needed ones must be there."""

_NEEDED = ("reference", "title", "status")
_HEADER = f"a first line with the columns {', '.join(_NEEDED)}"
_FLAGS = {"true": True, "yes": True, "false": False, "no": False}


@dataclass(frozen=True, slots=True)
class _Row:
    """One row that is not blank: the line it begins on, and its cells that hold anything."""

    line: int
    cells: Mapping[str, str]

    def table(self, file: str, names: Iterable[str]) -> Table:
        values = {name: self.cells[name] for name in names if name in self.cells}
        return Table(file=file, line=self.line, values=values)


@dataclass(slots=True)
class _Procedure:
    """What the rows of one procedure say, as far as they have been read."""

    facts: Table
    milestones: list[Table] = field(default_factory=list)
    problems: list[SourceError] = field(default_factory=list)

    def add(self, row: _Row) -> None:
        """Take in a row: its milestone, and facts that agree with those of the first row."""
        facts, milestone = row.table(self.facts.file, FACTS), row.table(self.facts.file, MILESTONE_NAMES)
        for name, value in facts.values.items():
            if name != "reference" and self.facts.values.get(name) != value:
                expected = f"what {self.facts.place_of(name)} says, or blank"
                add_problem(self.problems, facts.refuse(name, expected=expected))
        if milestone.values:
            self.milestones.append(milestone)

    def entry(self) -> Entry:
        """Return the procedure as other formats hold it."""
        values: dict[str, object] = dict(self.facts.values)
        draft = self.facts.values.get("draft")
        if isinstance(draft, str):
            values["draft"] = _FLAGS.get(draft.lower(), draft)
        values["milestones"] = [each.values for each in self.milestones]
        return Entry(table=replace(self.facts, values=values), milestones=tuple(self.milestones))


def read_csv(content: str, *, name: str, today: date) -> Records:
    """Read a CSV document of procedures. `name` is what errors call it; `today` bounds the years believed.

    Raise `SourceError` for text that is no CSV, and for a first line that does not name the columns.
    """
    found: dict[str, _Procedure] = {}
    problems: list[SourceError] = []
    for row in _rows(content, name):
        if "reference" not in row.cells:
            expected = "a reference in every row"
            add_problem(problems, SourceError(file=name, line=row.line, found=None, expected=expected))
            continue
        key = row.cells["reference"].casefold()
        if key not in found:
            found[key] = _Procedure(row.table(name, FACTS))
        found[key].add(row)
    problems += [problem for each in found.values() for problem in each.problems]
    records = read_entries((each.entry() for each in found.values()), today=today)
    kept = (each for each in records.snapshots if not found[each.reference.casefold()].problems)
    return Records(snapshots=tuple(kept), problems=(*problems, *records.problems))


def looks_like_csv(content: str) -> bool:
    """Whether a text begins with a line that names the needed columns."""
    names = {name.strip(' "').lower() for name in re.split("[,;]", _first_line(content))}
    return names.issuperset(_NEEDED)


def _first_line(content: str) -> str:
    return content.lstrip().split("\n", 1)[0]


def _rows(content: str, file: str) -> Iterator[_Row]:
    """Return every row that is not blank, after the first, which names the columns."""
    columns: Sequence[str] | None = None
    for line, cells in _cells(content, file):
        if columns is None:
            columns = _columns(cells, line, file)
            continue
        if any(cell.strip() for cell in cells[len(columns) :]):
            found, expected = (
                cells[len(columns)],
                f"a row of {len(columns)} cells: quote cells that hold a comma",
            )
            raise SourceError(file=file, line=line, found=found, expected=expected)
        named = zip(columns, (cell.strip() for cell in cells), strict=False)
        yield _Row(line, {name: cell for name, cell in named if cell})
    if columns is None:
        raise SourceError(file=file, line=1, found=None, expected=_HEADER)


def _cells(content: str, file: str) -> Iterator[tuple[int, list[str]]]:
    first = _first_line(content)
    delimiter = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise SourceError(file=file, line=line, found=None, expected=f"CSV: {error}") from None


def _columns(cells: Sequence[str], line: int, file: str) -> list[str]:
    columns = [cell.strip().lower() for cell in cells]
    for name in columns:
        if name not in COLUMNS:
            guess, expected = closest(name, COLUMNS), f"one of the columns {', '.join(COLUMNS)}"
            raise SourceError(file=file, line=line, found=name, expected=expected, probably=guess)
        if columns.count(name) > 1:
            raise SourceError(file=file, line=line, found=name, expected="a column that stands once")
    missing = [name for name in _NEEDED if name not in columns]
    if missing:
        expected = f"a first line with the columns {', '.join(missing)}"
        raise SourceError(file=file, line=line, found=None, expected=expected)
    return columns
