"""Returned mail in the database."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import LargeBinary, bindparam, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.bounces.model import Fate
from notifier.bounces.proof import Proven
from notifier.columns import UtcDateTime
from notifier.subscriptions.retention import MAIL_CHANNEL
from notifier.subscriptions.tables import subscriber

RAW_BYTES = 64_000
"""How much of a message is kept for a few days, to look into: a report, and the head of what follows."""


_NOTE = text(
    """
INSERT INTO bounce (fingerprint, kind, delivery_id, subscriber_id, at, code, diagnostic, raw)
VALUES (:fingerprint, :kind, :delivery_id, :subscriber_id, :at, :code, :diagnostic, :raw)
ON CONFLICT DO NOTHING RETURNING id
"""
).bindparams(bindparam("at", type_=UtcDateTime()), bindparam("raw", type_=LargeBinary()))


@dataclass(frozen=True, slots=True, kw_only=True)
class SoftRun:
    """How often in a row mail to somebody came back for now, when it last did, and until when they are left
    alone: machine time.

    `is_reader` is false of staff, whose letters are of a day only. `address_key` is None once it was erased.
    """

    is_reader: bool
    address_key: str | None
    count: int
    last_at: datetime | None
    mail_after: datetime | None


async def note(
    conn: AsyncConnection, raw: bytes, fate: Fate, proven: Proven | None, *, now: datetime
) -> bool:
    """Count a message. Return False when the very same one was counted before.

    Of one that proves nothing no bytes are kept: anybody may fill a mailbox.
    """
    values = {
        "fingerprint": sha256(raw).hexdigest(),
        "kind": fate.kind,
        "delivery_id": proven.delivery_id if proven else None,
        "subscriber_id": proven.subscriber_id if proven else None,
        "at": now,
        "code": fate.status,
        "diagnostic": fate.diagnostic,
        "raw": raw[:RAW_BYTES] if proven else None,
    }
    return await conn.scalar(_NOTE, values) is not None


async def soft_run(conn: AsyncConnection, subscriber_id: int) -> SoftRun:
    """Return how mail to somebody has come back for now, and hold the row for this transaction."""
    query = select(
        subscriber.c.channel,
        subscriber.c.address_key,
        subscriber.c.soft_bounces,
        subscriber.c.soft_bounced_at,
        subscriber.c.mail_after,
    ).where(subscriber.c.id == subscriber_id)
    row = (await conn.execute(query.with_for_update(key_share=True))).one()
    return SoftRun(
        is_reader=row.channel == MAIL_CHANNEL,
        address_key=row.address_key,
        count=row.soft_bounces,
        last_at=row.soft_bounced_at,
        mail_after=row.mail_after,
    )


async def leave_alone(
    conn: AsyncConnection, subscriber_id: int, *, run: int, until: datetime, machine_now: datetime
) -> None:
    """Write nothing to somebody before `until`, after so many soft bounces in a row (machine time)."""
    await conn.execute(
        update(subscriber)
        .where(subscriber.c.id == subscriber_id)
        .values(soft_bounces=run, soft_bounced_at=machine_now, mail_after=until)
    )


async def forget_run(conn: AsyncConnection, subscriber_id: int) -> None:
    """Let the next soft bounce of an address, if it is ever written to again, be the first of a run."""
    await conn.execute(
        update(subscriber)
        .where(subscriber.c.id == subscriber_id)
        .values(soft_bounces=0, soft_bounced_at=None, mail_after=None)
    )
