"""How often a mailbox is written to because somebody typed its address: the fence around every such form.

What an address already got is counted by its keyed hash alone, in machine time.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.delivery import outbox
from notifier.subscriptions import reply_store, suppression
from notifier.subscriptions.model import ReplyKind
from notifier.subscriptions.tokens import Signer

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)

_COUNTED = (
    frozenset((ReplyKind.CONFIRM, ReplyKind.ALREADY, ReplyKind.NEW_ADDRESS)),
    frozenset((ReplyKind.ACCESS,)),
)
"""What is counted together. Links to what an address gets are counted apart, so that nobody can shut its
owner out by signing it up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUpLimits:
    """How often such mails are sent, and how long their links hold (settings `[sign_up]`)."""

    per_address_and_day: int
    everyone_per_hour: int
    link_hours: int


class Answer(StrEnum):
    """What became of a form that asks for a mail; for log and tests, never for the person who typed."""

    QUEUED = "queued"
    FENCED = "fenced"
    CEILING = "ceiling"
    SUPPRESSED = "suppressed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fence:
    """What stands around a mailbox: the secret its hash is made with, the limits, and both times."""

    signer: Signer
    limits: SignUpLimits
    now: datetime
    machine_now: datetime

    async def refusal(self, conn: AsyncConnection, address_key: str, kind: ReplyKind) -> Answer | None:
        """Return why no mail of this kind is written to an address now; None if one may be."""
        counted = next(kinds for kinds in _COUNTED if kind in kinds)
        fence_key = self.signer.fence_key(address_key)
        asked = await reply_store.asked_since(
            conn, self.machine_now - DAY, fence_key=fence_key, kinds=counted
        )
        if asked >= self.limits.per_address_and_day:
            return Answer.FENCED
        if await suppression.is_suppressed(conn, self.signer.address_hash(address_key), now=self.now):
            return Answer.SUPPRESSED
        if await reply_store.asked_since(conn, self.machine_now - HOUR) >= self.limits.everyone_per_hour:
            return Answer.CEILING
        return None

    async def answer(
        self,
        conn: AsyncConnection,
        address_key: str,
        kind: ReplyKind,
        *,
        subscriber_id: int,
        subscription_id: int | None = None,
        about_id: int | None = None,
    ) -> None:
        """Queue the mail of this kind, and count it."""
        part = await reply_store.add(
            conn,
            kind=kind,
            subscriber_id=subscriber_id,
            fence_key=self.signer.fence_key(address_key),
            machine_now=self.machine_now,
            subscription_id=subscription_id,
            about_id=about_id,
        )
        await outbox.enqueue(conn, subscriber_id=subscriber_id, part=part, machine_now=self.machine_now)
