"""The settings file (TOML 1.0), with the line of each name."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import tomlkit
from tomlkit import TOMLDocument
from tomlkit.container import Container
from tomlkit.exceptions import ParseError, TOMLKitError
from tomlkit.items import AoT, Table, Whitespace

from notifier.settings.names import Place
from notifier.settings.problems import Problem, SettingsError
from notifier.settings.sources import FileSource


def read_file(path: Path) -> FileSource:
    """Read the file at `path`.

    Raises:
        SettingsError: it cannot be read, or is not TOML; the problem names the line.
    """
    text = _text(path)
    try:
        document = tomlkit.parse(text)
    except TOMLKitError as error:
        problem = _syntax_problem(path, text, error)
    else:
        return FileSource(path, document.unwrap(), _lines(text))
    raise SettingsError([problem])


def _lines(text: str) -> dict[Place, int]:
    """Return the line at which each section and each name first stands."""
    lines: dict[Place, int] = {}
    parts: dict[str, int] = {}
    for first, document in _sections(text):
        for place, line in _Lines(document, first).each():
            lines.setdefault(_among(parts, place), line)
        for name, item in document.items():
            if isinstance(item, AoT):
                parts[name] = parts.get(name, 0) + len(item)
    return lines


def _sections(text: str) -> Iterator[tuple[int, TOMLDocument]]:
    """Yield each section with its line, in their order; tomlkit moves all `[[name]]` of one name together.

    A line that begins with "[" may also lie within a value, whose beginning alone is not TOML.
    """
    line, held = 1, ""
    for piece in re.split(r"^(?=[ \t]*\[)", text, flags=re.MULTILINE):
        held += piece
        try:
            document = tomlkit.parse(held)
        except TOMLKitError:
            continue
        yield line, document
        line, held = line + held.count("\n"), ""


def _among(parts: Mapping[str, int], place: Place) -> Place:
    """Return `place`, found in one section alone, as it is after so many parts of each list."""
    name, *rest = place
    if name not in parts or not rest:
        return place
    if rest[0].isdigit():
        return (name, str(parts[name]), *rest[1:])
    return (name, str(parts[name] - 1), *rest)  # [sources.x] belongs to the last [[sources]]


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = "there is no such file" if isinstance(error, FileNotFoundError) else error.strerror
        raise SettingsError([Problem(where=str(path), what=f"cannot be read: {reason}")]) from error
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        problem = Problem(where=str(path), line=line, what="is not UTF-8 text")
    raise SettingsError([problem])


def _syntax_problem(path: Path, text: str, error: TOMLKitError) -> Problem:
    """Describe a syntax error in the words of tomllib, whose lines are right for repeated names too."""
    line = error.line if isinstance(error, ParseError) else None
    words = re.sub(r" at line \d+ col \d+$", "", str(error))
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as stricter:
        found = re.fullmatch(
            r"(?P<words>.*) \(at (?:line (?P<line>\d+), column \d+|end of document)\)", str(stricter)
        )
        if found:
            words = found["words"]
            line = int(found["line"]) if found["line"] else len(text.splitlines())
    return Problem(where=str(path), line=line, what=f"is not valid TOML: {words}")


class _Lines:
    """Walks a section as it is written and counts its lines, of which tomlkit keeps no note."""

    def __init__(self, document: Container, first: int) -> None:
        self._document = document
        self._line = first

    def each(self) -> Iterator[tuple[Place, int]]:
        """Yield the place and line of every section header and every name."""
        yield from self._container(self._document, ())

    def _container(self, container: Container, inside: Place) -> Iterator[tuple[Place, int]]:
        for key, item in container.body:
            place = inside if key is None else (*inside, key.key)
            if isinstance(item, AoT):
                for number, table in enumerate(item.body):
                    yield from self._table(table, (*place, str(number)))
            elif isinstance(item, Table):
                yield from self._table(item, place)
            elif isinstance(item, Whitespace):
                self._pass(item.s)
            else:
                self._pass(item.trivia.indent)
                if key is None:
                    self._pass(item.as_string())
                else:
                    yield place, self._line
                    self._pass(item.as_string() + item.trivia.trail)

    def _table(self, table: Table, place: Place) -> Iterator[tuple[Place, int]]:
        if not table.is_super_table():  # a super table is only the "mail" of "mail.port" and has no header
            self._pass(table.trivia.indent)
            yield place, self._line
            self._pass(table.trivia.trail)
        yield from self._container(table.value, place)

    def _pass(self, text: str) -> None:
        self._line += text.count("\n")
