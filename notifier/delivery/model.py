"""What a delivery is: one message to one recipient. This room knows no event and no subscription."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import NamedTuple, Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.delivery.wire import content_of


class Lane(IntEnum):
    """Urgency of a delivery; a lower lane is emptied first."""

    REPLIES = 0
    CLOSING_SOON = 1
    AT_ONCE = 2
    DIGESTS = 3
    WEBHOOKS = 4


class DeliveryState(StrEnum):
    """`accepted` means that the next mail server answered 250: our last word."""

    PENDING = "pending"
    SENDING = "sending"
    ACCEPTED = "accepted"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Claimed(NamedTuple):
    """A delivery that this process has leased, not yet bound to a content. `claimed_at` is machine time.

    A tuple, as it is made by the thousand: a frozen dataclass takes four times as long to make.
    """

    delivery_id: int
    mailing_id: int
    subscriber_id: int
    part: int
    attempts: int
    doubtful: int
    claimed_at: datetime


class Letter(NamedTuple):
    """One finished mail: the envelope, and its bytes as DATA carries them (`wire.py`; RFC 5322, 7-bit).

    `parts` are those bytes in pieces, most of which it shares with others: joined only as they are written,
    they are still in the processor's cache then. `about` are the ids by which the log can be searched for it;
    this room does not know what they name.
    """

    delivery_id: int
    subscriber_id: int
    attempts: int
    doubtful: int
    sender: str
    recipient: str
    parts: Sequence[bytes]
    about: tuple[str, ...] = ()

    @property
    def data(self) -> bytes:
        """Return the mail as DATA carries it."""
        return b"".join(self.parts)

    @property
    def content(self) -> bytes:
        """Return the mail as its reader gets it."""
        return content_of(self.data)

    @property
    def domain(self) -> str:
        """Return the domain of the recipient, in one spelling."""
        return self.recipient.rpartition("@")[2].casefold()


class Verdict(StrEnum):
    """What one attempt came to."""

    ACCEPTED = "accepted"
    RETRY = "retry"
    """Refused for now (4xx, or a fault that is not the address's): again later."""
    FAILED = "failed"
    """Refused for good; the address is not blamed."""
    BAD_ADDRESS = "bad_address"
    """Refused for good because the mailbox does not exist (`refusal.py`)."""
    DOUBTFUL = "doubtful"
    """The connection was lost after the final dot: it may have been accepted."""


class Outcome(NamedTuple):
    """The end of one attempt, with the server's own code and words (at most 120 characters)."""

    letter: Letter
    verdict: Verdict
    code: int | None
    reply: str


class ServerFault(Exception):  # noqa: N818 - it names what happened, not a class of bugs
    """The mail server itself cannot be used now; no delivery is to blame and no attempt is counted.

    `retry_after` is how many seconds to leave it alone (0: it deals with other letters, which go on);
    `pressed`, whether it seems to have had too much.
    """

    def __init__(self, reason: str, *, retry_after: float, pressed: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after
        self.pressed = pressed


class Supply(Protocol):
    """Where a transport gets its letters, and tells how each one ended. Nothing here waits."""

    @property
    def ready(self) -> int:
        """How many letters could begin now."""
        ...

    def next(self) -> Letter | None:
        """Return a letter that begins now; None: none may. It ends by `ended` or `returned`."""
        ...

    def ended(self, outcome: Outcome) -> None:
        """Take the outcome of a letter."""
        ...

    def returned(self, letter: Letter, fault: ServerFault | None) -> None:
        """Take a letter back of which nothing was accepted: for a fault of the server, or for none."""
        ...

    def failed(self, fault: ServerFault) -> None:
        """Hear that the server cannot be used; no letter had begun."""
        ...


class Transport(Protocol):
    """Hands letters to the next mail server (`smtp.py`)."""

    @property
    def capacity(self) -> int:
        """How many letters may be under way at once."""
        ...

    async def run(self, supply: Supply) -> None:
        """Send what `supply` has, until `close`.

        Raises:
            Exception: a mistake of our own.
        """
        ...

    def wake(self) -> None:
        """Say that `supply` may have a letter."""
        ...

    async def close(self) -> None:
        """Close every connection; a letter under way ends as if the server had hung up."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Unwritten:
    """Letters of which is decided what they say, and that are not composed yet: that takes its time.

    `write` composes those of some of the places of `delivery_ids`, in order: many at once take less time
    than one after the other.
    """

    delivery_ids: Sequence[int]
    write: Callable[[range], Sequence[Letter]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """Claimed deliveries of which is decided what they say, and those for which nothing is left to say."""

    letters: Sequence[Unwritten]
    cancelled: Sequence[int]


class Binder(Protocol):
    """Decides what claimed deliveries say, inside the claiming transaction (`events/bind.py`)."""

    async def __call__(self, conn: AsyncConnection, claimed: Sequence[Claimed], now: datetime) -> Bound:
        """Bind each delivery to what its subscriber still wants."""
        ...


class AddressEnder(Protocol):
    """Ends everything that is sent to an address which its server says does not exist."""

    async def __call__(self, conn: AsyncConnection, subscriber_id: int, now: datetime) -> None:
        """End the subscriber inside the transaction that records the refusal."""
        ...
