"""TOML text → its tables, each name with its line. tomllib reads the values, tomlkit counts the lines."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field

import tomlkit
from tomlkit.container import Container
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Comment, Item, Key, Table, Whitespace

from notifier.sources.errors import SourceError
from notifier.sources.general.toml_table import TABLES
from notifier.sources.general.toml_table import Table as ReadTable

_PLACE = re.compile(r"(?P<words>.*) \(at (?:line (?P<line>\d+), column \d+|end of document)\)", re.DOTALL)

_MOST_DOTS = 1000
"""A dotted key of many parts takes time that grows with the square of their number."""


def parse(text: str, *, file: str, repeated: str) -> tuple[ReadTable, tuple[ReadTable, ...]]:
    """Return the file's own table and the tables that it repeats under the heading `[[repeated]]`.

    Raise `SourceError` for text that is not TOML 1.0, and where `repeated` is something else.
    """
    values = values_of(text, file=file)
    lines = lines_of(text, file=file)
    root = ReadTable(file=file, line=1, values=values, lines=lines.names)
    if repeated not in values:
        return root, ()
    entries, places = values[repeated], lines.repeated.get(repeated, [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise root.refuse(repeated, expected=TABLES.expected)
    if len(places) != len(entries):  # written inline, on one line
        places = [Lines(line=root.line_of(repeated)) for _ in entries]
    tables = (
        ReadTable(file=file, line=place.line, values=entry, lines=place.names)
        for entry, place in zip(entries, places, strict=True)
    )
    return root, tuple(tables)


def values_of(text: str, *, file: str) -> Mapping[str, object]:
    """Return the values of a text; raise `SourceError` for one that is not TOML 1.0."""
    for at, row in enumerate(text.split("\n"), start=1):
        if row.count(".") > _MOST_DOTS:
            raise SourceError(
                file=file, line=at, found=row, expected=f"a line with {_MOST_DOTS} dots or fewer"
            )
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = _PLACE.fullmatch(str(error))
        words, number = (place["words"], place["line"]) if place else (str(error), None)
        line = int(number) if number else text.count("\n") + 1
        found = text.split("\n")[line - 1] or None
        refusal = SourceError(file=file, line=line, found=found, expected=f"TOML: {words}")
    except RecursionError:
        refusal = SourceError(file=file, line=None, found=None, expected="TOML that is not nested so deep")
    raise refusal


@dataclass(slots=True)
class Lines:
    """The lines of one table's names, and of the tables repeated in it."""

    line: int = 1
    names: dict[str, int] = field(default_factory=dict)
    repeated: dict[str, list["Lines"]] = field(default_factory=dict)


def lines_of(text: str, *, file: str) -> Lines:
    """Return the lines on which the names of a text stand. This takes far longer than reading its values."""
    try:
        document = tomlkit.parse(text)
    except (TOMLKitError, RecursionError) as error:  # what tomllib reads and tomlkit does not
        raise SourceError(file=file, line=None, found=None, expected=f"plainer TOML: {error}") from error
    found = Lines()
    _walk(document, found, 1)
    return found


def _walk(container: Container, found: Lines, line: int) -> int:
    """Note the line of each name in `container`, whose text begins on `line`; return the line after it."""
    for key, item in container.body:
        if key is not None and not isinstance(item, AoT):
            found.names.setdefault(key.key, line)
        line = _pass(key, item, found, line)
    return line


def _pass(key: Key | None, item: Item, found: Lines, line: int) -> int:
    """Return the line after `item`, noting what is inside it."""
    if isinstance(item, AoT) and key is not None:
        for table in item.body:
            line += table.trivia.indent.count("\n")
            inner = Lines(line=line)
            found.names.setdefault(key.key, line)
            found.repeated.setdefault(key.key, []).append(inner)
            line = _walk(table.value, inner, line + 1)
        return line
    if isinstance(item, Table):
        header = 0 if item.is_super_table() else 1  # the "a" of "a.b = 1" has no heading of its own
        return _walk(item.value, Lines(line=line), line + header)
    text = item.as_string()
    if not isinstance(item, (Whitespace, Comment)):
        text += item.trivia.trail
    return line + text.count("\n")
