"""Crowds of readers, written in bulk into either database as signing up would have left them."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.db import Database, Rank
from notifier.events.interest import Preset, kinds_of
from notifier.subscriptions import store
from notifier.subscriptions.model import Rhythm, SubscriptionState
from notifier.subscriptions.tables import subscriber, subscription
from notifier.subscriptions.tables import topic as topics
from notifier.subscriptions.topics import EVERYTHING, Topic

CHUNK = 5_000
"""Readers of one transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """What one of the crowd follows, how often, and in which language."""

    follows: tuple[Topic, ...] = (EVERYTHING,)
    rhythm: Rhythm = Rhythm.AT_ONCE
    language: str = "en"


def alike(_number: int) -> Reader:
    """Return the same reader whatever their number: of everything, at once, in English."""
    return Reader()


def address(number: int) -> str:
    """Return where the reader of this number gets mail."""
    return f"person{number}@patients.example"


async def add_readers(
    db: Database, count: int, *, now: datetime, reader: Callable[[int], Reader] = alike, first: int = 0
) -> None:
    """Let so many people follow what `reader` says of their number; the first has the number `first`."""
    for low in range(first, first + count, CHUNK):
        numbers = range(low, min(low + CHUNK, first + count))
        async with db.write(Rank.HOUSEKEEPING) as conn:
            await _add(conn, {number: reader(number) for number in numbers}, now)


async def _add(conn: AsyncConnection, crowd: dict[int, Reader], now: datetime) -> None:
    people = [_person(number, one, now) for number, one in crowd.items()]
    made = insert(subscriber).returning(subscriber.c.id, sort_by_parameter_order=True)
    ids = (await conn.scalars(made, people)).all()
    wanted = {followed for one in crowd.values() for followed in one.follows}
    known = {followed: await store.topic_id(conn, followed) for followed in wanted}
    rows = [
        _subscription(id_, known[followed], number, one, now)
        for id_, (number, one) in zip(ids, crowd.items(), strict=True)
        for followed in one.follows
    ]
    await conn.execute(insert(subscription), rows)
    for topic_id, followers in Counter(row["topic_id"] for row in rows).items():
        counted = update(topics).where(topics.c.id == topic_id)
        await conn.execute(counted.values(followers=topics.c.followers + followers))


def _person(number: int, one: Reader, now: datetime) -> dict[str, Any]:
    return {
        "address": address(number),
        "address_key": address(number),
        "language": one.language,
        "state": SubscriptionState.ACTIVE,
        "nonce": f"{number:024x}",
        "created_at": now,
    }


def _subscription(
    subscriber_id: int, topic_id: int, number: int, one: Reader, now: datetime
) -> dict[str, Any]:
    return {
        "subscriber_id": subscriber_id,
        "topic_id": topic_id,
        "kinds": kinds_of(Preset.DEADLINES),
        "rhythm": one.rhythm,
        "state": SubscriptionState.ACTIVE,
        "nonce": f"{number:024x}",
        "asked_at": now,
        "confirm_until": now,
        "confirmed_at": now,
        "since_seq": 0,
    }
