"""What a project page says of itself before its facts: its title, its reference and a summary. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from notifier.sources.nice.page_fields import is_field, is_prose
from notifier.sources.nice.page_lines import Line

_REFERENCE = re.compile(r"\bGID-[A-Z0-9]{2,20}\b", re.IGNORECASE | re.ASCII)
_ADDRESS = re.compile(r"/indevelopment/(GID-[A-Z0-9]{2,20})\b", re.IGNORECASE | re.ASCII)
_STANDING = re.compile(
    r"(?:(?:in|awaiting) development|proposed|reference(?: number)?|project)?[ :]*"
    r"[\[(]?GID-[A-Z0-9]{2,20}[\])]?.{0,80}",
    re.IGNORECASE | re.ASCII,
)
"""The line below a title, "In development [GID-IPG10158]", with what may follow on it."""

_BRACKETED = re.compile(r" ?(?:in development )?[\[(]GID-[A-Z0-9]{2,20}[\])]$", re.IGNORECASE | re.ASCII)
_FURNITURE = re.compile(
    r"(?:expected )?publication date\b.*|(?:in|awaiting) development|project (?:information|documents)"
    r"|home|guidance|nice guidance|overview|register as a stakeholder|source(?: url)?:.*|https?://\S*",
    re.IGNORECASE,
)
_LONGEST_TITLE = 300
"""Characters; the longest title in use has 281."""


@dataclass(frozen=True, slots=True)
class Head:
    """The part of a page above its first fact; `summary` are the lines of its prose."""

    title: str | None
    reference: str | None
    summary: tuple[Line, ...]


def read_head(lines: Sequence[Line]) -> Head:
    """Read the lines of a page's first section up to its first fact."""
    own = list(_before_facts(lines))
    marked = next((line for line in own if line.level == 1 and not _FURNITURE.fullmatch(line.text)), None)
    title = marked or _first_line(own)
    reference = next((found[0] for line in own if (found := _stated(line))), None)
    prose = [line for line in own if line is not title and not line.level and not _is_furniture(line)]
    return Head(
        title=(_BRACKETED.sub("", title.text).strip() or None) if title else None,
        reference=reference.upper() if reference else None,
        summary=tuple(prose),
    )


def reference_in(addresses: Iterable[str | None]) -> str | None:
    """Return the reference that the address of a page in development holds: ".../gid-ipg10158"."""
    found = (_ADDRESS.search(address) for address in addresses if address)
    return next((each[1].upper() for each in found if each), None)


def _before_facts(lines: Sequence[Line]) -> Iterable[Line]:
    for line in lines:
        if is_field(line):
            return
        yield line


def _stated(line: Line) -> re.Match[str] | None:
    """Return the page's own reference; one that its prose mentions is another project's."""
    if _STANDING.fullmatch(line.text) or _BRACKETED.search(line.text):
        return _REFERENCE.search(line.text)
    if line.text.startswith(("http", "Source")):
        found = _ADDRESS.search(line.text)
        return _REFERENCE.search(line.text, found.start(1)) if found else None
    return None


def _is_furniture(line: Line) -> bool:
    return bool(not is_prose(line) or _FURNITURE.fullmatch(line.text) or _STANDING.fullmatch(line.text))


def _first_line(lines: Sequence[Line]) -> Line | None:
    """Return an unmarked title: the first line, if it is above the reference or apart from the prose."""
    full = [at for at, line in enumerate(lines) if line.text and not _FURNITURE.fullmatch(line.text)]
    if not full:
        return None
    first = lines[full[0]]
    if first.level or first.cells or first.item or not _could_be_title(first.text):
        return None
    below = lines[full[1]] if len(full) > 1 else None
    apart = full[0] + 1 < len(lines) and not lines[full[0] + 1].text and " " in first.text
    return first if apart or (below and _STANDING.fullmatch(below.text)) else None


def _could_be_title(text: str) -> bool:
    return (
        len(text) <= _LONGEST_TITLE
        and text[:1].isalnum()
        and text[-1] not in ".!?:;,"
        and not _STANDING.fullmatch(text)
    )
