"""Addresses that are not written to, whoever asks: known by a keyed hash alone (`Signer.address_hash`)."""

from datetime import datetime

from sqlalchemy import ColumnElement, delete, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.subscriptions.model import EndReason
from notifier.subscriptions.tables import suppression


async def suppress(
    conn: AsyncConnection, address_hash: str, reason: EndReason, *, now: datetime, until: datetime | None
) -> None:
    """Write to this address no more, `until` an instant or until it is lifted (calendar time).

    A suppression that stands and lasts longer is kept as it is.
    """
    found = (
        await conn.execute(select(suppression.c.until).where(suppression.c.address_hash == address_hash))
    ).one_or_none()
    if found is not None and (found.until is None or (until is not None and until <= found.until)):
        return
    await lift(conn, address_hash)
    values = {"address_hash": address_hash, "reason": reason, "at": now, "until": until}
    await conn.execute(insert(suppression).values(values))


async def lift(conn: AsyncConnection, address_hash: str) -> bool:
    """Let an address be written to again. Return whether it was suppressed."""
    result = await conn.execute(delete(suppression).where(suppression.c.address_hash == address_hash))
    return result.rowcount == 1


async def is_suppressed(conn: AsyncConnection, address_hash: str, *, now: datetime) -> bool:
    """Whether an address is not to be written to at `now`.

    Asked before an address is asked anything or gets anything: by forms, links, undoing, changes of address.
    """
    query = select(suppression.c.address_hash).where(
        suppression.c.address_hash == address_hash, standing(now)
    )
    return await conn.scalar(query) is not None


def standing(now: datetime) -> ColumnElement[bool]:
    """Whether a suppression holds at `now`."""
    return or_(suppression.c.until.is_(None), suppression.c.until > now)
