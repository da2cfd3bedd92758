"""What is said to staff, before it has a form: plain values that are stored with their mailing."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffItem:
    """One sentence, and the command lines that act on it, each with what it is for."""

    text: str
    commands: tuple["Command", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command line to copy; `purpose` is "To hold it"."""

    purpose: str
    line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffSection:
    """Some items under a heading; an empty heading shows none."""

    heading: str
    items: tuple[StaffItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffWords:
    """One letter to staff."""

    subject: str
    lead: str
    sections: tuple[StaffSection, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of one mailing so far. `last_accepted_at` is calendar time; None: none was accepted yet.

    `cancelled` are mails that were not sent because their reader had left, or they would have come too late.
    `digest` is the rhythm of a digest, "daily" or "weekly", whose mails hold some of the `titles` each.
    """

    mailing_id: int
    titles: tuple[str, ...]
    queued: int
    accepted: int
    waiting: int
    refused: int
    cancelled: int
    last_accepted_at: datetime | None
    digest: str = ""
