"""Deliveries in the database: claimed by one, recorded once, never lost."""

import asyncio
from datetime import timedelta

from notifier.db import Database, Rank
from notifier.delivery import outbox
from notifier.delivery.model import DeliveryState, Lane
from notifier.delivery.tables import attempt
from tests.cast import rows
from tests.delivery.queue_cast import (
    LONG_AGO,
    NOW,
    claim,
    crowd,
    letter_of,
    queue,
    register,
    states,
    stored,
)

LATER = NOW + timedelta(minutes=5)


async def test_the_most_urgent_lane_is_claimed_first(db: Database) -> None:
    [digest] = await queue(db, "Ada", lane=Lane.DIGESTS)
    [alert] = await queue(db, "Ben", lane=Lane.AT_ONCE)
    [closing] = await queue(db, "Cleo", lane=Lane.CLOSING_SOON)
    [reply] = await queue(db, "Dan", lane=Lane.REPLIES, next_at=NOW)
    lease = await register(db)
    found = [(await claim(db, lease, limit=1))[0].delivery_id for _ in range(4)]
    assert found == [reply, closing, alert, digest]


async def test_within_a_lane_what_has_waited_longest_is_claimed_first(db: Database) -> None:
    [young] = await queue(db, "Ada", next_at=NOW)
    [old] = await queue(db, "Ben", next_at=LONG_AGO)
    lease = await register(db)
    assert [one.delivery_id for one in await claim(db, lease, limit=1)] == [old]
    assert [one.delivery_id for one in await claim(db, lease, limit=1)] == [young]


async def test_a_claim_takes_no_more_than_asked_for_over_all_lanes(db: Database) -> None:
    for lane in Lane:
        await queue(db, "Ada", "Ben", lane=lane, part=int(lane))
    found = await claim(db, await register(db), limit=5)
    assert len(found) == 5
    assert (await states(db)).count(DeliveryState.SENDING) == 5


async def test_what_is_to_be_tried_later_is_left_until_then(db: Database) -> None:
    await queue(db, "Ada", next_at=LATER)
    lease = await register(db)
    assert await claim(db, lease, machine_now=LATER - timedelta(seconds=1)) == []
    assert len(await claim(db, lease, machine_now=LATER)) == 1


async def test_what_is_claimed_belongs_to_its_owner_and_is_claimed_by_nobody_else(db: Database) -> None:
    await queue(db, "Ada", "Ben")
    here, there = await register(db), await register(db)
    assert len(await claim(db, here)) == 2
    assert await claim(db, there) == []
    assert {(row["state"], row["owner_id"]) for row in await stored(db)} == {
        (DeliveryState.SENDING, here.owner_id)
    }


async def test_owners_who_claim_at_the_same_time_never_share_a_row(db: Database) -> None:
    everything = await crowd(db, 60)
    other = Database(db.url)
    try:
        leases = [await register(db) for _ in range(4)]
        tasks = [
            claim(where, lease, limit=7)
            for _ in range(5)
            for where, lease in zip((db, other, db, other), leases, strict=True)
        ]
        found = [one.delivery_id for claimed in await asyncio.gather(*tasks) for one in claimed]
        # A claim may pass over rows that another is just taking; they are there for the next.
        found += [one.delivery_id for one in await claim(db, leases[0])]
    finally:
        await other.dispose()
    assert sorted(found) == everything
    owned = [row["owner_id"] for row in await stored(db)]
    assert set(owned) <= {lease.owner_id for lease in leases}


async def test_acceptance_is_recorded_in_groups_with_the_servers_own_words(db: Database) -> None:
    ids = await queue(db, "Ada", "Ben", "Cleo")
    lease = await register(db)
    await claim(db, lease)
    outcomes = [(ids[0], 250, "2.0.0 Ok"), (ids[2], 251, 'quoted "words" — ünïcode')]
    async with db.write(Rank.OUTCOMES) as conn:
        assert await outbox.accept(conn, outcomes, owner_id=lease.owner_id, now=NOW) == 2
    found = [(row["state"], row["attempts"], row["code"], row["reply"]) for row in await stored(db)]
    assert found == [
        (DeliveryState.ACCEPTED, 1, 250, "2.0.0 Ok"),
        (DeliveryState.SENDING, 0, None, None),
        (DeliveryState.ACCEPTED, 1, 251, 'quoted "words" — ünïcode'),
    ]
    assert [row["done_at"] for row in await stored(db)] == [NOW, None, NOW]
    assert await rows(db, attempt) == []


