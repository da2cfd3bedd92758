"""A project page in any of its forms → the same plain lines. Pure; what the lines mean is not known here.

Plain text and Markdown are read line by line; HTML by `page_html.py`. A line knows what its layout
says of it: that it is a heading, an item of a list, or a row whose texts stand in cells of their own.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

MOST_LINES = 50_000
"""Lines of text or elements of HTML. The longest project page known has fewer than 5,000."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a page, counted from 1, without its marks.

    `cells` are the texts of a row that its layout divides; empty for any other line. `level` is that of a
    heading, 0 where the line is not marked as one. `labels`: it ends in a colon of its own. `item`: it is one
    of a list. `header`: its cells may be the names of a table's columns. `mails` are the addresses that its
    links lead to.
    """

    number: int
    text: str
    cells: tuple[str, ...] = ()
    level: int = 0
    labels: bool = False
    item: bool = False
    header: bool = False
    mails: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A page as lines, and the addresses that it gives for itself."""

    lines: tuple[Line, ...]
    addresses: tuple[str, ...] = ()


# C0 and C1 control characters, and lone halves of a pair; a tab divides what it parts.
_CONTROL = dict.fromkeys([*range(9), *range(11, 32), *range(127, 160), *range(0xD800, 0xE000)])
_CONTROL |= {9: "\t", 11: " ", 12: " ", 0xA0: " ", 0xFEFF: None}

_MARKDOWN_HEADING = re.compile(r"(#{1,6}) (.*?) ?#{0,6}")
_ITEM = re.compile(r"[-*•+]+ ")
_MAIL = re.compile(r"(?:mailto:)?\b([\w.%+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5})", re.ASCII)
_LONGEST_MAIL = 400
_LINK = re.compile(r"!?\[([^\[\]]{0,300})\]\(([^()\s]{0,500})\)")
_MARKS = re.compile(r"\*\*|__|</?(?:strong|b|em|i|u|p|span|a)(?: [^<>]{0,300})?>", re.IGNORECASE)
_BREAK = re.compile(r"<br ?/?>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,8});", re.IGNORECASE)
_EMPHASISED = re.compile(r"([*_])(?! )([^*_]{1,200})(?<! )\1")
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+.!|>~-])")
_BAR = re.compile(r"(?<!\\)\|")
_MOST_CELLS = 20
_UNDERLINE = re.compile(r"={3,}|-{3,}")
_DIVIDER = re.compile(r"[ :|-]*-[ :|-]*")


def tidy(text: str) -> str:
    """Return `text` without control characters and with ordinary spaces and line ends."""
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_CONTROL)


def one_line(text: str) -> str:
    """Return `text` with each run of white space as one space."""
    return " ".join(text.split())


def mail_addresses(text: str) -> tuple[str, ...]:
    """Return the mail addresses that stand in a text, in order."""
    words = (word for word in text.split() if "@" in word and len(word) <= _LONGEST_MAIL)
    return tuple(found[1].rstrip(".") for word in words for found in _MAIL.finditer(word))


def row(number: int, cells: tuple[str, ...], *, header: bool = False, mails: tuple[str, ...] = ()) -> Line:
    """Make the line of a row whose cells stand apart."""
    text = " | ".join(one_line(cell) for cell in cells if cell)
    return Line(number, text, cells=cells, header=header, mails=mails)


def text_lines(text: str) -> Iterator[Line]:
    """Yield the lines of a page in plain text or Markdown; `text` is tidy."""
    before: Line | None = None
    for number, raw in enumerate(text.split("\n"), start=1):
        written = raw.strip(" ")
        if before is not None and before.text and _UNDERLINE.fullmatch(written):
            before = replace(before, level=1 if written[0] == "=" else 2)
            written = ""
        elif before is not None and before.cells and _DIVIDER.fullmatch(written):
            before = replace(before, header=True)
            continue
        if before is not None:
            yield before
        before = text_line(number, written)
    if before is not None:
        yield before


def text_line(number: int, written: str) -> Line:
    """Return what one line of plain text or Markdown says."""
    written = written.lstrip()
    heading = _MARKDOWN_HEADING.fullmatch(written)
    if heading is not None:
        return Line(number, _plain(heading[2]).rstrip(" :"), level=len(heading[1]))
    mails = mail_addresses(written)
    bulleted = _ITEM.match(written)
    if bulleted is not None:
        written = written[bulleted.end() :].lstrip("-*•+ ")
    cells = _cells(written)
    if len(cells) > 1:
        return row(number, cells, mails=mails)
    plain = _plain(cells[0] if cells else written).lstrip("•> ")
    if not plain.strip("-=*_|+"):
        return Line(number, "")  # a rule between two parts says no more than an empty line
    return Line(number, plain, labels=plain.endswith(":"), item=bulleted is not None, mails=mails)


def _cells(written: str) -> tuple[str, ...]:
    """Return the cells of a row that bars or tabs divide: "Label | value |" and "| Label | value |"."""
    if "\t" in written and "|" not in written:
        first, _, rest = written.partition("\t")
        return (_plain(first), _plain(rest))
    if "|" not in written:
        return ()
    parts = [_plain(part) for part in _BAR.split(written, _MOST_CELLS)]
    if not parts[-1]:
        parts = parts[:-1]
    if parts and not parts[0]:
        parts = parts[1:]
    return tuple(parts)


def _plain(text: str) -> str:
    """Return the text without its Markdown marks, simple tags and named characters."""
    if "[" in text:
        text = _LINK.sub(lambda link: link[1], text)
    if "<" in text:
        text = _BREAK.sub(" ", text)
    text = _EMPHASISED.sub(_inner, _MARKS.sub("", text))
    if "&" in text:
        text = _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    if "\\" in text:
        text = _ESCAPED.sub(lambda escaped: escaped[1], text)
    return one_line(text)


def _inner(emphasised: re.Match[str]) -> str:
    """Return what is emphasised where whole words are; "snake_case_name" is a name."""
    text, (start, end) = emphasised.string, emphasised.span()
    beside = text[max(0, start - 1) : start] + text[end : end + 1]
    return emphasised[0] if any(each.isalnum() for each in beside) else emphasised[2]
