"""Doorbells between processes on PostgreSQL: rung by a transaction, heard by each, never needed."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import URL, text

from notifier.clock import machine_now
from notifier.db import Database, Rank
from notifier.delivery.doorbells import Doorbells, Work
from tests.delivery.queue_cast import crowd, register, until
from tests.refusing import refusing

_LISTENING = "SELECT count(*) FROM procrastinate_workers"
_NEW_JOB = "INSERT INTO procrastinate_jobs (queue_name, task_name, status)"
_CUT_OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"


class House:
    """A process with a bell for each kind of work. While it `has_chunks`, its expanding is not done."""

    def __init__(self, url: URL) -> None:
        self.db = Database(url)
        self.expanding = self.sending = 0
        self.has_chunks = False
        work = Work(ring=self._expand, is_left=self._has_chunks)
        self.doorbells = Doorbells(self.db, send=self._send, expanding=work)

    def _expand(self) -> None:
        self.expanding += 1

    def _send(self) -> None:
        self.sending += 1

    async def _has_chunks(self) -> bool:
        return self.has_chunks

    @asynccontextmanager
    async def open(self) -> AsyncIterator["House"]:
        """Answer the door while the block lasts; it is a process that sends."""
        await register(self.db, machine_now=machine_now())
        before = await self.number(_LISTENING)
        answering = asyncio.create_task(self.doorbells.run())
        try:
            async with asyncio.timeout(20):
                while await self.number(_LISTENING) < before + 2:  # noqa: ASYNC110 - a table tells nobody
                    await asyncio.sleep(0.02)
            yield self
        finally:
            self.doorbells.stop()
            await answering
            await self.db.dispose()

    async def number(self, query: str) -> int:
        """Return one number from the database."""
        async with self.db.read() as conn:
            return int(await conn.scalar(text(query)) or 0)


async def _announce(house: House, *, fails: bool = False) -> None:
    async with house.db.write(Rank.ANNOUNCE) as conn:
        await house.doorbells.announced(conn)
        if fails:
            raise LookupError("the announcing transaction is undone")


@pytest.fixture
async def two(postgresql_url: URL) -> AsyncIterator[tuple[House, House]]:
    """Two processes that answer."""
    async with House(postgresql_url).open() as one, House(postgresql_url).open() as other:
        yield one, other


async def _soon(met: Callable[[], bool]) -> None:
    await until(met, seconds=25)


async def test_what_is_announced_rings_every_process_once(two: tuple[House, House]) -> None:
    one, other = two
    one.has_chunks = other.has_chunks = True
    await _announce(one)
    await _soon(lambda: one.expanding > 0 and other.expanding > 0)
    one.has_chunks = other.has_chunks = False
    async with asyncio.timeout(20):
        while await one.number("SELECT count(*) FROM procrastinate_jobs"):  # noqa: ASYNC110 - a table tells nobody
            await asyncio.sleep(0.02)
    assert (one.expanding, other.expanding) == (1, 1)


async def test_what_was_not_announced_after_all_rings_nobody(two: tuple[House, House]) -> None:
    with pytest.raises(LookupError):
        await _announce(two[0], fails=True)
    assert await two[0].number("SELECT count(*) FROM procrastinate_jobs") == 0


async def test_letters_call_the_other_processes_too(two: tuple[House, House]) -> None:
    one, other = two
    await crowd(one.db, 3)
    one.doorbells.ready()
    await _soon(lambda: one.sending > 0 and other.sending > 0)


async def test_a_job_that_its_process_left_behind_is_deleted_and_a_doubled_one_rings_again(
    postgresql_url: URL,
) -> None:
    house = House(postgresql_url)
    async with house.db.write(Rank.HOUSEKEEPING) as conn:
        for status in ("doing", "doing", "todo", "todo"):
            values = f"VALUES ('expand', 'expand', '{status}')"
            await conn.execute(text(f"{_NEW_JOB} {values}"))
        await conn.execute(text("UPDATE procrastinate_jobs SET status = 'failed' WHERE id = 1"))
        await conn.execute(text("UPDATE procrastinate_events SET at = at - interval '2 hours'"))
    async with house.open():
        await _soon(lambda: house.expanding == 2)
        async with asyncio.timeout(20):
            while await house.number("SELECT count(*) FROM procrastinate_jobs"):  # noqa: ASYNC110
                await asyncio.sleep(0.02)


async def test_a_process_whose_connections_are_cut_answers_again(two: tuple[House, House]) -> None:
    one, other = two
    async with one.db.write(Rank.HOUSEKEEPING) as conn:
        await conn.execute(text(_CUT_OTHERS))
    await other.db.dispose()
    await _announce(one)
    await _soon(lambda: one.expanding + other.expanding >= 2)


async def test_a_bell_that_cannot_be_rung_holds_up_no_announcement(
    postgresql_url: URL, caplog: pytest.LogCaptureFixture
) -> None:
    house = House(postgresql_url)
    async with refusing(house.db, "procrastinate_jobs"), house.db.write(Rank.ANNOUNCE) as conn:
        await conn.execute(text("UPDATE sweep SET n = 7"))
        await house.doorbells.announced(conn)
    assert await house.number("SELECT n FROM sweep") == 7
    assert [one.message for one in caplog.records] == ["doorbells_silent"]
    await house.db.dispose()
