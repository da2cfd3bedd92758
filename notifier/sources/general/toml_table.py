"""One table of a document of procedures, read name by name; whatever is wrong is said with its place."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time

from notifier.procedures.date_words import DateError
from notifier.settings.closest import closest
from notifier.sources.errors import SourceError
from notifier.sources.nice.markup import fit
from notifier.sources.records import RecordError, shown


@dataclass(frozen=True, slots=True)
class Kind:
    """The type of a value, and how to ask for it."""

    type: type
    expected: str


TEXT = Kind(str, 'text in quotes: "…"')
DAY = Kind(date, "a day: 2022-10-14")
HOUR = Kind(time, 'a time of day: 17:00:00, or "5pm"')
FLAG = Kind(bool, "true or false")
TABLES = Kind(list, "tables, each under its own heading in double brackets")


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The values of one table, and where each stands.

    In a format with lines, `lines` holds the line of each name and `line` the table's own. In one without,
    `path` is the table's own, such as "procedures[3].milestones[0]", and `reference` that of its procedure.
    """

    file: str
    values: Mapping[str, object]
    line: int = 1
    lines: Mapping[str, int] = field(default_factory=dict)
    path: str | None = None
    reference: str | None = None

    def line_of(self, name: str) -> int:
        """Return the line of a name; the table's own for one that is missing."""
        return self.lines.get(name, self.line)

    def place_of(self, name: str) -> str:
        """Return where a name stands, for a sentence about another: "line 12"."""
        return f"line {self.line_of(name)}" if self.path is None else self.path

    def refuse(self, name: str, *, expected: str, probably: str | None = None) -> SourceError:
        """Make the error that says that the value of `name` is not what was expected."""
        value = self.values.get(name)
        if value is None:
            return self.error(name, found=None, expected=expected, probably=probably)
        found = shown(value) if self.path is not None else f"{name} = {shown(value)}"
        return self.error(name, found=found, expected=expected, probably=probably)

    def undated(self, name: str, error: DateError) -> SourceError:
        """Make the error that says why the value of `name` is no date."""
        expected = f"a date: {error.reason}"
        return self.error(name, found=error.found, expected=expected, probably=error.probably)

    def error(
        self, name: str, *, found: str | None, expected: str, probably: str | None = None
    ) -> SourceError:
        """Make an error about the place of `name`; an empty name means the table itself."""
        if self.path is None:
            line = self.line_of(name)
            return SourceError(file=self.file, line=line, found=found, expected=expected, probably=probably)
        return RecordError(
            file=self.file,
            place=".".join(each for each in (self.path, name) if each),
            reference=self.reference,
            found=found,
            expected=expected,
            probably=probably,
        )

    def check_names(self, names: Mapping[str, tuple[Kind, ...]]) -> None:
        """Refuse a name that is not known, and a value of another type."""
        for name, value in self.values.items():
            if name not in names:
                raise self.unknown(name, names)
            if type(value) not in {kind.type for kind in names[name]}:
                raise self.refuse(name, expected=" or ".join(kind.expected for kind in names[name]))

    def unknown(self, name: str, names: Iterable[str]) -> SourceError:
        """Make the error that says that `name` is none of those that may stand here."""
        expected = f"one of the names {', '.join(names)}"
        return self.error(name, found=name, expected=expected, probably=closest(name, names))

    def text(self, name: str) -> str | None:
        """Return a text without space around it; None where there is none. Refuse an empty one."""
        text = self.plain(name)
        if text is None and isinstance(self.values.get(name), str):
            raise self.refuse(name, expected="text; leave the line out where there is none")
        return text

    def plain(self, name: str) -> str | None:
        """Return a text without space around it; None where there is none, or nothing in it."""
        value = self.values.get(name)
        return (fit(value).strip() or None) if isinstance(value, str) else None

    def needed(self, name: str) -> str:
        """Return a text that must be there."""
        text = self.text(name)
        if text is None:
            raise self.error("", found=None, expected=f'{name} = "…"')
        return text

    def choice(self, name: str, options: Iterable[str]) -> str | None:
        """Return a text that is one of a few."""
        text, known = self.text(name), list(options)
        if text is not None and text not in known:
            raise self.refuse(name, expected=f"one of {', '.join(known)}", probably=closest(text, known))
        return text

    def day(self, name: str) -> date | None:
        """Return a TOML local date; None where there is none."""
        value = self.values.get(name)
        return value if isinstance(value, date) and not isinstance(value, datetime) else None
