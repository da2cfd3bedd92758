"""Claiming: what cannot be bound is put off, and holds up nobody else."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.clock import machine_now
from notifier.db import Database
from notifier.delivery.allowance import Allowance
from notifier.delivery.claiming import claim_letters
from notifier.delivery.model import Bound, Claimed, Unwritten
from notifier.delivery.tables import delivery
from tests.delivery.queue_cast import NOW, letter_of, queue, register, stored


async def test_a_delivery_that_cannot_be_bound_is_put_off_and_holds_up_no_other(db: Database) -> None:
    ada, ben, cleo = await queue(db, "Ada", "Ben", "Cleo")
    lease = await register(db, machine_now=machine_now())
    tried: list[int] = []

    async def bind(conn: AsyncConnection, claimed: Sequence[Claimed], _now: datetime) -> Bound:
        ids = [one.delivery_id for one in claimed]
        tried.append(len(ids))
        await conn.execute(update(delivery).where(delivery.c.id.in_(ids)).values(code=delivery.c.id))
        if ben in ids:
            raise LookupError("Ben's mail cannot be bound")
        return Bound(
            letters=[
                Unwritten(
                    delivery_ids=ids, write=lambda places: [letter_of(claimed[place]) for place in places]
                )
            ],
            cancelled=[],
        )

    allowance = Allowance(zone=ZoneInfo("Europe/London"))
    claim = await claim_letters(db, bind, lease, limit=10, now=NOW, allowance=allowance)
    assert [letter.delivery_id for letter in claim.letters] == [ada, cleo]
    assert tried == [3, 1, 1, 1]
    rows = await stored(db)
    assert [row["state"] for row in rows] == ["sending", "pending", "sending"]
    assert [row["code"] for row in rows] == [ada, None, cleo]
    assert rows[1]["next_at"] > machine_now() + timedelta(minutes=59)
