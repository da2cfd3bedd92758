"""Transactions on real databases, and the gate before SQLite's one writer."""

import asyncio
import socket
import traceback
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import URL, Column, Integer, MetaData, Table, Text, insert, select
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError

from notifier.columns import UtcDateTime
from notifier.db import Database, Rank, is_overtaken
from notifier.delivery import owners
from notifier.priority_gate import PriorityGate
from notifier.subscriptions.tables import subscriber

notes = Table("notes", MetaData(), Column("id", Integer, primary_key=True), Column("text", Text))
moments = Table("moments", MetaData(), Column("id", Integer, primary_key=True), Column("at", UtcDateTime))


async def _make(db: Database, table: Table) -> None:
    async with db.write(Rank.HOUSEKEEPING) as conn:
        await conn.run_sync(table.create)


async def _texts(db: Database) -> list[str]:
    async with db.read() as conn:
        return list(await conn.scalars(select(notes.c.text).order_by(notes.c.id)))


async def _write(db: Database, text: str) -> None:
    async with db.write(Rank.WEB) as conn:
        await conn.execute(insert(notes).values(text=text))


class Queue:
    """Tasks that wait at one gate, and the order in which they had their turn."""

    def __init__(self) -> None:
        self.gate = PriorityGate()
        self.order: list[str] = []

    async def turn(self, name: str, rank: Rank) -> None:
        async with self.gate.turn(rank):
            self.order.append(name)

    async def wait(self, name: str, rank: Rank) -> asyncio.Task[None]:
        """Let somebody arrive at the gate."""
        task = asyncio.create_task(self.turn(name, rank))
        await asyncio.sleep(0)
        return task


async def test_waiters_go_by_rank() -> None:
    queue = Queue()
    async with queue.gate.turn(Rank.HOUSEKEEPING):
        waiting = [
            await queue.wait(rank.name, rank)
            for rank in (Rank.EXPAND, Rank.ANNOUNCE, Rank.HOUSEKEEPING, Rank.WEB, Rank.OUTCOMES)
        ]
        assert queue.order == []
    await asyncio.gather(*waiting)
    assert queue.order == ["ANNOUNCE", "WEB", "OUTCOMES", "EXPAND", "HOUSEKEEPING"]


async def test_waiters_of_one_rank_go_by_arrival() -> None:
    queue = Queue()
    async with queue.gate.turn(Rank.WEB):
        waiting = [await queue.wait(name, Rank.WEB) for name in ("Ada", "Ben", "Cleo", "Dan")]
    await asyncio.gather(*waiting)
    assert queue.order == ["Ada", "Ben", "Cleo", "Dan"]


async def test_a_waiter_that_is_cancelled_loses_nobodys_turn() -> None:
    queue = Queue()
    async with queue.gate.turn(Rank.WEB):
        ada, ben, cleo = [await queue.wait(name, Rank.WEB) for name in ("Ada", "Ben", "Cleo")]
        ben.cancel()
    await asyncio.gather(ada, ben, cleo, return_exceptions=True)
    assert queue.order == ["Ada", "Cleo"]


async def test_a_turn_that_comes_together_with_the_cancellation_is_passed_on() -> None:
    queue = Queue()
    async with queue.gate.turn(Rank.WEB):
        ada = await queue.wait("Ada", Rank.WEB)
        ben = await queue.wait("Ben", Rank.WEB)
    ada.cancel()  # the turn was just given to her, and she has not run since
    async with asyncio.timeout(1):
        await asyncio.gather(ada, ben, return_exceptions=True)
    assert ada.cancelled()
    assert queue.order == ["Ben"]
    await asyncio.wait_for(queue.turn("Cleo", Rank.WEB), 1)


async def test_somebody_who_fails_in_his_turn_gives_it_on() -> None:
    queue = Queue()

    async def fail() -> None:
        async with queue.gate.turn(Rank.WEB):
            await asyncio.sleep(0)
            raise RuntimeError

    failing = asyncio.create_task(fail())
    await asyncio.sleep(0)
    await queue.wait("Ada", Rank.WEB)
    with pytest.raises(RuntimeError):
        await failing
    await asyncio.wait_for(queue.turn("Ben", Rank.WEB), 1)
    assert queue.order == ["Ada", "Ben"]


