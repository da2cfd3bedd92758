"""What a procedure is: a thing with a schedule of dated milestones. Plain values; nothing here acts."""

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum


class Status(StrEnum):
    """Where a procedure stands, whatever words its source uses (the source's word is kept beside it)."""

    PROPOSED = "proposed"
    AWAITING_DEVELOPMENT = "awaiting_development"
    TOPIC_SELECTION = "topic_selection"
    REFERRED = "referred"
    IN_PROGRESS = "in_progress"
    SUSPENDED = "suspended"
    IMPACTED_BY_COVID_19 = "impacted_by_covid_19"
    DISCONTINUED = "discontinued"
    COMPLETE = "complete"
    UNKNOWN = "unknown"

    @property
    def running(self) -> bool:
        """Whether dates of a procedure with this status speak; those of all others are shown only."""
        return self in _RUNNING

    @property
    def ended(self) -> bool:
        """Whether nothing more is expected of the procedure."""
        return self in (Status.DISCONTINUED, Status.COMPLETE)


_RUNNING = frozenset(
    (
        Status.PROPOSED,
        Status.AWAITING_DEVELOPMENT,
        Status.TOPIC_SELECTION,
        Status.REFERRED,
        Status.IN_PROGRESS,
    )
)


class MilestoneKind(StrEnum):
    """What a dated step is, by its label and whether it spans days (`procedures/kinds.py`)."""

    MEETING = "meeting"
    CONSULTATION = "consultation"
    WINDOW = "window"
    RESOLUTION = "resolution"
    PUBLICATION = "publication"
    OTHER = "other"

    @property
    def spans(self) -> bool:
        """Whether a milestone of this kind opens and closes, rather than being reached."""
        return self in (MilestoneKind.CONSULTATION, MilestoneKind.WINDOW)


class Precision(StrEnum):
    """How exactly a date is known. Only `DAY` ever speaks."""

    DAY = "day"
    MONTH = "month"
    UNKNOWN = "unknown"


class MilestoneState(StrEnum):
    """What is known of a milestone: still to come, seen by its source to have happened, or taken back."""

    PLANNED = "planned"
    REACHED = "reached"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """The date or range of one milestone, in the civil calendar of its body.

    A month is kept as its first day with precision `MONTH`. `closes_at` is set only where the source itself
    states a time of day for the end (promises §1.8); `as_written` is the source's own text.
    """

    start: date | None = None
    end: date | None = None
    precision: Precision = Precision.UNKNOWN
    closes_at: time | None = None
    as_written: str = ""

    def same_days(self, other: "Dates") -> bool:
        """Whether both name the same days as exactly, however they are written."""
        return (self.start, self.end, self.precision) == (other.start, other.end, other.precision)


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """One dated step of a procedure; `key` is its identity within the procedure and outlives its dates."""

    key: str
    label: str
    kind: MilestoneKind
    dates: Dates
    state: MilestoneState = MilestoneState.PLANNED
    held: bool = False
    revision: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a source says about a procedure beside its schedule. None: the source does not say."""

    title: str | None = None
    status: Status | None = None
    status_as_written: str | None = None
    decision: str | None = None
    process: str | None = None
    technology_type: str | None = None
    id_number: str | None = None
    description: str | None = None
    email: str | None = None
    link: str | None = None
    referral_date: date | None = None
    reason: str | None = None
    """Why the body stopped or ended its work, in its own words."""


class Coverage(StrEnum):
    """How much of a procedure a reading speaks for: only what it speaks for can be missed in it."""

    WHOLE = "whole"
    """The whole schedule: a stored milestone that is missing has vanished."""
    PUBLICATION = "publication"
    """Status and expected publication alone, as in a list of projects."""
    GIVEN = "given"
    """Only what it gives, as in a list of open consultations: nothing is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """What a source says has happened: the day or days it gives, if they are exact, and its own words."""

    start: date | None
    end: date | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One section of a page that is not part of the schedule: its heading, and its text."""

    heading: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One reading of one procedure. What it `covers` and lacks has vanished; it takes nothing else away.

    `draft` is None where the source does not say. `stated` are the keys of the milestones whose state the
    source itself gives. `aliases` are other references of the same procedure. `as_of` is when the source says
    it was last changed: an older reading never overwrites a newer one.
    """

    reference: str
    facts: Facts
    milestones: tuple[Milestone, ...]
    covers: Coverage = Coverage.WHOLE
    draft: bool | None = None
    stated: frozenset[str] = frozenset()
    aliases: tuple[str, ...] = ()
    timeline: tuple[TimelineEntry, ...] = ()
    passages: tuple[Passage, ...] = ()
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """A stored procedure. `slug` is its first reference: addresses and `tag:` ids come from it for good."""

    id: int
    slug: str
    references: tuple[str, ...]
    facts: Facts
    milestones: tuple[Milestone, ...]
    revision: int = 1
    draft: bool = False
    held: bool = False
    source_key: str | None = None
    """The watched source that speaks for it; None where nobody watches it."""
    covers: Coverage = Coverage.WHOLE
    """How much that source says of it."""
    read_at: datetime | None = None
    """When the body's own page was last read; None where an operator entered the schedule."""
    as_of: datetime | None = None
    """When the source says it was last changed."""

    @property
    def status(self) -> Status:
        """The status as understood; `UNKNOWN` when the source gives none or an unknown word."""
        return self.facts.status or Status.UNKNOWN

    @property
    def shown_id(self) -> str:
        """Return the identity people know, such as "IP1783"; the reference where there is no ID number."""
        return shown_id(self.facts.process, self.facts.id_number, self.slug)

    @property
    def title(self) -> str:
        """Return the title to show; the shown id where the source gave none."""
        return self.facts.title or self.shown_id


def shown_id(process: str | None, id_number: str | None, reference: str) -> str:
    """Join a process and an ID number as their body does: "IP" and "1783" are "IP1783"."""
    if not id_number:
        return reference
    if id_number[0].isalpha() or not process or not process.isalpha() or len(process) > 4:
        return id_number if id_number[0].isalpha() else f"ID{id_number}"
    return f"{process}{id_number}"
