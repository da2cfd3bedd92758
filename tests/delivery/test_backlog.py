"""Since when mail waits, on both databases."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, text

from notifier.db import Database, Rank
from notifier.delivery import backlog
from notifier.delivery.backlog import Waiting
from notifier.delivery.model import DeliveryState, Lane
from notifier.delivery.tables import delivery
from notifier.subscriptions import store as subscriptions

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)


async def queue(db: Database, *mails: tuple[DeliveryState, Lane, datetime]) -> None:
    async with db.write(Rank.HOUSEKEEPING) as conn:
        who = await subscriptions.subscriber_id(conn, address="a@x.org", address_key="a@x.org", now=NOW)
        for part, (state, lane, next_at) in enumerate(mails):
            await conn.execute(
                insert(delivery).values(
                    mailing_id=0, subscriber_id=who, part=part, lane=lane, state=state, next_at=next_at
                )
            )


async def waits(db: Database) -> datetime | None:
    async with db.read() as conn:
        return await backlog.ready_since(conn, NOW)


async def test_nothing_waits_where_nothing_is_queued(db: Database) -> None:
    assert await waits(db) is None


async def test_the_oldest_of_all_lanes_and_of_what_is_being_sent_counts(db: Database) -> None:
    minutes = [NOW - timedelta(minutes=number) for number in range(5)]
    await queue(
        db,
        (DeliveryState.PENDING, Lane.WEBHOOKS, minutes[2]),
        (DeliveryState.PENDING, Lane.REPLIES, minutes[1]),
    )
    assert await waits(db) == minutes[2]


async def test_what_is_being_sent_still_waits(db: Database) -> None:
    await queue(db, (DeliveryState.SENDING, Lane.AT_ONCE, NOW - timedelta(minutes=9)))
    assert await waits(db) == NOW - timedelta(minutes=9)


async def test_what_is_to_be_brought_again_later_does_not_wait(db: Database) -> None:
    await queue(
        db,
        (DeliveryState.PENDING, Lane.AT_ONCE, NOW + timedelta(hours=4)),
        (DeliveryState.PENDING, Lane.DIGESTS, NOW),
    )
    assert await waits(db) == NOW


@pytest.mark.parametrize("state", [DeliveryState.ACCEPTED, DeliveryState.FAILED, DeliveryState.CANCELLED])
async def test_what_has_ended_does_not_wait(db: Database, state: DeliveryState) -> None:
    await queue(db, (state, Lane.AT_ONCE, NOW - timedelta(days=1)))
    assert await waits(db) is None


async def test_only_small_indexes_are_read_however_many_mails_have_ended(sqlite_db: Database) -> None:
    plans = []
    async with sqlite_db.read() as conn:
        for where in ("state = 'pending' AND lane = 2", "state = 'sending'"):
            plan = f"EXPLAIN QUERY PLAN SELECT min(next_at) FROM delivery WHERE {where}"
            plans += [row.detail for row in await conn.execute(text(plan))]
    assert ["ix_delivery_ready" in plans[0], "ix_delivery_owner" in plans[1]] == [True, True]


async def test_digests_can_be_asked_for_apart_from_what_is_awaited(db: Database) -> None:
    minutes = [NOW - timedelta(minutes=number) for number in range(5)]
    await queue(
        db,
        (DeliveryState.PENDING, Lane.DIGESTS, minutes[3]),
        (DeliveryState.SENDING, Lane.DIGESTS, minutes[4]),
        (DeliveryState.PENDING, Lane.AT_ONCE, minutes[1]),
    )
    async with db.read() as conn:
        assert await backlog.ready_since(conn, NOW, lanes=(Lane.DIGESTS,)) == minutes[4]
        assert await backlog.ready_since(conn, NOW, lanes=(Lane.AT_ONCE, Lane.REPLIES)) == minutes[1]


async def test_the_queue_is_told_by_lane_and_by_why_it_waits(db: Database) -> None:
    early, late = NOW - timedelta(minutes=9), NOW + timedelta(minutes=9)
    await queue(
        db,
        (DeliveryState.PENDING, Lane.AT_ONCE, early),
        (DeliveryState.PENDING, Lane.AT_ONCE, NOW),
        (DeliveryState.PENDING, Lane.AT_ONCE, late),
        (DeliveryState.SENDING, Lane.REPLIES, early),
        (DeliveryState.ACCEPTED, Lane.REPLIES, early),
    )
    async with db.read() as conn:
        found = await backlog.queued(conn, NOW)
    assert len(found) == len(Lane) * len(Waiting)
    assert [(one.lane, one.waiting, one.count, one.since) for one in found if one.count] == [
        (Lane.AT_ONCE, Waiting.READY, 2, early),
        (Lane.AT_ONCE, Waiting.PUT_OFF, 1, None),
        (Lane.REPLIES, Waiting.SENDING, 1, early),
    ]
    assert all(one.since is None for one in found if not one.count)
