"""What a message to the mailbox of returned mail says, as far as reading it can tell. Plain values."""

from dataclasses import dataclass
from enum import StrEnum


class BounceKind(StrEnum):
    """What a message is; stored, so the words stay."""

    HARD = "hard"
    """Undeliverable for good, because there is no such mailbox."""
    SOFT = "soft"
    """Given up for now: the mailbox is full, or its server was not reached."""
    REFUSED = "refused"
    """Refused for good, for a reason that blames this mail, or us, or that nobody can tell."""
    DELAYED = "delayed"
    """Still being tried by some server on the way."""
    DELIVERED = "delivered"
    """Arrived, says a report that nobody asked for."""
    COMPLAINT = "complaint"
    """Reported as unwanted."""
    UNSUBSCRIBE = "unsubscribe"
    """A mail program's own way to stop what a mail was sent for."""
    AUTOREPLY = "autoreply"
    """A holiday note, a receipt, or another answer of a machine."""
    UNKNOWN = "unknown"
    """None of these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What became of a mail: its kind, an enhanced status code (RFC 3463), and a server's own words.

    The words are one line of at most 120 printable characters, without addresses.
    """

    kind: BounceKind
    status: str | None = None
    diagnostic: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """A message, read and not yet believed.

    `arrived_at` are the tokens of the address that it came to; `enclosed` those in the head of the mail that
    a complaint encloses.
    """

    fate: Fate
    arrived_at: tuple[str, ...] = ()
    enclosed: tuple[str, ...] = ()
