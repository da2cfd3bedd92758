"""What is known about one event and one person: facts without a verdict. Plain values.

Instants are calendar time, but for `Sending.next_at`, `Sending.mail_after` and `Following.link_until`, which
are machine time.
"""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from notifier.delivery.model import DeliveryState
from notifier.events.model import EventKind
from notifier.subscriptions.model import EndReason, Rhythm, SubscriptionState


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """The event that is asked about. `corrected_at` is when a correction took it back, `overtaken_at` when a
    change was recorded that says all of it.
    """

    seq: int
    public_id: str
    title: str
    kind: EventKind
    recorded_at: datetime
    no_mail: bool = False
    corrected_at: datetime | None = None
    overtaken_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A stop that was taken back."""

    ended_at: datetime
    reason: str
    resumed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """One thing that somebody asked for, as it bears on the event.

    `what` is its name. `follows_it` says whether the event belongs to it, `chosen` whether its kind does, and
    `before` whether it was confirmed before the event; `ended_before` whether it had ended by then. `preset`
    is what was chosen, in words, and `without_reminders` whether reminders were left out of it. `changed_at`
    is when that was changed first after the event, and `change` how.
    """

    what: str
    follows_it: bool
    chosen: bool
    preset: str
    without_reminders: bool = False
    rhythm: Rhythm = Rhythm.AT_ONCE
    state: SubscriptionState
    asked_at: datetime
    link_until: datetime
    confirmed_at: datetime | None = None
    imported: bool = False
    before: bool = False
    ended_at: datetime | None = None
    ended_reason: str | None = None
    ended_before: bool = False
    pauses: tuple[Pause, ...] = ()
    changed_at: datetime | None = None
    change: str = ""

    @property
    def ended_because(self) -> EndReason | None:
        """Why it ended; None if it did not."""
        return None if self.ended_reason is None else EndReason(self.ended_reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt to hand a mail over: the server's code and words; None and "" once they are forgotten."""

    n: int
    at: datetime
    code: int | None
    reply: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CameBack:
    """Something that came back after the mail had been accepted."""

    at: datetime
    kind: str
    code: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """A mail to the person that carries the event, carried it, or was to.

    `doubtful` counts the attempts whose answer was lost, `taken_back` how often a process died that had it in
    hand, and may have sent it or not. `stopped_at` is when its mailing was stopped as told
    already, `mail_after` until when mail to this address waits because some came back for now. `useful` says
    whether the event was worth mailing still when the mail was cancelled.
    """

    delivery_id: int
    state: DeliveryState
    queued_at: datetime | None
    attempts: tuple[Attempt, ...] = ()
    doubtful: int = 0
    taken_back: int = 0
    next_at: datetime
    mail_after: datetime | None = None
    done_at: datetime | None = None
    stopped_at: datetime | None = None
    useful: bool = True
    came_back: tuple[CameBack, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathering:
    """The event is kept for the person's digest; `slot_at` is when that is next mailed."""

    rhythm: Rhythm
    slot_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Somebody left an address for another; `asked` says whether it is the one that is asked about."""

    at: datetime
    asked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who has, or once had, the address; one address can have been several people in turn.

    `unqueued` is when the mailing may be fanned out to them that has not been yet; `left_out_at` when they
    were sent a mail of the event's moment that left it out. `moves` are in order; `left_at` is when they left
    the address that is asked about, if they have another now.
    """

    subscriber_id: int
    address: str | None
    address_hash: str | None
    followings: tuple[Following, ...] = ()
    sendings: tuple[Sending, ...] = ()
    gathering: Gathering | None = None
    unqueued: datetime | None = None
    left_out_at: datetime | None = None
    moves: tuple[Move, ...] = ()
    left_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppressed:
    """An address that is not written to."""

    reason: str
    at: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that decides why somebody was told of an event, or was not.

    `relay` is the host that takes the mail, `held` why nothing is sent now. `forgotten` says that the event
    is so old that nothing proves any more who was told.
    """

    about: About
    people: tuple[Person, ...]
    relay: str
    zone: ZoneInfo
    now: datetime
    suppressed: Suppressed | None = None
    held: tuple[str, ...] = ()
    forgotten: bool = False
