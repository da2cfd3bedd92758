"""What an operator may do about one address: stop it, allow it again, erase it. Each is one transaction."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier import sequence
from notifier.db import Database, Rank
from notifier.subscriptions import course, store
from notifier.subscriptions.erasing import erase
from notifier.subscriptions.model import EndReason
from notifier.subscriptions.suppression import lift, suppress
from notifier.subscriptions.tables import subscriber
from notifier.subscriptions.tokens import Signer

REASON = "the operator's reason"
"""What the history calls why an operator stopped somebody."""


async def stop_address(db: Database, address_key: str, *, reason: str, signer: Signer, now: datetime) -> int:
    """Write to an address no more until that is lifted, mail that is queued included.

    Return how many things it followed. An address that follows nothing is not written to either.
    """
    async with db.write(Rank.WEB) as conn:
        ended = 0
        who = await _who(conn, address_key)
        if who is not None:
            seq = await sequence.last(conn)
            for found in await store.active_of(conn, who):
                await course.note(conn, found.id, REASON, detail=reason, now=now)
                ended += await course.end(conn, found, seq=seq, reason=EndReason.OPERATOR, now=now)
            await course.end_pending(conn, who, now=now)
        hash_ = signer.address_hash(address_key)
        await suppress(conn, hash_, EndReason.OPERATOR, now=now, until=None)
        return ended


async def allow_address(db: Database, address_key: str, *, signer: Signer) -> bool:
    """Let an address be written to again; it follows nothing by that. Return whether it was suppressed."""
    async with db.write(Rank.WEB) as conn:
        return await lift(conn, signer.address_hash(address_key))


async def erase_address(db: Database, address_key: str, *, signer: Signer, now: datetime) -> bool:
    """Erase an address at once, as its owner asked. Return whether it was known."""
    async with db.write(Rank.WEB) as conn:
        who = await _who(conn, address_key)
        if who is None:
            return False
        await erase(conn, who, signer=signer, reason=EndReason.ERASED, now=now)
        return True


async def _who(conn: AsyncConnection, address_key: str) -> int | None:
    found: int | None = await conn.scalar(
        select(subscriber.c.id).where(subscriber.c.address_key == address_key)
    )
    return found
