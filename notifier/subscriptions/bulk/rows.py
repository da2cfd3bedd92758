"""A row of a list of subscribers → what it asks for, or everything that is wrong with it. Pure.

Each row says where and when consent was given, or is refused: an import mails people who filled in no form.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from notifier.procedures.typed_days import guess_day, read_day
from notifier.settings.closest import closest
from notifier.subscriptions.lifecycle import normal_address
from notifier.subscriptions.model import RHYTHMS, InvalidAddress, Rhythm
from notifier.subscriptions.topics import EVERYTHING, Topic, TopicKind, procedure_topic

COLUMNS = (
    "address",
    "follows",
    "preset",
    "rhythm",
    "language",
    "consent_source",
    "consent_date",
    "reminders",
)
NEEDED = ("address", "follows", "consent_source", "consent_date")
REPORTED = ("line", "problem", "meant")
"""The columns that a file of refused rows has beside; they are passed over when it is read again."""

FLAGS = {"yes": True, "no": False, "true": True, "false": False}
LONGEST_SOURCE = 300
"""Characters of a consent's source; whoever writes more can keep it elsewhere and name the place."""

Kinds = Callable[[str, bool], int]
"""Returns the kinds of event of a preset, with reminders or without (`events/interest.py`)."""

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_IN_BRACKETS = re.compile(r"<([^<>]+)>")
_REFERENCE = re.compile(r"(?=.*[0-9])[A-Za-z][A-Za-z0-9._-]{0,63}")
"""What people write as a reference: letters and a number. A lone word is rather a slip in "all"."""
_KINDS = {"process": TopicKind.PROCESS, "technology": TopicKind.TECHNOLOGY}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong with a row, and what was probably meant."""

    what: str
    meant: str = ""

    def __str__(self) -> str:
        """Return it as a sentence without its end."""
        return f"{self.what}; did you mean “{self.meant}”?" if self.meant else self.what


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row as it stands in its file: the line that it begins on, and its cells by column."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A row that is not taken in, and why."""

    row: Row
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a good row asks for."""

    row: Row
    address: str
    address_key: str
    topic: Topic
    preset: str
    rhythm: Rhythm
    language: str
    reminders: bool
    consent_source: str
    consent_date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What can be followed and chosen here.

    `procedures` are by the key of each of their references, `numbers` are those references by what people
    call the procedure ("ip1783"). `presets` have the usual one first.
    """

    procedures: Mapping[str, int]
    numbers: Mapping[str, Sequence[str]]
    processes: frozenset[str]
    technologies: frozenset[str]
    presets: Sequence[str]
    today: date


@dataclass(slots=True)
class _Reading:
    """One row while it is read, and what was found wrong so far."""

    cells: Mapping[str, str]
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, what: str, meant: str = "") -> None:
        self.problems.append(Problem(what=what, meant=meant))

    def cell(self, name: str) -> str:
        return self.cells.get(name, "").strip()

    def needed(self, name: str) -> str:
        found = self.cell(name)
        if not found:
            self.refuse(f"{name} is missing")
        return found

    def one_of(self, name: str, options: Sequence[str], default: str) -> str:
        found = "-".join(self.cell(name).casefold().replace("_", " ").split()) or default
        if found not in options:
            meant = closest(found, options) or ""
            self.refuse(f"{name} “{self.cell(name)}” is none of {', '.join(options)}", meant)
        return found


def read_row(row: Row, known: Known) -> Wanted | Refused:
    """Return what a row asks for, or all that is wrong with it."""
    reading = _Reading(row.cells)
    address = _address(reading)
    topic = _topic(reading, known)
    consent_date = _consent_date(reading, known.today)
    source = reading.needed("consent_source")
    if len(source) > LONGEST_SOURCE:
        reading.refuse(f"consent_source is longer than {LONGEST_SOURCE} characters")
    usual = "at-once" if topic is None or topic.kind is TopicKind.PROCEDURE else "daily"
    rhythm = reading.one_of("rhythm", tuple(RHYTHMS), usual)
    preset = reading.one_of("preset", known.presets, known.presets[0])
    reminders = reading.one_of("reminders", tuple(FLAGS), "yes")
    language = reading.cell("language") or "en"
    if not _LANGUAGE.fullmatch(language):
        reading.refuse(f"language “{language}” is no language tag such as “en” or “cy”")
    if reading.problems or topic is None or consent_date is None:
        return Refused(row=row, problems=tuple(reading.problems))
    return Wanted(
        row=row,
        address=address,
        address_key=address.casefold(),
        topic=topic,
        preset=preset,
        rhythm=RHYTHMS[rhythm],
        language=language,
        reminders=FLAGS[reminders],
        consent_source=" ".join(source.split()),
        consent_date=consent_date,
    )


