"""What an event is: a fact about a procedure, written once, never changed. A later event corrects it."""

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from notifier.procedures.model import Dates, MilestoneKind


class EventKind(StrEnum):
    """Every kind of fact that is told. The words for each are in `messages.py`."""

    OPENED = "opened"
    CLOSING_SOON = "closing_soon"
    CLOSED = "closed"
    MEETING = "meeting"
    EXPECTED = "expected"
    """The day given for publication has come. Not a claim that anything was published."""
    NOT_YET = "not_yet"
    """The working day after an expected publication that nobody has seen."""
    REACHED = "reached"
    """The day of a resolution or of another milestone has come."""
    DATE_ADDED = "date_added"
    DATE_SET = "date_set"
    """A milestone that had no day now has one."""
    MOVED = "moved"
    EXTENDED = "extended"
    SHORTENED = "shortened"
    REMOVED = "removed"
    SUSPENDED = "suspended"
    RESTARTED = "restarted"
    DISCONTINUED = "discontinued"
    PUBLISHED = "published"
    LISTED = "listed"
    """A procedure seen for the first time ("Now listed here"): feed only."""
    CORRECTION = "correction"
    REOPENED = "reopened"
    """A consultation that had closed takes comments again, until a new day."""
    CONFIRMED = "confirmed"
    """What was announced as scheduled was seen to have happened: the entry is updated, nobody is mailed."""

    @property
    def bit(self) -> int:
        """The kind's place in the `kinds` of a subscription; stored, so it never changes."""
        return _BITS[self]

    @property
    def opens_or_closes(self) -> bool:
        """Whether the fact is about somebody's time to act."""
        return self in (EventKind.OPENED, EventKind.CLOSING_SOON, EventKind.CLOSED)


# Order is storage: append only.
_BITS = {kind: 1 << place for place, kind in enumerate(EventKind)}


class Basis(StrEnum):
    """How we know (promises §1.2). The words "open", "published" and "met" need `CONFIRMED`."""

    SCHEDULED = "scheduled"
    CHECKED = "checked"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True, kw_only=True)
class DateChange:
    """One row of a schedule that changed: `old` is None for a new row, `new` for one that was removed.

    `key` is the milestone's; two rows of one schedule can have the same label.
    """

    key: str | None = None
    kind: EventKind
    milestone_kind: MilestoneKind
    label: str
    old: Dates | None
    new: Dates | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NextDate:
    """A date still to come when the event was written."""

    label: str
    dates: Dates


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One row of the schedule as it stood when the event was written; `seen`: the source showed it happen."""

    key: str
    label: str
    kind: MilestoneKind
    dates: Dates
    seen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """Everything a reader is told about an event, frozen as it was known when the event was recorded.

    `day` is the civil day the event belongs to (the day a milestone was due; the day a change was seen).
    `deadline` is the day to act by, `closes_at` the hour of the closing, and `time_stated` whether the source
    itself gave that hour. `late_days` is how many days after `day` the event was recorded, 0 if on time.
    `learnt_on` is set when an open consultation was found after its opening.

    `read_at` is when the source was last read, `unreadable_at` when it was asked in vain. `reason` is why
    the body stopped or ended its work, in its words. `steps` is the whole schedule, in order; events recorded
    before it was kept have none. In a correction `note` is what an operator says, and
    `told_on` the day on which we said what it takes back. `entry_title` and `entry_html` are the words of the
    feed entry: no relative word in them.
    """

    title: str
    shown_id: str
    slug: str
    body: str
    process: str | None = None
    link: str | None = None
    source: str | None = None
    status_as_written: str | None = None
    milestone_key: str | None = None
    milestone_kind: MilestoneKind | None = None
    label: str | None = None
    day: date
    start: date | None = None
    deadline: date | None = None
    closes_at: time | None = None
    time_stated: bool = False
    changes: tuple[DateChange, ...] = ()
    next_dates: tuple[NextDate, ...] = ()
    steps: tuple[Step, ...] = ()
    late_days: int = 0
    learnt_on: date | None = None
    read_at: datetime | None = None
    unreadable_at: datetime | None = None
    reason: str | None = None
    note: str | None = None
    told_on: date | None = None
    zone: str = "Europe/London"
    entry_title: str = ""
    entry_html: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One recorded fact. `seq` is gapless and in commit order; `public_id` is in every id that leaves us.

    `occurred_at` is when it became true, `recorded_at` when we wrote it; both are calendar time.
    """

    seq: int
    public_id: str
    kind: EventKind
    basis: Basis
    procedure_id: int
    payload: Payload
    occurred_at: datetime
    recorded_at: datetime
    corrects_seq: int | None = None
    no_mail: bool = False
