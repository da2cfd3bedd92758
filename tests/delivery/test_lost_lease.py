"""A process that was frozen longer than its lease: it takes a new id and drops what it had claimed."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import URL, text, update
from sqlalchemy.exc import DBAPIError

from notifier.db import Database, Rank
from notifier.delivery import owners
from notifier.delivery.model import DeliveryState
from notifier.delivery.tables import owner
from notifier.delivery.tenure import Tenure
from tests.cast import rows
from tests.delivery.queue_cast import LONG_AGO, PostOffice, Sending, crowd, stored, until, until_states

ACCEPTED = DeliveryState.ACCEPTED


@pytest.fixture(autouse=True)
def _renewing_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owners, "RENEWAL_SECONDS", 0.05)


async def _freeze(db: Database, sending: Sending) -> int:
    """Let the lease run out and somebody's sweep find it, as after a long freeze. Return the lost id."""
    async with asyncio.timeout(5):
        while not (found := await rows(db, owner)):  # noqa: ASYNC110 - a table tells nobody
            await asyncio.sleep(0.01)
    [lost] = found
    async with db.write(Rank.OUTCOMES) as conn:
        await conn.execute(update(owner).values(expires_at=LONG_AGO))
    await sending.deliverer.recover()
    return int(lost["id"])


async def _new_lease(db: Database, before: int) -> None:
    async with asyncio.timeout(5):
        while (await rows(db, owner))[-1]["id"] == before:  # noqa: ASYNC110 - a table tells nobody
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)


async def test_who_lost_its_lease_takes_a_new_one_and_goes_on(sqlite_db: Database) -> None:
    async with Sending(sqlite_db, PostOffice()) as sending:
        lost = await _freeze(sqlite_db, sending)
        await _new_lease(sqlite_db, lost)
        await crowd(sqlite_db, 3)
        sending.deliverer.ring()
        await until_states(sqlite_db, *[ACCEPTED] * 3)
    assert lost not in {row["owner_id"] for row in await stored(sqlite_db)}


async def test_only_what_is_under_way_is_doubled_by_a_lost_lease(sqlite_db: Database) -> None:
    ids = await crowd(sqlite_db, 8)
    office = PostOffice(connections=2)
    office.open.clear()
    async with Sending(sqlite_db, office) as sending:
        await until(lambda: len(office.begun) == 2)
        under_way = list(office.begun)
        lost = await _freeze(sqlite_db, sending)
        await _new_lease(sqlite_db, lost)
        office.open.set()
        await until_states(sqlite_db, *[ACCEPTED] * 8)
    assert sorted(office.begun) == sorted(ids + under_way)


@pytest.fixture
async def never_committing(postgresql_url: URL) -> AsyncIterator[Tenure]:
    """A tenure whose database takes every statement, and refuses at the commit."""
    database = Database(postgresql_url)
    tenure = Tenure(database, taken_back=lambda _: None)
    await tenure.begin()
    async with database.write(Rank.HOUSEKEEPING) as conn:
        await conn.execute(
            text(
                "CREATE FUNCTION refuse() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'disk full'; END $$"
                " LANGUAGE plpgsql"
            )
        )
        await conn.execute(
            text(
                "CREATE CONSTRAINT TRIGGER refusing AFTER INSERT OR UPDATE ON owner"
                " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()"
            )
        )
    yield tenure
    await database.dispose()


async def test_a_renewal_that_is_not_committed_extends_nothing(never_committing: Tenure) -> None:
    before = never_committing.lease.expires_at
    with pytest.raises(DBAPIError, match="disk full"):
        await never_committing._renew()
    assert never_committing.lease.expires_at == before


async def test_a_lease_that_is_not_committed_is_not_taken(never_committing: Tenure) -> None:
    before = never_committing.lease
    with pytest.raises(DBAPIError, match="disk full"):
        await never_committing.begin()
    assert never_committing.lease is before
