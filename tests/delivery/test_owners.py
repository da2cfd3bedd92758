"""Leases: who sends what, and how it comes back from somebody who is heard of no more."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete

from notifier.db import Database, Rank
from notifier.delivery import owners
from notifier.delivery.model import DeliveryState
from notifier.delivery.owners import LEASE, MARGIN, Lease, Lost
from notifier.delivery.tables import owner
from tests.cast import rows
from tests.delivery.queue_cast import NOW, claim, queue, register, states, stored

EXPIRED = NOW + LEASE


async def _renew(db: Database, lease: Lease, now: datetime) -> None:
    async with db.write(Rank.OUTCOMES) as conn:
        await owners.renew(conn, lease, machine_now=now)


async def _take_back(db: Database, now: datetime) -> int:
    async with db.write(Rank.OUTCOMES) as conn:
        return await owners.take_back(conn, machine_now=now)


def test_a_letter_is_not_begun_close_to_the_end_of_the_lease() -> None:
    lease = Lease(1, NOW)
    assert lease.holds(NOW - MARGIN - timedelta(microseconds=1))
    assert not lease.holds(NOW - MARGIN)


async def test_every_registration_is_a_new_owner(db: Database) -> None:
    first, second = await register(db), await register(db)
    assert first.owner_id != second.owner_id
    assert first.expires_at == EXPIRED
    assert [row["expires_at"] for row in await rows(db, owner)] == [EXPIRED, EXPIRED]


async def test_an_owner_that_renews_keeps_what_it_claimed(db: Database) -> None:
    await queue(db, "Ada")
    lease = await register(db)
    await claim(db, lease)
    await _renew(db, lease, NOW + timedelta(seconds=30))
    assert lease.expires_at == NOW + timedelta(seconds=30) + LEASE
    assert await _take_back(db, EXPIRED) == 0
    assert await states(db) == [DeliveryState.SENDING]


async def test_an_owner_that_is_too_late_to_renew_learns_that_it_has_lost(db: Database) -> None:
    lease = await register(db)
    with pytest.raises(Lost):
        await _renew(db, lease, EXPIRED)
    assert lease.expires_at == EXPIRED


async def test_what_an_expired_owner_was_sending_goes_back_to_the_queue(db: Database) -> None:
    await queue(db, "Ada", "Ben")
    dead = await register(db)
    await claim(db, dead, limit=1)
    living = await register(db, machine_now=NOW + timedelta(seconds=10))
    await claim(db, living)
    assert await _take_back(db, EXPIRED - timedelta(seconds=1)) == 0
    assert await _take_back(db, EXPIRED) == 1
    ada, ben = await stored(db)
    assert (ada["state"], ada["owner_id"], ada["attempts"]) == (DeliveryState.PENDING, None, 0)
    assert ada["next_at"] == EXPIRED
    assert (ben["state"], ben["owner_id"]) == (DeliveryState.SENDING, living.owner_id)
    with pytest.raises(Lost):
        await _renew(db, dead, EXPIRED)


async def test_what_was_claimed_under_a_lease_that_is_gone_is_not_lost(db: Database) -> None:
    """A process that was frozen may claim once more before it learns that it was given up."""
    await queue(db, "Ada")
    frozen = await register(db)
    async with db.write(Rank.OUTCOMES) as conn:
        await conn.execute(delete(owner))
    await claim(db, frozen)
    assert await _take_back(db, NOW) == 1
    assert await states(db) == [DeliveryState.PENDING]


async def test_the_one_server_of_a_file_ends_every_other_lease(db: Database) -> None:
    await queue(db, "Ada")
    dead = await register(db)
    await claim(db, dead)
    async with db.write(Rank.OUTCOMES) as conn:
        await owners.expire_all(conn, machine_now=NOW)
    assert await _take_back(db, NOW) == 1
    assert (await register(db)).owner_id > dead.owner_id


async def test_an_owner_id_is_never_given_twice(db: Database) -> None:
    first = await register(db)
    await _take_back(db, EXPIRED)
    second = await register(db, machine_now=EXPIRED)
    await _take_back(db, EXPIRED + LEASE)
    third = await register(db, machine_now=EXPIRED + LEASE)
    assert first.owner_id < second.owner_id < third.owner_id
    await _take_back(db, EXPIRED + LEASE)
    assert [row["id"] for row in await rows(db, owner)] == [third.owner_id]