def _address(reading: _Reading) -> str:
    text = reading.needed("address")
    if not text:
        return ""
    try:
        return normal_address(text)
    except InvalidAddress as error:
        reading.refuse(f"address “{text}” is none ({str(error).rstrip('.')})", _probable_address(text))
        return ""


def _probable_address(text: str) -> str:
    for candidate in _repairs(text):
        try:
            return normal_address(candidate)
        except InvalidAddress:
            continue
    return ""


def _repairs(text: str) -> Iterator[str]:
    """Yield what somebody may have meant, by the slips that lists of addresses are full of."""
    bracketed = _IN_BRACKETS.search(text)
    if bracketed is not None:
        yield bracketed.group(1)
    bare = text.strip(" \"'.,;<>").removeprefix("mailto:")
    yield bare
    together = (
        re.sub(r"\s*[\[(]?\bat\b[\])]?\s*", "@", bare, flags=re.IGNORECASE) if "@" not in bare else bare
    )
    together = re.sub(r"\s*[\[(]?\bdot\b[\])]?\s*", ".", together, flags=re.IGNORECASE)
    together = re.sub(r"@+", "@", "".join(together.split()))
    yield together
    local, _, domain = together.rpartition("@")
    yield f"{local}@{re.sub('[,;]+|[.]{2,}', '.', domain)}"


def _topic(reading: _Reading, known: Known) -> Topic | None:
    text = reading.needed("follows")
    if not text:
        return None
    if text.casefold() == "all":
        return EVERYTHING
    kind, colon, name = (part.strip() for part in text.partition(":"))
    if colon and kind.casefold() in _KINDS:
        return _some(reading, _KINDS[kind.casefold()], name, known)
    found = known.procedures.get(text.casefold())
    if found is not None:
        return procedure_topic(found)
    numbered = known.numbers.get(text.casefold(), ())
    if numbered:
        meant = numbered[0] if len(numbered) == 1 else ""
        reading.refuse(f"follows “{text}” is an ID number: name the reference {' or '.join(numbered)}", meant)
        return None
    options = (*known.procedures, "all", *(f"process:{one}" for one in known.processes))
    meant = closest(text, (*options, *(f"technology:{one}" for one in known.technologies))) or ""
    words = (
        f"no procedure here has the reference {text}"
        if _REFERENCE.fullmatch(text)
        else f"follows “{text}” is no reference, “process:NAME”, “technology:NAME” or “all”"
    )
    reading.refuse(words, meant.upper() if meant in known.procedures else meant)
    return None


def _some(reading: _Reading, kind: TopicKind, name: str, known: Known) -> Topic | None:
    options = known.processes if kind is TopicKind.PROCESS else known.technologies
    value = name.casefold()
    if value in options:
        return Topic(kind=kind, value=value)
    meant = closest(value, sorted(options))
    words = f"follows “{kind}:{name}” names no {kind} of any procedure here"
    reading.refuse(words, f"{kind}:{meant}" if meant else "")
    return None


def _consent_date(reading: _Reading, today: date) -> date | None:
    text = reading.needed("consent_date")
    if not text:
        return None
    found = read_day(text)
    if found is None:
        guess = guess_day(text, today)
        meant = guess.isoformat() if guess is not None and guess <= today else ""
        reading.refuse(f"consent_date “{text}” is no day such as 2022-09-03", meant)
    elif found > today:
        reading.refuse(f"consent_date “{text}” has not come yet")
        return None
    return found
