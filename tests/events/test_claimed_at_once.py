"""Two processes claim mail of one mailing at the same moment; on PostgreSQL neither waits for the other."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import URL, text
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.clock import machine_now
from notifier.db import Database
from notifier.delivery.allowance import Allowance
from notifier.delivery.claiming import claim_letters
from notifier.delivery.model import Binder, Bound, Claimed
from notifier.delivery.tables import delivery
from notifier.events.tables import variant, variant_event
from tests.cast import (
    BEGIN,
    binder,
    consultation,
    count,
    fan_out,
    follow,
    london,
    read,
    rows,
    snapshot,
    sweep,
)
from tests.delivery.queue_cast import register

OPENING = london(2022, 10, 14)
READERS, HALF = 4, 2
ALLOWANCE = Allowance(zone=ZoneInfo("Europe/London"))


@pytest.fixture
async def mailed(postgresql_url: URL) -> AsyncIterator[Database]:
    """One new mailing to a few readers, of which nothing was claimed yet."""
    database = Database(postgresql_url)
    for number in range(READERS):
        await follow(database, f"reader-{number}")
    await read(database, snapshot(consultation(date(2022, 10, 14), date(2022, 11, 11))), now=BEGIN)
    await sweep(database, OPENING)
    await fan_out(database, OPENING)
    yield database
    await database.dispose()


async def _claim_half(db: Database, bind: Binder) -> list[int]:
    lease = await register(db, machine_now=machine_now())
    claim = await claim_letters(db, bind, lease, limit=HALF, now=OPENING, allowance=ALLOWANCE)
    return [letter.delivery_id for letter in claim.letters]


async def test_both_get_their_letters_and_the_content_is_stored_once(mailed: Database) -> None:
    bind, tried = binder(), []

    async def slowly(conn: AsyncConnection, claimed: Sequence[Claimed], now: datetime) -> Bound:
        tried.append(len(claimed))
        bound = await bind(conn, claimed, now)
        await asyncio.sleep(0.2)  # meanwhile the other comes to store the same content
        return bound

    first, second = await asyncio.gather(_claim_half(mailed, slowly), _claim_half(mailed, slowly))
    assert len({*first, *second}) == READERS
    assert tried == [HALF, HALF]
    assert await count(mailed, variant) == await count(mailed, variant_event) == 1
    [content] = await rows(mailed, variant)
    assert {row["variant_id"] for row in await rows(mailed, delivery)} == {content["id"]}


@pytest.mark.parametrize("code", ["40P01", "40001"])
async def test_a_claim_that_another_transaction_overtook_is_tried_again(mailed: Database, code: str) -> None:
    bind, tried = binder(), []

    async def overtaken_once(conn: AsyncConnection, claimed: Sequence[Claimed], now: datetime) -> Bound:
        tried.append(len(claimed))
        if len(tried) == 1:
            await conn.execute(
                text(f"DO $$ BEGIN RAISE EXCEPTION 'overtaken' USING ERRCODE = '{code}'; END $$")
            )
        return await bind(conn, claimed, now)

    assert len(await _claim_half(mailed, overtaken_once)) == HALF
    assert tried == [HALF, HALF]