async def test_leaving_the_block_commits_it(db: Database) -> None:
    await _make(db, notes)
    await _write(db, "kept")
    assert await _texts(db) == ["kept"]


async def test_an_exception_rolls_the_whole_block_back(db: Database) -> None:
    await _make(db, notes)

    async def fail() -> None:
        async with db.write(Rank.WEB) as conn:
            await conn.execute(insert(notes).values(text="one"))
            await conn.execute(insert(notes).values(text="two"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    assert await _texts(db) == []


async def test_a_cancelled_block_is_rolled_back(db: Database) -> None:
    await _make(db, notes)
    written = asyncio.Event()

    async def half() -> None:
        async with db.write(Rank.WEB) as conn:
            await conn.execute(insert(notes).values(text="half"))
            written.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(half())
    await written.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await asyncio.wait_for(_write(db, "whole"), 5)
    assert await _texts(db) == ["whole"]


LONG_STATEMENT = """
INSERT INTO notes (text)
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000)
SELECT 'half' FROM n
"""


@pytest.mark.parametrize("statement", [LONG_STATEMENT, LONG_STATEMENT + " RETURNING id"])
async def test_a_write_cancelled_inside_a_long_statement_leaves_the_next_writer_working(
    sqlite_db: Database, statement: str
) -> None:
    await _make(sqlite_db, notes)
    task = asyncio.create_task(_run(sqlite_db, statement))
    await asyncio.sleep(0.05)
    assert not task.done()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()  # and keeps a traceback, which keeps the statement alive
    await asyncio.wait_for(_write(sqlite_db, "next"), 2)
    assert await _texts(sqlite_db) == ["next"]


async def test_the_next_writer_waits_until_a_cancelled_statement_has_ended(sqlite_db: Database) -> None:
    await _make(sqlite_db, notes)
    task = asyncio.create_task(_run(sqlite_db, LONG_STATEMENT))
    await asyncio.sleep(0.05)
    waiting = asyncio.create_task(_write(sqlite_db, "next"))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait_for(waiting, 5)
    assert await _texts(sqlite_db) == ["next"]
    await asyncio.gather(task, return_exceptions=True)


async def _run(db: Database, statement: str) -> None:
    async with db.write(Rank.WEB) as conn:
        await conn.exec_driver_sql(statement)


async def test_writers_at_the_same_time_lose_no_update(db: Database) -> None:
    await _make(db, notes)

    async def add_one() -> None:
        async with db.write(Rank.WEB) as conn:
            await conn.exec_driver_sql("UPDATE counter SET n = n + 1 WHERE name = 'event'")

    await asyncio.gather(*(add_one() for _ in range(30)))
    async with db.read() as conn:
        assert (await conn.exec_driver_sql("SELECT n FROM counter WHERE name = 'event'")).scalar_one() == 30


async def test_a_reader_sees_one_state_while_others_write(db: Database) -> None:
    await _make(db, notes)
    await _write(db, "before")
    async with db.read() as conn:
        seen = list(await conn.scalars(select(notes.c.text)))
        await _write(db, "meanwhile")
        assert list(await conn.scalars(select(notes.c.text))) == seen == ["before"]
    assert await _texts(db) == ["before", "meanwhile"]


async def test_a_glance_shows_what_was_committed_and_leaves_nothing_open(db: Database) -> None:
    await _make(db, notes)
    async with db.glance() as conn:
        texts = select(notes.c.text).order_by(notes.c.id)
        assert list(await conn.scalars(texts)) == []
        await _write(db, "one")  # by another connection, while this one is still here
        assert list(await conn.scalars(texts)) == ["one"]  # in a transaction it would be hidden
    assert await _texts(db) == ["one"]
    await _write(db, "two")
    async with db.glance() as conn:
        assert list(await conn.scalars(texts)) == ["one", "two"]


async def test_a_reader_waits_for_no_writer(db: Database) -> None:
    await _make(db, notes)
    async with db.write(Rank.WEB) as conn:
        await conn.execute(insert(notes).values(text="not yet committed"))
        assert await asyncio.wait_for(_texts(db), 1) == []


async def test_an_instant_without_a_zone_is_refused(db: Database) -> None:
    await _make(db, moments)
    with pytest.raises(StatementError, match="an instant needs a time zone"):
        async with db.write(Rank.WEB) as conn:
            await conn.execute(insert(moments).values(at=datetime(2022, 10, 14, 9)))  # noqa: DTZ001


async def test_an_instant_comes_back_as_the_same_instant_in_utc(db: Database) -> None:
    await _make(db, moments)
    summer = datetime(2022, 10, 14, 9, 0, 7, 123456, tzinfo=timezone(timedelta(hours=1)))
    async with db.write(Rank.WEB) as conn:
        await conn.execute(insert(moments), [{"id": 1, "at": summer}, {"id": 2, "at": None}])
    async with db.read() as conn:
        found = list(await conn.scalars(select(moments.c.at).order_by(moments.c.id)))
        assert await conn.scalar(select(moments.c.id).where(moments.c.at == summer)) == 1
    assert found == [summer, None]
    assert found[0].tzinfo is UTC


async def test_instants_are_compared_as_instants_whatever_their_offset(db: Database) -> None:
    await _make(db, moments)
    west = datetime(2022, 10, 14, 9, tzinfo=timezone(timedelta(hours=-5)))
    async with db.write(Rank.WEB) as conn:
        await conn.execute(insert(moments).values(at=west))
    async with db.read() as conn:
        later = select(moments.c.id).where(moments.c.at > datetime(2022, 10, 14, 13, 59, tzinfo=UTC))
        assert await conn.scalar(later) == 1
        much_later = select(moments.c.id).where(moments.c.at > datetime(2022, 10, 14, 14, 1, tzinfo=UTC))
        assert await conn.scalar(much_later) is None


async def test_an_error_names_its_kind_and_repeats_no_value(postgresql_url: URL) -> None:
    db = Database(postgresql_url)
    values = {"address": "ada@example.org", "address_key": "ada@example.org", "language": "en", "nonce": "n"}
    new = insert(subscriber).values(channel="mail", state="active", created_at=datetime.now(UTC), **values)
    async with db.write(Rank.WEB) as conn:
        await conn.execute(new)
        with pytest.raises(IntegrityError) as found:
            await conn.execute(new)
    await db.dispose()
    said = "".join(traceback.format_exception(found.value))
    assert "example.org" not in said
    assert "UniqueViolation" in said
    assert "duplicate key value violates unique constraint" in said
    assert "23505" in said
    assert is_overtaken(found.value)


async def test_a_server_that_does_not_answer_is_given_up_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notifier.db.CONNECT_SECONDS", 2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        host, port = silent.getsockname()
        db = Database(URL.create("postgresql+psycopg", host=host, port=port, database="notifier"))
        with pytest.raises(OperationalError):
            async with asyncio.timeout(8), db.read():
                pass
        await db.dispose()


@pytest.mark.parametrize(("given", "silence"), [({}, "15000"), ({"tcp_user_timeout": "5000"}, "5000")])
async def test_a_connection_whose_other_end_is_gone_is_noticed_before_the_lease_is_lost(
    postgresql_url: URL, given: dict[str, str], silence: str
) -> None:
    db = Database(postgresql_url.update_query_dict(given))
    async with db.read() as conn:
        driver = (await conn.get_raw_connection()).driver_connection
        assert driver is not None
        used = {one.keyword.decode(): (one.val or b"").decode() for one in driver.pgconn.info}
    await db.dispose()
    assert used["tcp_user_timeout"] == silence
    idle, interval, probes = (int(used[f"keepalives_{one}"]) for one in ("idle", "interval", "count"))
    assert idle + interval * probes < (owners.LEASE - owners.MARGIN).total_seconds()
