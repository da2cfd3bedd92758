"""One table of a TOML file, read name by name; whatever is wrong is said with its file and line."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from notifier.settings.closest import closest
from notifier.sources.errors import SourceError


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
    """The values of one table, and the line on which each name stands; `line` is the table's own."""

    file: str
    line: int
    values: Mapping[str, object]
    lines: Mapping[str, int]

    def line_of(self, name: str) -> int:
        """Return the line of a name; the table's own for one that is missing."""
        return self.lines.get(name, self.line)

    def refuse(self, name: str, *, expected: str, probably: str | None = None) -> SourceError:
        """Make the error that says that the value of `name` is not what was expected."""
        value = self.values.get(name)
        shown = str(value).lower() if isinstance(value, bool) else str(value)
        return SourceError(
            file=self.file,
            line=self.line_of(name),
            found=None if value is None else f"{name} = {shown}",
            expected=expected,
            probably=probably,
        )

    def check_names(self, names: Mapping[str, tuple[Kind, ...]]) -> None:
        """Refuse a name that is not known, and a value of another type."""
        for name, value in self.values.items():
            if name not in names:
                raise SourceError(
                    file=self.file,
                    line=self.line_of(name),
                    found=name,
                    expected=f"one of the names {', '.join(names)}",
                    probably=closest(name, names),
                )
            if type(value) not in {kind.type for kind in names[name]}:
                raise self.refuse(name, expected=" or ".join(kind.expected for kind in names[name]))

    def text(self, name: str) -> str | None:
        """Return a text without space around it; None where there is none. Refuse an empty one."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return None
        if not value.strip():
            raise self.refuse(name, expected="text; leave the line out where there is none")
        return value.strip()

    def needed(self, name: str) -> str:
        """Return a text that must be there."""
        text = self.text(name)
        if text is None:
            raise SourceError(file=self.file, line=self.line, found=None, expected=f'{name} = "…"')
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
