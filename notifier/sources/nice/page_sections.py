"""A project page cut into its sections. Pure; what they say is read elsewhere.

A page is prose, then labelled facts, then sections under headings of their own. Any section can be missing.
What stands under the heading of a project team is dropped here: its names go no further than this file.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import chain, islice

from notifier.settings.closest import closest
from notifier.sources.nice.page_fields import begins_field, is_field
from notifier.sources.nice.page_lines import Line


class Kind(Enum):
    """The parts of a page that are told apart."""

    FACTS = auto()
    SCHEDULE = auto()
    TIMELINE = auto()
    ENQUIRIES = auto()
    PASSAGE = auto()
    UNREAD = auto()


@dataclass(slots=True)
class Section:
    """One part of a page: what it is, its heading and where that stands, and the lines under it."""

    kind: Kind
    heading: str = ""
    level: int = 0
    number: int = 0
    lines: list[Line] = field(default_factory=list)


SCHEDULE_HEADING = "Provisional Schedule"
_TEAM = "project team"
_LONGEST_TEAM_HEADING = 40
_HEADINGS = {
    SCHEDULE_HEADING.lower(): Kind.SCHEDULE,
    "timeline": Kind.TIMELINE,
    "key events": Kind.TIMELINE,
    "stakeholders": Kind.PASSAGE,
    "registered stakeholders": Kind.PASSAGE,
    "consultees": Kind.PASSAGE,
    "commentators": Kind.PASSAGE,
    "consultees and commentators": Kind.PASSAGE,
    "documents": Kind.UNREAD,
    "project documents": Kind.UNREAD,
}
_MARKED_HEADINGS = {
    "schedule": Kind.SCHEDULE,
    "key dates": Kind.SCHEDULE,
    "provisional timetable": Kind.SCHEDULE,
    "enquiries": Kind.ENQUIRIES,
}
"""Headings only where the layout says so: within prose these are ordinary words."""

_TEAM_HEADING = re.compile(
    r"(?:(?:the|our|nice|project|guidance|guideline|technical|review|committee) ){0,3}"
    r"(?:team|staff|contacts?|members)(?: members)?",
    re.IGNORECASE,
)
_ENQUIRIES = re.compile(r"email enquir(?:ies|y)\b[: ]*(.*)", re.IGNORECASE)
_KEY_EVENTS = "key events during the development"
_CLOSING_WORDS = (
    "for further information on",
    "register as a stakeholder",
    "back to top",
    "this page was last updated",
    "© nice",
)


def cut(lines: Iterable[Line]) -> list[Section]:
    """Return the sections of a page in its order; the first holds the facts and is always there."""
    sections, told_facts = [Section(Kind.FACTS)], False
    for line in lines:
        current = sections[-1]
        if not line.text and not line.cells:
            if current.lines and current.lines[-1].text:
                current.lines.append(line)  # one empty line parts paragraphs; more say no more
            continue
        begun = _begun(line, current)
        told_facts = told_facts or bool(begun and begun.kind is Kind.SCHEDULE) or is_field(line)
        if begun is None:
            if current.kind is not Kind.UNREAD:
                current.lines.append(line)
        elif begun.kind is Kind.UNREAD and not (told_facts or line.level or _is_team(begun.heading)):
            continue  # a link to another page of the project, above what this page says
        elif not (begun.kind is current.kind is Kind.TIMELINE):
            sections.append(begun)
    return sections


def nearly_a_schedule(sections: Sequence[Section]) -> Line | None:
    """Return the line that is a misspelt heading of the schedule, whose rows would be lost in the prose."""
    length = len(SCHEDULE_HEADING)
    facts = [section for section in sections if section.kind is Kind.FACTS]
    headings = (Line(section.number, section.heading) for section in facts)
    lines = chain(headings, *(section.lines for section in facts))
    short = (line for line in lines if abs(len(line.text.strip(" :")) - length) <= 3)
    near = (
        line for line in islice(short, 1000) if closest(line.text.strip(" :"), [SCHEDULE_HEADING], alike=0.85)
    )
    return next(near, None)


def _begun(line: Line, current: Section) -> Section | None:
    """Return the section that a line begins, with what already stands in it; None within a section."""
    if line.cells:
        return _enquiries_in_cells(line, current)
    bare = line.text.rstrip(" :")
    kind = _named(bare, marked=line.level > 0)
    if kind is not None:
        return Section(kind, bare, line.level, line.number)
    enquiries = _ENQUIRIES.fullmatch(line.text)
    if enquiries is not None:
        rest = Line(line.number, enquiries[1], mails=line.mails)
        return Section(Kind.ENQUIRIES, "Email enquiries", line.level, line.number, [rest])
    if line.level == 0:
        return Section(Kind.UNREAD) if bare.lower().startswith(_CLOSING_WORDS) else None
    return _under_a_heading(line, bare, current)


def _under_a_heading(line: Line, bare: str, current: Section) -> Section | None:
    """Return the section under a marked heading whose name says nothing; None where it parts a section."""
    if begins_field(bare):
        label = Line(line.number, f"{bare}:", labels=True)
        return Section(Kind.FACTS, "", line.level, line.number, [label])
    deeper = line.level > current.level
    if current.kind is Kind.UNREAD and current.heading and deeper:
        return None  # a plain heading has level 0: under it, only a heading that is known parts anything
    if deeper and current.level and current.kind not in (Kind.FACTS, Kind.UNREAD):
        return None
    if line.level == 1 and current.kind is Kind.FACTS and not current.heading:
        return None  # the title of the page
    return Section(Kind.FACTS, bare, line.level, line.number)


def _enquiries_in_cells(line: Line, current: Section) -> Section | None:
    """Return the section that a row "Email enquiries | address |" begins; among facts it is one of them."""
    if current.kind is Kind.FACTS or not _ENQUIRIES.fullmatch(line.cells[0]):
        return None
    rest = Line(line.number, " ".join(line.cells[1:]), mails=line.mails)
    return Section(Kind.ENQUIRIES, "Email enquiries", 0, line.number, [rest])


def _named(bare: str, *, marked: bool) -> Kind | None:
    name = bare.lower()
    if name.startswith(_KEY_EVENTS):
        return Kind.TIMELINE
    known = _HEADINGS.get(name) or (_MARKED_HEADINGS.get(name) if marked else None)
    if known is not None:
        return known
    return Kind.UNREAD if _is_team(name) else None


def _is_team(name: str) -> bool:
    """Whether a heading is that of a project team; one that is misspelt must not let names through."""
    if not name or len(name) > _LONGEST_TEAM_HEADING:
        return False
    if _TEAM_HEADING.fullmatch(name):
        return True
    written, meant = Counter(name.lower()), Counter(_TEAM)
    return name[:1] in "pP" and sum(((written - meant) + (meant - written)).values()) <= 2
