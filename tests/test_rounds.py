"""The rounds find what no bell was heard for, and what a dead process left; fresh work is left alone."""

import asyncio
from datetime import datetime, timedelta

import pytest

from notifier.clock import ReplayClock, machine_now
from notifier.db import Database
from notifier.delivery.model import DeliveryState
from notifier.delivery.tables import delivery
from notifier.delivery.tenure import Tenure
from notifier.rounds import WAITED, Rounds
from tests.cast import BEGIN, follow, london, publication, read, rows, snapshot, sweep
from tests.delivery.queue_cast import claim, expire, queue, register, until

MEETING = london(2023, 3, 29)
SECOND = timedelta(seconds=1)


async def _one_round(db: Database, *, now: datetime) -> list[str]:
    """Make one round at the calendar instant `now`, and return what was rung for."""
    rung: list[str] = []
    recovered = 0

    async def recover() -> None:
        nonlocal recovered
        await Tenure(db, taken_back=lambda _: rung.append("taken back")).recover()
        recovered += 1

    rounds = Rounds(
        db,
        ReplayClock(now),
        recover=recover,
        expand=lambda: rung.append("expand"),
        send=lambda: rung.append("send"),
    )
    running = asyncio.create_task(rounds.run())
    await until(lambda: recovered > 0)
    rounds.stop()
    await running
    return rung


@pytest.mark.parametrize(("waited", "rung"), [(WAITED + SECOND, ["send"]), (timedelta(0), [])])
async def test_letters_that_wait_are_rung_for(db: Database, waited: timedelta, rung: list[str]) -> None:
    await queue(db, "Ada", next_at=machine_now() - waited)
    assert await _one_round(db, now=BEGIN) == rung


@pytest.mark.parametrize(("waited", "rung"), [(WAITED + SECOND, ["expand"]), (timedelta(0), [])])
async def test_chunks_that_wait_are_rung_for(db: Database, waited: timedelta, rung: list[str]) -> None:
    await follow(db, "Ada")
    await read(db, snapshot(publication(MEETING.date())), now=BEGIN)
    assert (await sweep(db, MEETING)).mailings == 1
    assert await _one_round(db, now=MEETING + waited) == rung


async def test_what_a_dead_process_was_sending_is_in_the_queue_again(db: Database) -> None:
    await queue(db, "Ada")
    dead = await register(db)
    assert len(await claim(db, dead)) == 1
    await expire(db, dead)
    assert await _one_round(db, now=BEGIN) == ["taken back"]
    assert [row["state"] for row in await rows(db, delivery)] == [DeliveryState.PENDING]
