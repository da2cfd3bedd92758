"""Letters to staff in the database: one mailing for each, and what became of the mailings to everybody."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from pydantic import TypeAdapter
from sqlalchemy import Text, bindparam, exists, func, insert, literal, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier import sequence
from notifier.columns import UtcDateTime
from notifier.delivery.model import DeliveryState, Lane
from notifier.delivery.outbox import REPLIES_MAILING
from notifier.delivery.tables import delivery
from notifier.events import store
from notifier.events.slots import rhythm_of
from notifier.events.staff.calendar import StaffKind
from notifier.events.staff.model import Receipt, StaffWords
from notifier.events.tables import (
    expansion,
    mailing,
    mailing_event,
    staff_letter,
    variant,
    variant_event,
)
from notifier.subscriptions.model import SubscriptionState
from notifier.subscriptions.store import NONCE_BYTES
from notifier.subscriptions.tables import subscriber

MAILING_KIND = "staff"
CHANNEL = "staff"

RECEIPT_DAY = timedelta(days=1)
"""How old a mailing may be to get its receipt: after a longer silence it is no news."""

RECEIPT_PATIENCE = timedelta(hours=1)
"""How long a receipt waits for the first attempt of every mail."""

NEWEST = 200
"""Mailings that are looked at for receipts: far more than a day has."""

_OPEN = expansion.c.done_at.is_(None)

_WORDS = TypeAdapter(StaffWords)

# Two processes may write the same letter at one moment: the slot decides, not hope.
_NEW_MAILING = text(
    """
    INSERT INTO mailing (slot_key, kind, lane, upto_seq, not_before)
    VALUES (:slot_key, :kind, :lane, :upto_seq, :now)
    ON CONFLICT DO NOTHING
    RETURNING id
    """
).bindparams(bindparam("now", type_=UtcDateTime()))


async def is_written(conn: AsyncConnection, slot_key: str) -> bool:
    """Whether the letter of this slot was written."""
    return await conn.scalar(select(mailing.c.id).where(mailing.c.slot_key == slot_key)) is not None


async def write(
    conn: AsyncConnection,
    slot_key: str,
    words: StaffWords,
    *,
    addresses: Sequence[str],
    now: datetime,
    machine_now: datetime,
) -> bool:
    """Write one letter and a delivery for each address. Return False when its slot was written before."""
    values = {
        "slot_key": slot_key,
        "kind": MAILING_KIND,
        "lane": int(Lane.AT_ONCE),
        "upto_seq": await sequence.last(conn),
        "now": now,
    }
    mailing_id = (await conn.execute(_NEW_MAILING, values)).scalar_one_or_none()
    if mailing_id is None:
        return False
    body = _WORDS.dump_json(words).decode()
    await conn.execute(insert(staff_letter).values(mailing_id=mailing_id, subject=words.subject, body=body))
    for address in dict.fromkeys(addresses):
        row = {
            "mailing_id": mailing_id,
            "subscriber_id": await _subscriber(conn, address, now),
            "lane": Lane.AT_ONCE,
            "next_at": machine_now,
        }
        await conn.execute(insert(delivery).values(row))
    return True


def words_of(body: str) -> StaffWords:
    """Read the words of a letter back."""
    return _WORDS.validate_json(body)


def address_key(address: str) -> str:
    """Return the key of a staff address: apart from the same person's own following as a reader."""
    return f"{CHANNEL}:{address.casefold()}"


async def _subscriber(conn: AsyncConnection, address: str, now: datetime) -> int:
    key = address_key(address)
    found = await conn.scalar(select(subscriber.c.id).where(subscriber.c.address_key == key))
    if found is None:
        values = {
            "channel": CHANNEL,
            "address": address,
            "address_key": key,
            "state": SubscriptionState.ACTIVE,
            "nonce": secrets.token_hex(NONCE_BYTES),
            "created_at": now,
        }
        found = (
            await conn.execute(insert(subscriber).values(values).returning(subscriber.c.id))
        ).scalar_one()
    return int(found)


async def receipts_due(conn: AsyncConnection, now: datetime) -> Sequence[Receipt]:
    """Return what became of each mailing of the last day that has no receipt and was tried as a whole."""
    newest = select(mailing).order_by(mailing.c.id.desc()).limit(NEWEST).subquery()
    receipts = mailing.alias()
    key = literal(f"{StaffKind.RECEIPT}:") + newest.c.id.cast(Text)
    query = (
        select(newest.c.id, newest.c.not_before, newest.c.kind)
        .where(newest.c.kind != MAILING_KIND, newest.c.id != REPLIES_MAILING)
        .where(newest.c.not_before > now - RECEIPT_DAY, newest.c.not_before <= now)
        .where(~exists(select(receipts.c.id).where(receipts.c.slot_key == key)))
        .where(~exists(select(expansion.c.lo).where(expansion.c.mailing_id == newest.c.id, _OPEN)))
        .order_by(newest.c.id)
    )
    found = []
    for row in (await conn.execute(query)).all():
        patient = now < row.not_before + RECEIPT_PATIENCE
        if not (patient and await _untried(conn, row.id)):
            receipt = await _receipt(conn, row.id, digest="" if rhythm_of(row.kind) is None else row.kind)
            found += [receipt] if receipt.queued else []
    return found


async def _untried(conn: AsyncConnection, mailing_id: int) -> bool:
    """Whether some mail of it has had no attempt yet."""
    waiting = delivery.c.state.in_((DeliveryState.PENDING, DeliveryState.SENDING))
    query = select(delivery.c.id).where(
        delivery.c.mailing_id == mailing_id, waiting, delivery.c.attempts == 0
    )
    return await conn.scalar(query.limit(1)) is not None


async def _receipt(conn: AsyncConnection, mailing_id: int, *, digest: str) -> Receipt:
    query = (
        select(delivery.c.state, func.count().label("mails"), func.max(delivery.c.done_at).label("last"))
        .where(delivery.c.mailing_id == mailing_id)
        .group_by(delivery.c.state)
    )
    rows = {row.state: row for row in await conn.execute(query)}
    mails = {state: rows[state].mails if state in rows else 0 for state in DeliveryState}
    accepted = rows.get(DeliveryState.ACCEPTED)
    return Receipt(
        mailing_id=mailing_id,
        titles=await _titles(conn, mailing_id),
        queued=sum(mails.values()),
        accepted=mails[DeliveryState.ACCEPTED],
        waiting=mails[DeliveryState.PENDING] + mails[DeliveryState.SENDING],
        refused=mails[DeliveryState.FAILED],
        cancelled=mails[DeliveryState.CANCELLED],
        last_accepted_at=accepted.last if accepted else None,
        digest=digest,
    )


async def _titles(conn: AsyncConnection, mailing_id: int) -> tuple[str, ...]:
    """Return what a mailing is about: a moment's events, or all that the mails of a digest hold."""
    moment = select(mailing_event.c.event_seq).where(mailing_event.c.mailing_id == mailing_id)
    digest = (
        select(variant_event.c.event_seq)
        .join(variant, variant.c.id == variant_event.c.variant_id)
        .where(variant.c.mailing_id == mailing_id)
    )
    seqs = sorted((await conn.scalars(moment.union(digest))).all())
    found = await store.load(conn, seqs)
    return tuple(found[seq].payload.entry_title for seq in seqs)
