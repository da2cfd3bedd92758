"""Subscribers and what they follow: pending → active → ended, with a reason. Plain values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum

from notifier.subscriptions.topics import Topic


class SubscriptionState(StrEnum):
    """Nothing is sent but to `ACTIVE`. `ENDED` is kept as evidence."""

    PENDING = "pending"
    ACTIVE = "active"
    ENDED = "ended"


class Rhythm(IntEnum):
    """How soon news is mailed; stored, so the numbers stay."""

    AT_ONCE = 0
    DAILY = 1
    WEEKLY = 2


RHYTHMS: Mapping[str, Rhythm] = {
    "at-once": Rhythm.AT_ONCE,
    "daily": Rhythm.DAILY,
    "weekly": Rhythm.WEEKLY,
}
"""What forms and lists call each rhythm."""


def rhythm_name(rhythm: Rhythm) -> str:
    """Return what forms and lists call a rhythm."""
    return next(name for name, one in RHYTHMS.items() if one is rhythm)


class EndReason(StrEnum):
    """How a subscription came to its end."""

    LINK = "stopped with the link in a mail"
    ONE_CLICK = "stopped by one-click"
    REFUSED = "refused by its server"
    OVER = "ended by itself after the procedure ended"
    PREFERENCES = "stopped on the page of preferences"
    ERASED = "erased on request"
    BOUNCED = "came back as undeliverable"
    SOFT_BOUNCED = "came back for now too often"
    COMPLAINED = "reported as unwanted"
    OPERATOR = "stopped by the operator"
    NEVER_CONFIRMED = "never confirmed"


class ReplyKind(StrEnum):
    """What is mailed in answer to a form."""

    CONFIRM = "confirm"
    ALREADY = "already"
    ACCESS = "access"
    """The link that opens all that an address gets."""
    NEW_ADDRESS = "new_address"
    """The link, mailed to the new address, that lets alerts go there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One thing that one address follows: which kinds of event (bits), and how soon they are mailed.

    `reminders` is what its subscriber chose for everything, `language` the one in which they are written to.
    `confirm_until` is machine time, all else is calendar time.
    """

    id: int
    subscriber_id: int
    address: str
    topic: Topic
    kinds: int
    rhythm: Rhythm
    state: SubscriptionState
    nonce: str
    language: str
    asked_at: datetime
    confirm_until: datetime
    confirmed_at: datetime | None
    ended_at: datetime | None = None
    ended_reason: str | None = None
    reminders: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A mail that answers a form. `link` is what its link opens; None where that is over, or there is none.

    `subscription` is what it is about: None where it is about an address as a whole. `language` is the one in
    which its reader is written to.
    """

    id: int
    kind: ReplyKind
    address: str
    language: str
    subscription: Subscription | None = None
    link: "LinkRow | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRow:
    """The row that a link is made for, and the nonce that it is made with."""

    id: int
    nonce: str


class InvalidAddress(ValueError):  # noqa: N818 - it names what was given
    """No mail can be sent to what was given; the message says why, for the person who typed it."""


class NameBeyondAscii(InvalidAddress):
    """An address whose name before the @ has letters that cannot be counted on to be carried."""
