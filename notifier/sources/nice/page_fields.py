"""The labelled facts of a project page: "Status In progress", a label above its value, or cells. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from notifier.sources.nice.page_lines import Line, one_line

_PLAIN_LABELS = {
    "status": "status",
    "technology type": "technology_type",
    "decision": "decision",
    "reason for decision": "reason_for_decision",
    "further information": "further_information",
    "process": "process",
    "developed as": "developed_as",
    "id number": "id_number",
    "description": "description",
    "referral date": "referral_date",
    "notification date": "referral_date",
    "topic area": "topic_area",
    "topic areas": "topic_area",
    "reason for suspension": "reason",
    "reason for suspending": "reason",
    "reason for discontinuation": "reason",
    "reason for discontinuing": "reason",
    "suspension reason": "reason",
    "discontinuation reason": "reason",
}
_MARKED_LABELS = _PLAIN_LABELS | {
    "title": "title",
    "project title": "title",
    "reference": "reference",
    "project reference": "reference",
    "reference number": "reference",
    "reason": "reason",
    "date of referral": "referral_date",
    "email": "email",
    "email enquiries": "email",
}
"""Labels where the layout sets them apart: at the start of plain prose these are ordinary words."""

_PROSE = frozenset(("description", "reason_for_decision", "further_information", "reason"))
_SHOWN = frozenset(("reason_for_decision", "further_information", "topic_area", "developed_as"))
"""Facts that are kept as passages of the page, under the label that it gives them."""

_BESIDE = re.compile(rf"({'|'.join(map(re.escape, _PLAIN_LABELS))})(?: ?: ?| |$)(.*)", re.IGNORECASE)
_MARKED = re.compile(rf"({'|'.join(map(re.escape, _MARKED_LABELS))})(?: ?: ?|$)(.*)", re.IGNORECASE)
_ROLE = re.compile(
    r"(?:[\w/&-]{1,30} ){0,3}(?:lead|contact|manager|analyst|co-?ordinator|director|advis[eo]r|administrator)"
    r"s? ?:.*",
    re.IGNORECASE,
)
"""Who does the work, outside the section for it; the name is nobody's fact and is dropped."""

_LONGEST_VALUE = 80
"""Characters. "Process" and more than this is a sentence that begins with the word."""


@dataclass(frozen=True, slots=True)
class Field:
    """What a page says under one label; `lines` are those of its value, empty ones between paragraphs."""

    name: str
    label: str
    lines: tuple[Line, ...]

    @property
    def value(self) -> str | None:
        """The text, None where there is none; an empty line parts the paragraphs of prose."""
        text = "\n".join(line.text for line in self.lines)
        if self.name not in _PROSE:
            return one_line(text) or None
        return "\n\n".join(part for part in map(one_line, text.split("\n\n")) if part) or None

    @property
    def number(self) -> int:
        """The line on which it begins."""
        return self.lines[0].number

    @property
    def shown(self) -> bool:
        """Whether it is kept as a passage of the page too."""
        return self.name in _SHOWN


def begins_field(heading: str) -> bool:
    """Whether a marked heading is the label of a fact, rather than of a section."""
    return heading.lower() in _MARKED_LABELS


def is_field(line: Line) -> bool:
    """Whether a line begins a fact, wherever on the page it stands."""
    found = _found(line, plain=True)
    return found is not None and found.name != ""


def is_prose(line: Line) -> bool:
    """Whether a line is neither a fact nor a row under a label that is not known, such as somebody's role."""
    return _found(line, plain=True) is None


def fields(lines: Sequence[Line], *, plain: bool) -> Iterator[Field]:
    """Yield what stands under each label, in order; the prose before the first label is nobody's.

    `plain` says that a label may stand before its value with nothing but a space between them.
    """
    current: Field | None = None
    seen: set[str] = set()
    held: list[Line] = []
    for line in lines:
        found = _found(line, plain=plain)
        if found and current and current.name in _PROSE and found.name in seen and not line.cells:
            found = None  # within prose a label seen before is only a word
        if found is not None:
            if current is not None:
                yield Field(current.name, current.label, tuple(held))
            current, held = found, list(found.lines)
            seen.add(found.name)
        elif current is not None and _continues(current, held, line):
            held.append(line)
    if current is not None:
        yield Field(current.name, current.label, tuple(held))


def _continues(field: Field, held: Sequence[Line], line: Line) -> bool:
    """Whether a line is more of a fact's prose, or the value below its label."""
    if line.cells or line.level:
        return False
    return field.name in _PROSE or (bool(line.text) and not any(each.text for each in held))


def _found(line: Line, *, plain: bool) -> Field | None:
    """Return the fact that a line begins, with the value on it; an unknown label ends the fact before it."""
    if line.cells:
        label = one_line(line.cells[0]).rstrip(" :")
        name = _MARKED_LABELS.get(label.lower(), "")
        value = "\n\n".join(cell for cell in line.cells[1:] if cell)
        return Field(name, label, (Line(line.number, value),))
    if line.level or not line.text[:1].isupper():
        return None
    found = _MARKED.fullmatch(line.text) or (_BESIDE.fullmatch(line.text) if plain else None)
    if found is None:
        return Field("", "", (Line(line.number, ""),)) if _ROLE.fullmatch(line.text) else None
    name, value = _MARKED_LABELS[found[1].lower()], found[2].strip()
    if name not in _PROSE and len(value) > _LONGEST_VALUE:
        return None
    return Field(name, found[1], (Line(line.number, value),))
