"""Letters in nobody's hands, because the database refused as they changed hands, come back with the lease."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import update

from notifier.db import Database, Rank
from notifier.delivery import owners
from notifier.delivery.model import DeliveryState
from notifier.delivery.tables import owner
from notifier.delivery.tenure import Tenure
from tests.delivery.queue_cast import LONG_AGO, claim, queue, states, until


@pytest.fixture(autouse=True)
def _renewing_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owners, "RENEWAL_SECONDS", 0.05)


@asynccontextmanager
async def _kept(db: Database) -> AsyncIterator[Tenure]:
    tenure = Tenure(db, taken_back=lambda _: None)
    await tenure.begin()
    keeping = asyncio.create_task(tenure.keep())
    yield tenure
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)


async def test_a_doubted_claim_comes_back_when_the_old_lease_ends(db: Database) -> None:
    await queue(db, "Ada")
    async with _kept(db) as tenure:
        old = tenure.lease.owner_id
        assert len(await claim(db, tenure.lease)) == 1
        tenure.doubt()
        await until(lambda: tenure.lease.owner_id != old)
        assert await states(db) == [DeliveryState.SENDING], "who sends it still may record that"
        async with db.write(Rank.OUTCOMES) as conn:
            await conn.execute(update(owner).where(owner.c.id == old).values(expires_at=LONG_AGO))
        await tenure.recover()
        assert await states(db) == [DeliveryState.PENDING]
