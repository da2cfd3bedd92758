"""Digests: what was gathered since the last slot becomes one mailing (decision 0014).

A slot closes once, because its key is unique, and only when everything that was to be said by now is said and
fanned out: the news of 9am is in the mail of 9am. A slot that was missed closes late, with all that waited.
"""

import logging
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, exists, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier import holds, sequence
from notifier.db import Database, Rank
from notifier.delivery.model import Lane
from notifier.events import mailings
from notifier.events.slots import GATHERING, Slot, last_slot, next_slot
from notifier.events.sweeping import take_sweep
from notifier.events.tables import event, expansion, gathered, mailing
from notifier.procedures import change_store, due_store
from notifier.procedures.due import Rules
from notifier.subscriptions.model import SubscriptionState
from notifier.subscriptions.tables import subscriber, subscription

log = logging.getLogger(__name__)


async def close_slots(db: Database, rules: Rules, *, now: datetime) -> int:
    """Close the slots that have come and are still open. Return how many have news for somebody."""
    async with db.read() as conn:
        waiting = [slot for slot in _come(rules, now) if not await _is_closed(conn, slot)]
        people = {slot: await _people(conn, slot) for slot in waiting}
    closed = 0
    for slot in waiting:
        async with db.write(Rank.EXPAND) as conn:
            chunks = await _close(conn, slot, now, people[slot])
        if chunks:
            log.info("slot_closed", extra={"slot": slot.key, "chunks": chunks})
            closed += 1
    return closed


async def next_closing(conn: AsyncConnection, rules: Rules, *, now: datetime) -> datetime | None:
    """Return when the next slot comes that somebody waits for, or that has come and is not closed yet."""
    instants: list[datetime] = []
    for rhythm in GATHERING:
        if await _anybody(conn, rhythm):
            come = last_slot(rhythm, now, rules)
            open_still = not await _is_closed(conn, come) and await _has_news(conn, come)
            instants.append(come.at if open_still else next_slot(rhythm, now, rules).at)
    return min(instants, default=None)


def _come(rules: Rules, now: datetime) -> Sequence[Slot]:
    return [last_slot(rhythm, now, rules) for rhythm in GATHERING]


async def _close(conn: AsyncConnection, slot: Slot, now: datetime, people: int) -> int:
    """Make the slot's mailing, and its chunks for about so many people, if there is news. Return how many."""
    if await holds.any_stands(conn) or not await take_sweep(conn):
        return 0
    if await _is_closed(conn, slot) or not await _all_is_said(conn, now):
        return 0
    values = {
        "slot_key": slot.key,
        "kind": slot.name,
        "lane": Lane.DIGESTS,
        "upto_seq": await sequence.last(conn),
        "not_before": slot.at,
    }
    found = (await conn.execute(insert(mailing).values(values).returning(mailing.c.id))).scalar_one()
    if not await _has_news(conn, slot):
        return 0
    last = await conn.scalar(select(func.max(subscriber.c.id))) or 0
    chunks = mailings.even_ranges(last, people)
    rows = [{"mailing_id": found, "lo": lo, "hi": hi} for lo, hi in chunks]
    await conn.execute(insert(expansion), rows)
    return len(chunks)


async def _people(conn: AsyncConnection, slot: Slot) -> int:
    """Return how many people have news that waits for a slot. It reads all of it: not in a writing turn."""
    return await conn.scalar(_waiting(slot, func.count(func.distinct(gathered.c.subscriber_id)))) or 0


def _waiting(slot: Slot, what: ColumnElement[int]) -> Select[int]:
    return (
        select(what)
        .join(event, event.c.seq == gathered.c.event_seq)
        .where(gathered.c.rhythm == slot.rhythm, _OPEN, event.c.occurred_at <= slot.at)
    )


# A literal, so that SQLite takes the partial index of what is open.
_OPEN = text("gathered.mailing_id IS NULL")


async def _has_news(conn: AsyncConnection, slot: Slot) -> bool:
    return await conn.scalar(_waiting(slot, gathered.c.event_seq).limit(1)) is not None


async def _is_closed(conn: AsyncConnection, slot: Slot) -> bool:
    return await conn.scalar(select(mailing.c.id).where(mailing.c.slot_key == slot.key)) is not None


async def _all_is_said(conn: AsyncConnection, now: datetime) -> bool:
    """Whether nothing is due, settled or to be fanned out by now: it might belong to the slot."""
    instants = (
        await due_store.next_attempt(conn),
        await change_store.next_settling(conn),
        await mailings.next_opening(conn),
    )
    return all(instant is None or instant > now for instant in instants)


async def _anybody(conn: AsyncConnection, rhythm: int) -> bool:
    """Whether somebody follows in this rhythm, or has news that waits for it."""
    following = select(
        exists().where(
            subscription.c.state == text(f"'{SubscriptionState.ACTIVE}'"),
            text("subscription.rhythm > 0"),
            subscription.c.rhythm == rhythm,
        )
    )
    waiting = select(exists().where(gathered.c.rhythm == rhythm, _OPEN))
    return bool(await conn.scalar(following)) or bool(await conn.scalar(waiting))
