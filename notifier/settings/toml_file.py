"""The settings file (TOML 1.0), with the line of each name."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import tomlkit
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
        lines: dict[Place, int] = {}
        for place, line in _Lines(document).each():
            lines.setdefault(place, line)
        return FileSource(path, document.unwrap(), lines)
    raise SettingsError([problem])


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
    """Walks a document as it is written and counts its lines, of which tomlkit keeps no note."""

    def __init__(self, document: Container) -> None:
        self._document = document
        self._line = 1

    def each(self) -> Iterator[tuple[Place, int]]:
        """Yield the place and line of every section header and every name."""
        yield from self._container(self._document, ())

    def _container(self, container: Container, inside: Place) -> Iterator[tuple[Place, int]]:
        for key, item in container.body:
            place = inside if key is None else (*inside, key.key)
            if isinstance(item, AoT):
                for table in item.body:
                    yield from self._table(table, place)
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
