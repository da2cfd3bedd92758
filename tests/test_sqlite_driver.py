"""What a statement costs on SQLite, and what becomes of one whose caller is cancelled."""

import asyncio
import logging
import sqlite3
import threading
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text, delete, func, insert, select
from sqlalchemy.exc import IntegrityError, OperationalError

from notifier import db as ground
from notifier.db import Database, Rank
from notifier.sqlite_driver import ROWS_AT_ONCE, connection_to

notes = Table("notes", MetaData(), Column("id", Integer, primary_key=True), Column("text", Text, unique=True))

LONG = """
INSERT INTO notes (text)
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000)
SELECT 'half ' || i FROM n
"""


@pytest.fixture
async def db(sqlite_db: Database) -> Database:
    """A database with one empty table of our own."""
    async with sqlite_db.write(Rank.HOUSEKEEPING) as conn:
        await conn.run_sync(notes.create)
    return sqlite_db


@pytest.fixture
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for others' locks less long than an operator would."""
    monkeypatch.setattr(ground, "BUSY_SECONDS", 0.2)


async def _texts(db: Database) -> list[str]:
    async with db.read() as conn:
        return list(await conn.scalars(select(notes.c.text).order_by(notes.c.id)))


async def _write(db: Database, *texts: str) -> None:
    async with db.write(Rank.WEB) as conn:
        for text in texts:
            await conn.execute(insert(notes).values(text=text))


async def _long(db: Database) -> None:
    async with db.write(Rank.WEB) as conn:
        await conn.exec_driver_sql(LONG)


async def _fill(db: Database, rows: int) -> None:
    if rows:
        async with db.write(Rank.WEB) as conn:
            await conn.execute(insert(notes), [{"text": str(n)} for n in range(rows)])


def _beside(db: Database) -> sqlite3.Connection:
    """Open a connection as another process would have it, that waits for nobody."""
    return sqlite3.connect(str(db.url.database), timeout=0, isolation_level=None)


def _hops(caplog: pytest.LogCaptureFixture) -> int:
    return sum(record.msg.startswith("executing") for record in caplog.records if record.name == "aiosqlite")


