"""A NICE project page cut into its sections, and the lines of each. Pure; their meaning is not known here.

A page is prose, then `Label value` lines, then sections under headings of their own. Any section can be
missing. Only the sections that are read are kept: the names of a project team go no further than this file.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from notifier.settings.closest import closest

# C0 and C1 control characters; a tab is space.
_CONTROL = dict.fromkeys([*range(9), *range(11, 32), *range(127, 160)]) | {9: " "}

_FIELDS = {
    "status": "status",
    "technology type": "technology_type",
    "decision": "decision",
    "reason for decision": "reason",
    "further information": "further_information",
    "process": "process",
    "developed as": "developed_as",
    "id number": "id_number",
    "description": "description",
    "referral date": "referral_date",
    "notification date": "referral_date",
    "topic area": "topic_area",
}
_FIELD_LINE = re.compile(rf"({'|'.join(_FIELDS)})(?: ?[:|] ?| |$)(.*)", re.IGNORECASE)
_PROSE_FIELDS = frozenset({"description", "reason", "further_information"})
_LONGEST_VALUE = 80
"""Characters. "Process" and more than this is a sentence that begins with the word."""


class Section(Enum):
    """The parts of a page that are told apart."""

    FACTS = auto()
    SCHEDULE = auto()
    ENQUIRIES = auto()
    UNREAD = auto()


SCHEDULE_HEADING = "Provisional Schedule"
_HEADINGS = {
    SCHEDULE_HEADING.lower(): Section.SCHEDULE,
    "project team": Section.UNREAD,
    "timeline": Section.UNREAD,
    "stakeholders": Section.UNREAD,
    "consultees": Section.UNREAD,
    "commentators": Section.UNREAD,
    "consultees and commentators": Section.UNREAD,
    "documents": Section.UNREAD,
    "project documents": Section.UNREAD,
}
_ENQUIRIES = re.compile(r"[#*: ]*email enquiries\b[#*: ]*(.*)", re.IGNORECASE)
_CLOSING_WORDS = ("for further information on", "key events", "register as a stakeholder")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the page, counted from 1, without its bullets and bars."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Field:
    """What a page says under one label; `lines` are those of a description, blank ones between paragraphs."""

    name: str
    lines: tuple[Line, ...]


def cut(text: str) -> dict[Section, list[Line]]:
    """Return the lines of each section that the page has, in order; facts are always there."""
    sections: dict[Section, list[Line]] = {Section.FACTS: []}
    current = Section.FACTS
    for line in _lines(text):
        if not line.text:
            if sections[current] and sections[current][-1].text:
                sections[current].append(line)  # one empty line parts paragraphs; more say no more
            continue
        heading, rest = _heading(line.text)
        current = heading or current
        kept = sections.setdefault(current, [])
        if heading is None or rest:
            kept.append(Line(line.number, rest))
    return sections


def nearly_a_schedule(lines: list[Line]) -> Line | None:
    """Return the line that is a misspelt heading of the schedule, whose rows would be lost in the prose."""
    length = len(SCHEDULE_HEADING)
    short = (line for line in lines if abs(len(line.text) - length) <= 3)
    return next((line for line in short if closest(line.text, [SCHEDULE_HEADING], alike=0.85)), None)


def fields(lines: list[Line]) -> Iterator[Field]:
    """Yield what stands under each label, in order; the prose before the first label is nobody's."""
    name: str | None = None
    seen: set[str] = set()
    held: list[Line] = []
    for line in lines:
        found = _field(line.text, inside=name, seen=seen)
        if found is not None:
            if name is not None:
                yield Field(name, tuple(held))
            name, value = found
            seen.add(name)
            held = [Line(line.number, value)]
        elif name in _PROSE_FIELDS or (name and line.text and not any(each.text for each in held)):
            held.append(line)  # more of a description, or the value on the line below its label
    if name is not None:
        yield Field(name, tuple(held))


def _lines(text: str) -> Iterator[Line]:
    plain = text.replace("\r\n", "\n").replace("\r", "\n").translate(_CONTROL)
    plain = plain.replace("\u00a0", " ")
    for number, line in enumerate(plain.split("\n"), start=1):
        yield Line(number, line.lstrip("-*•| \ufeff").rstrip("| "))


def _heading(line: str) -> tuple[Section | None, str]:
    """Return the section that a line begins, and what stands after the heading on the same line."""
    bare = line.strip("#*: ").lower()
    if bare in _HEADINGS:
        return _HEADINGS[bare], ""
    if bare.startswith(_CLOSING_WORDS):
        return Section.UNREAD, line
    enquiries = _ENQUIRIES.fullmatch(line)
    if enquiries is not None:
        return Section.ENQUIRIES, enquiries[1]
    return None, line


def _field(line: str, *, inside: str | None, seen: set[str]) -> tuple[str, str] | None:
    """Return the field that a line begins, and its value. Within prose a label seen before is only a word."""
    found = _FIELD_LINE.fullmatch(line) if line[:1].isupper() else None
    if found is None:
        return None
    name, value = _FIELDS[found[1].lower()], found[2].strip()
    if inside in _PROSE_FIELDS and name in seen:
        return None
    if name not in _PROSE_FIELDS and len(value) > _LONGEST_VALUE:
        return None
    return name, value
