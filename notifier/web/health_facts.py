"""The facts from which the health of the service is judged, and what a judgement is made of. Pure values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from notifier.delivery.acceptance import Unaccepted
from notifier.delivery.server_watch import Fault
from notifier.events.wording import moment
from notifier.holds import Hold
from notifier.procedures.concerns import HeldDates
from notifier.subscriptions.audience import Following


class State(StrEnum):
    """How the service is. Only `BROKEN` answers 503."""

    OK = "ok"
    ATTENTION = "attention"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """The next announcement: when (calendar time), of what, and how many people follow it."""

    at: datetime
    shown_ids: tuple[str, ...]
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A source that is asked over the web; every instant is calendar time.

    `read_at` is when it was last read well, None if it never was; `failing_since` and `problem` say since
    when it cannot be read, and why; `next_at` is when it is asked again.
    """

    name: str
    read_at: datetime | None
    next_at: datetime
    failing_since: datetime | None = None
    problem: str | None = None

    @property
    def unread_since(self) -> datetime | None:
        """Return since when nothing was heard of it."""
        return self.read_at or self.failing_since


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What the database says. `mail_since`, `digests_since` and `doubtful_at` are machine time, all else
    calendar time.

    `unannounced_since`: the oldest instant that is due, not held, and silent. `mail_since`: the oldest mail
    that is ready and not handed over; `digests_since` the same of daily and weekly mail, which may take
    longer. `unaddressed_since`: the oldest announcement that has not been turned into mails for all who
    follow. `unwritable_since`: since when nothing can be written. `unknown_statuses`: procedures whose status
    is a word that means nothing to us, so that their dates do not count. `put_off`: some mail was refused for
    now and is tried again. `doubtful_at`: when the first mail goes again whose answer was lost, so that it
    may have been taken. `silent_since`: the oldest instant that has been silent for a day because its source
    cannot be read. `holds`: why nothing is announced or sent; their instants are machine time.
    `came_back`: how many of the last thousand accepted mails came back.
    """

    coming: Coming | None
    unannounced_since: datetime | None
    mail_since: datetime | None
    unaddressed_since: datetime | None
    digests_since: datetime | None = None
    unwritable_since: datetime | None = None
    held_dates: HeldDates | None = None
    unknown_statuses: int = 0
    put_off: bool = False
    doubtful_at: datetime | None = None
    following: Following | None = None
    sources: Sequence[Source] = ()
    silent_since: datetime | None = None
    holds: Sequence[Hold] = ()
    came_back: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """The disk of the database: bytes free for us, and how long they last at the pace of the last hours.

    `lasts` is None while the pace is not known, or where the free space does not shrink.
    """

    free: int
    lasts: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """Calls of the heartbeat that failed in a row: how many, and since when (calendar time)."""

    count: int
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """When the newest backup was written (machine time); None: there is none."""

    newest: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """A database that does not answer: how a sentence names it, and the first line of what it said."""

    name: str
    said: str
    is_file: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """What the process says: `started_at` and `swept_at` are machine time.

    `mail_unread_since`: since when mail that came back cannot be read. `unknown_addresses`: how many of
    the last thousand letters were refused because their mailbox does not exist. `unaccepted`: what was
    refused since a letter was last accepted. `zones`: the version of the time-zone data such as "2026a";
    None where it is not known. `backup`: None where nobody looks for one. `unanswered`: what the database
    said at the last look, where it did not answer.
    """

    started_at: datetime
    swept_at: datetime | None
    sweep_seconds: float
    fault: Fault | None
    source_problems: Sequence[str]
    sources_unread_since: datetime | None = None
    disk: Disk | None = None
    missed: Missed | None = None
    mail_unread_since: datetime | None = None
    unknown_addresses: int = 0
    unaccepted: Unaccepted | None = None
    zones: str | None = None
    backup: Backup | None = None
    unanswered: Unanswered | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """The two times of one moment, and the zone in which sentences tell it."""

    calendar: datetime
    machine: datetime
    zone: ZoneInfo

    def in_calendar(self, machine: datetime) -> datetime:
        """Return the calendar instant that is as long ago as this machine instant, to the nearest second.

        The clocks are read one after the other: by that fraction of a second 17:05 would be told as 5:04pm.
        """
        instant = self.calendar - (self.machine - machine)
        return (instant + timedelta(milliseconds=500)).replace(microsecond=0)

    def told(self, instant: datetime) -> str:
        """Return "8:55am on 14 October 2022"."""
        return moment(instant, self.zone.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong. `since` is calendar time, None where nobody noted it.

    `sentence` is for everybody; `detail` and `advice` are for whoever runs the service.
    """

    state: State
    sentence: str
    since: datetime | None
    detail: str
    advice: str


def waiting_since(stored: Stored, now: Now) -> datetime | None:
    """Return since when (calendar time) the oldest mail waits, whether it has its address yet or not."""
    ready = now.in_calendar(stored.mail_since) if stored.mail_since is not None else None
    return min((one for one in (ready, stored.unaddressed_since) if one is not None), default=None)


def digests_waiting_since(stored: Stored, now: Now) -> datetime | None:
    """Return since when (calendar time) the oldest daily or weekly mail waits."""
    return None if stored.digests_since is None else now.in_calendar(stored.digests_since)