async def test_a_statement_is_one_hop_its_transaction_one_more_and_an_empty_one_none(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    await _write(db, "warm")
    await _texts(db)
    caplog.set_level(logging.DEBUG, logger="aiosqlite")
    await _write(db, "one", "two", "three")
    assert _hops(caplog) == 4
    assert await _texts(db) == ["warm", "one", "two", "three"]
    assert _hops(caplog) == 6
    async with db.write(Rank.WEB), db.read():
        pass
    assert _hops(caplog) == 6


async def test_many_rows_come_whole_and_in_order(db: Database) -> None:
    rows = 2 * ROWS_AT_ONCE + 1
    await _fill(db, rows)
    assert await _texts(db) == [str(n) for n in range(rows)]


@pytest.mark.parametrize("rows", [0, 1, ROWS_AT_ONCE - 1, ROWS_AT_ONCE, ROWS_AT_ONCE + 1])
async def test_rows_are_complete_at_the_edge_of_one_fetch_and_a_returning_counts_them(
    db: Database, rows: int
) -> None:
    await _fill(db, rows)
    assert len(await _texts(db)) == rows
    async with db.write(Rank.WEB) as conn:
        gone = await conn.execute(delete(notes).returning(notes.c.text))
        assert [one.text for one in gone] == [str(n) for n in range(rows)]
    assert await _texts(db) == []


async def test_a_stream_is_fetched_in_portions_and_may_be_left_early(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    await _fill(db, 5 * ROWS_AT_ONCE)
    assert len(await _texts(db)) == 5 * ROWS_AT_ONCE
    caplog.set_level(logging.DEBUG, logger="aiosqlite")
    async with db.read() as conn:
        async with conn.stream(select(notes.c.id).order_by(notes.c.id)) as found:
            portions = found.partitions(ROWS_AT_ONCE)
            first = [row.id for row in await anext(portions)]
            assert _hops(caplog) == 1  # the other portions were not fetched yet
            second = [row.id for row in await anext(portions)]
        assert first + second == list(range(1, 2 * ROWS_AT_ONCE + 1))
        assert await conn.scalar(select(func.count()).select_from(notes)) == 5 * ROWS_AT_ONCE
    async with db.read() as conn, conn.stream(select(notes.c.id)) as found:
        assert len([row async for row in found]) == 5 * ROWS_AT_ONCE


async def test_what_a_constraint_refuses_says_so_and_the_transaction_goes_on(db: Database) -> None:
    async with db.write(Rank.WEB) as conn:
        await conn.execute(insert(notes).values(text="once"))
        with pytest.raises(IntegrityError) as refused:
            async with conn.begin_nested():
                await conn.execute(insert(notes).values(text="once"))
        await conn.execute(insert(notes).values(text="after"))
    assert isinstance(refused.value.orig, sqlite3.IntegrityError)
    assert await _texts(db) == ["once", "after"]


@pytest.mark.usefixtures("short_patience")
async def test_a_block_that_could_not_begin_runs_nothing_outside_a_transaction(tmp_path: Path) -> None:
    db = Database(ground.sqlite_url(tmp_path / "notifier.db"))
    async with db.write(Rank.HOUSEKEEPING) as conn:
        await conn.run_sync(notes.create)
    with closing(_beside(db)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(RuntimeError, match="on the way"):
            await _go_on_and_fail(db, other)
    assert await _texts(db) == []
    await _write(db, "next")
    assert await _texts(db) == ["next"]
    await db.dispose()


async def _go_on_and_fail(db: Database, other: sqlite3.Connection) -> None:
    async with db.write(Rank.WEB) as conn:
        with pytest.raises(OperationalError, match="database is locked"):
            await conn.execute(insert(notes).values(text="refused"))
        other.execute("ROLLBACK")
        await conn.execute(insert(notes).values(text="undone"))
        raise RuntimeError("something on the way")


async def test_whoever_is_cancelled_again_and_again_ends_only_when_his_statement_has(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="aiosqlite")
    task = asyncio.create_task(_long(db))
    await asyncio.sleep(0.05)
    while not task.done():
        task.cancel()
        await asyncio.sleep(0.001)
    said = [record.getMessage() for record in caplog.records if record.name == "aiosqlite"]
    assert task.cancelled()
    assert any(one.startswith("operation") and "INSERT" in one for one in said)
    assert any(one.startswith("operation") and "rollback" in one for one in said)
    await _write(db, "next")
    assert await _texts(db) == ["next"]


async def test_a_time_limit_that_runs_out_inside_a_statement_is_still_a_time_limit(db: Database) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await _long(db)
    await _write(db, "next")
    assert await _texts(db) == ["next"]


async def test_who_is_cancelled_while_another_process_has_the_lock_leaves_no_transaction(
    db: Database,
) -> None:
    with closing(_beside(db)) as other:
        other.execute("BEGIN IMMEDIATE")
        task = asyncio.create_task(_write(db, "never"))
        await asyncio.sleep(0.05)
        task.cancel()
        await asyncio.sleep(0.05)
        other.execute("ROLLBACK")
        with suppress(asyncio.CancelledError):
            await task
        other.execute("BEGIN IMMEDIATE")
        other.execute("ROLLBACK")
    await _write(db, "next")
    assert await _texts(db) == ["next"]


@pytest.mark.parametrize("turns", range(24))
async def test_wherever_a_transaction_is_cancelled_all_or_nothing_of_it_stays(
    db: Database, turns: int
) -> None:
    task = asyncio.create_task(_write(db, "one", "two"))
    for _ in range(turns):
        await asyncio.sleep(0.0001)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    await _write(db, "next")
    assert await _texts(db) in (["next"], ["one", "two", "next"])


LONG_QUERY = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000)
SELECT max(i) FROM n
"""


async def test_a_reader_cancelled_in_a_long_query_gives_his_connection_back(db: Database) -> None:
    async def read() -> None:
        async with db.read() as conn:
            await conn.exec_driver_sql(LONG_QUERY)

    readers = [asyncio.create_task(read()) for _ in range(ground.READERS)]
    await asyncio.sleep(0.02)
    for one in readers:
        one.cancel()
    ended = await asyncio.gather(*readers, return_exceptions=True)
    assert [type(one) for one in ended] == [asyncio.CancelledError] * ground.READERS
    await _write(db, "next")
    assert await asyncio.gather(*(_texts(db) for _ in readers)) == [["next"]] * ground.READERS


def test_a_file_that_is_no_database_leaves_no_thread_that_answers_a_closed_loop(
    tmp_path: Path,
) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("This is no database at all, but a text that is long enough to be looked at. " * 20)
    threads = threading.active_count()

    async def connect() -> None:
        with pytest.raises(sqlite3.DatabaseError):
            await connection_to(str(path), busy_seconds=1)()

    for _ in range(50):  # an answer to a closed loop is an error that pytest reports
        asyncio.run(connect())
    until = time.monotonic() + 10
    while threading.active_count() > threads and time.monotonic() < until:
        time.sleep(0.01)
    assert threading.active_count() <= threads