async def test_a_refusal_for_now_is_tried_again_and_kept_as_an_attempt(db: Database) -> None:
    await queue(db, "Ada")
    lease = await register(db)
    for number in (1, 2):
        [claimed] = await claim(db, lease, machine_now=NOW + timedelta(hours=number))
        async with db.write(Rank.OUTCOMES) as conn:
            assert await outbox.retry(
                conn,
                letter_of(claimed),
                owner_id=lease.owner_id,
                next_at=LATER,
                doubtful=number == 2,
                code=451,
                reply=f"4.7.1 greylisted {number}",
                now=NOW,
            )
    [row] = await stored(db)
    assert (row["state"], row["owner_id"], row["next_at"]) == (DeliveryState.PENDING, None, LATER)
    assert (row["attempts"], row["doubtful"], row["done_at"]) == (2, 1, None)
    kept = [(one["n"], one["code"], one["reply"], one["at"]) for one in await rows(db, attempt)]
    assert kept == [(1, 451, "4.7.1 greylisted 1", NOW), (2, 451, "4.7.1 greylisted 2", NOW)]
    assert [one.attempts for one in await claim(db, lease, machine_now=LATER)] == [2]


async def test_a_refusal_for_good_ends_the_delivery(db: Database) -> None:
    await queue(db, "Ada")
    lease = await register(db)
    [claimed] = await claim(db, lease)
    async with db.write(Rank.OUTCOMES) as conn:
        assert await outbox.fail(
            conn, letter_of(claimed), owner_id=lease.owner_id, code=550, reply="no", now=NOW
        )
    [row] = await stored(db)
    assert (row["state"], row["code"], row["done_at"]) == (DeliveryState.FAILED, 550, NOW)
    assert [(one["n"], one["reply"]) for one in await rows(db, attempt)] == [(1, "no")]
    assert await claim(db, lease) == []


async def test_what_is_given_back_counts_no_attempt(db: Database) -> None:
    ids = await queue(db, "Ada", "Ben")
    lease = await register(db)
    await claim(db, lease)
    async with db.write(Rank.OUTCOMES) as conn:
        await outbox.release(conn, ids[:1], owner_id=lease.owner_id)
    given, kept = await stored(db)
    assert (given["state"], given["owner_id"], given["attempts"]) == (DeliveryState.PENDING, None, 0)
    assert kept["state"] == DeliveryState.SENDING
    assert len(await claim(db, lease)) == 1


async def test_a_late_outcome_of_a_lost_lease_overwrites_nothing(db: Database) -> None:
    [ada] = await queue(db, "Ada")
    lost, now_mine = await register(db), await register(db)
    [claimed] = await claim(db, lost)
    async with db.write(Rank.OUTCOMES) as conn:
        await outbox.release(conn, [ada], owner_id=lost.owner_id)
    await claim(db, now_mine)
    before = await stored(db)
    letter, late = letter_of(claimed), lost.owner_id
    async with db.write(Rank.OUTCOMES) as conn:
        assert await outbox.accept(conn, [(ada, 250, "late")], owner_id=late, now=NOW) == 0
        assert not await outbox.fail(conn, letter, owner_id=late, code=550, reply="late", now=NOW)
        assert not await outbox.retry(
            conn, letter, owner_id=late, next_at=LATER, doubtful=True, code=1, reply="late", now=NOW
        )
        await outbox.release(conn, [ada], owner_id=late)
    assert await stored(db) == before
    assert await rows(db, attempt) == []


async def test_an_outcome_that_comes_twice_is_recorded_once(db: Database) -> None:
    [ada] = await queue(db, "Ada")
    lease = await register(db)
    await claim(db, lease)
    async with db.write(Rank.OUTCOMES) as conn:
        counted = [
            await outbox.accept(conn, [(ada, 250, "ok")], owner_id=lease.owner_id, now=NOW) for _ in range(2)
        ]
    assert counted == [1, 0]
    assert [row["attempts"] for row in await stored(db)] == [1]


async def test_what_has_nothing_left_to_say_is_cancelled(db: Database) -> None:
    ids = await queue(db, "Ada", "Ben")
    await claim(db, await register(db))
    async with db.write(Rank.OUTCOMES) as conn:
        await outbox.cancel(conn, ids[:1], now=NOW)
        assert await outbox.waiting(conn) == 1
    assert await states(db) == [DeliveryState.CANCELLED, DeliveryState.SENDING]


async def test_the_next_mail_that_is_ready_is_known(db: Database) -> None:
    async with db.read() as conn:
        assert await outbox.next_ready(conn) is None
        assert await outbox.waiting(conn) == 0
    await queue(db, "Ada", next_at=LATER)
    await queue(db, "Ben", next_at=NOW)
    async with db.read() as conn:
        assert await outbox.next_ready(conn) == NOW
        assert await outbox.waiting(conn) == 2
