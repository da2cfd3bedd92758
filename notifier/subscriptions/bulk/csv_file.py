"""A list of subscribers as CSV (RFC 4180), read row by row: a hundred thousand take no more memory than ten.

UTF-8, with a byte order mark or without; commas, semicolons or tabs, whichever the first line has most of.
"""

import codecs
import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from notifier.csv_cells import plain
from notifier.settings.closest import closest
from notifier.subscriptions.bulk.rows import COLUMNS, NEEDED, REPORTED, Problem, Refused, Row

_BLOCK = 1 << 20
_SEPARATORS = (",", ";", "\t")
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class ListError(ValueError):
    """The file as a whole cannot be read; the message says where, why, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvFile:
    """A file that was found readable; `lines` is how many it has."""

    path: Path
    lines: int


def open_csv(path: Path) -> CsvFile:
    """Look through a file once, so that none is taken in by half because of its last line.

    Raises:
        ListError: it cannot be read, or is not UTF-8.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    lines = 1
    try:
        with path.open("rb") as file:
            start = file.read(2)
            if start in _UTF_16:
                raise ListError(_not_utf8(path, 1, "it is UTF-16"))
            block = start + file.read(_BLOCK)
            while block:
                try:
                    decoder.decode(block)
                except UnicodeDecodeError as error:
                    lines += error.object[: error.start].count(b"\n")
                    byte = f"0x{error.object[error.start]:02X}"
                    wrong = f"the byte {byte} is of another encoding, such as Windows-1252"
                    raise ListError(_not_utf8(path, lines, wrong)) from None
                lines += block.count(b"\n")
                block = file.read(_BLOCK)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise ListError(_not_utf8(path, lines, "its last letter is cut off")) from None
    except OSError as error:
        raise ListError(f"{path}: {error.strerror or error}") from None
    return CsvFile(path=path, lines=lines)


def _not_utf8(path: Path, line: int, wrong: str) -> str:
    return f"{path}, line {line}: not UTF-8 ({wrong}); save the file as “CSV UTF-8” and import it again"


def rows(file: CsvFile) -> Iterator[Row | Refused]:
    """Yield every row that is not blank, after the first line, which names the columns.

    Raises:
        ListError: the first line names no columns, or others.
    """
    with file.path.open(encoding="utf-8-sig", newline="") as text:
        separator = _separator(text.readline())
        text.seek(0)
        cells = _cells(csv.reader(text, delimiter=separator, strict=True))
        columns: Sequence[str] | None = None
        for line, found in cells:
            if isinstance(found, Problem):
                if columns is None:
                    raise ListError(f"{file.path}, line {line}: {found}")
                yield Refused(row=Row(line=line, cells={}), problems=(found,))
            elif columns is None:
                columns = _columns(file.path, line, found)
            else:
                yield _row(line, found, columns)
        if columns is None:
            raise ListError(f"{file.path}: it is empty; {_EXPECTED}")


def _separator(first: str) -> str:
    return max(_SEPARATORS, key=first.count)


def _cells(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str] | Problem]]:
    """Yield the line on which each row begins, and its cells; what is no CSV as a problem."""
    while True:
        line = reader.line_num + 1  # type: ignore[attr-defined]
        try:
            found = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            open_quote = "a quote that is never closed begins here; nothing after it was read"
            words = open_quote if "end of data" in str(error) else f"no CSV: {error}"
            yield line, Problem(what=words)
            continue
        if any(cell.strip() for cell in found):
            yield line, [plain(cell.strip()) for cell in found]


_EXPECTED = f"its first line names the columns {', '.join(NEEDED)}, and perhaps more"


def _columns(path: Path, line: int, found: Sequence[str]) -> Sequence[str]:
    columns = [cell.casefold() for cell in found]
    while columns and not columns[-1]:
        columns.pop()
    place = f"{path}, line {line}"
    for name in columns:
        if name not in (*COLUMNS, *REPORTED):
            meant = closest(name, COLUMNS)
            guess = f"; did you mean “{meant}”?" if meant else ""
            raise ListError(f"{place}: “{name}” is none of the columns {', '.join(COLUMNS)}{guess}")
        if columns.count(name) > 1:
            raise ListError(f"{place}: the column “{name}” stands twice")
    missing = [name for name in NEEDED if name not in columns]
    if missing:
        raise ListError(f"{place}: there is no column {', '.join(missing)}; {_EXPECTED}")
    return columns


def _row(line: int, found: Sequence[str], columns: Sequence[str]) -> Row | Refused:
    row = Row(line=line, cells=dict(zip(columns, found, strict=False)))
    if any(found[len(columns) :]):
        words = f"{len(found)} cells where the first line names {len(columns)}: quote cells that hold a comma"
        return Refused(row=row, problems=(Problem(what=words),))
    return row
