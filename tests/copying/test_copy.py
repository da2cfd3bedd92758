"""What a copy takes along, what it refuses, and what it leaves behind."""

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from sqlalchemy import URL, Connection, event, func, insert, select, text

from notifier import copied, holds, schema, sequence
from notifier.columns import metadata
from notifier.copying import copy
from notifier.copying.refusal import CopyError
from notifier.db import Database, Rank, sqlite_url
from notifier.delivery.model import DeliveryState
from notifier.delivery.tables import delivery
from notifier.hold_kinds import HoldKind
from notifier.instance import InstanceError, load_secret, locked
from notifier.opening import database_of
from notifier.settings import Database as DatabaseSettings
from notifier.subscriptions.tables import topic
from tests.cast import MACHINE_NOW, claim_letters, count, fan_out, rows
from tests.copying.scene import NOON, Machine, change, live
from tests.postgresql import new_database

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 60.0
_WAITS = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'delivery'::regclass"


@pytest.fixture
async def machine(sqlite_template: Path, tmp_path: Path, postgresql_server: URL) -> AsyncIterator[Machine]:
    """A machine whose service was killed, and a new PostgreSQL database."""
    path = tmp_path / "data" / "notifier.db"
    path.parent.mkdir()
    shutil.copy(sqlite_template, path)
    async with new_database(postgresql_server) as url:
        found = Machine(path, url)
        await live(found)
        yield found


@pytest.fixture
async def target(machine: Machine) -> AsyncIterator[Database]:
    """The database that is copied to."""
    db = Database(machine.url, home=machine.path)
    yield db
    await db.dispose()


@pytest.fixture
async def source(machine: Machine) -> AsyncIterator[Database]:
    """The file that is copied."""
    db = Database(sqlite_url(machine.path))
    yield db
    await db.dispose()


async def test_every_row_of_every_table_arrives_as_it_was(
    machine: Machine, source: Database, target: Database
) -> None:
    compared = await machine.copy()
    assert [one.table for one in compared] == [table.name for table in metadata.sorted_tables]
    filled = {one.table for one in compared if one.here.rows}
    assert filled >= {"event", "event_topic", "mailing", "delivery", "gathered", "variant", "bounce"}
    assert filled >= {"access", "reply", "suppression", "subscription_history", "owner", "revision", "change"}
    for table in metadata.sorted_tables:
        if table is not delivery:
            assert await rows(target, table) == await rows(source, table), table.name


async def test_what_was_being_sent_waits_again_and_all_else_of_a_delivery_stays(
    machine: Machine, source: Database, target: Database
) -> None:
    await machine.copy()
    before, after = await rows(source, delivery), await rows(target, delivery)
    sending = [row for row in before if row["state"] == DeliveryState.SENDING]
    assert len(sending) >= 1
    assert len(before) > len(sending)
    waiting = {"state": DeliveryState.PENDING, "owner_id": None}
    assert [dict(row) for row in after] == [
        {**row, **waiting} if row["state"] == DeliveryState.SENDING else dict(row) for row in before
    ]
    again = await claim_letters(target, NOON, machine_now=MACHINE_NOW)
    assert sorted(one.delivery_id for one in again) == [row["id"] for row in sending]


async def test_new_rows_and_events_are_numbered_on(machine: Machine, target: Database) -> None:
    await machine.copy()
    async with target.write(Rank.WEB) as conn:
        highest = await conn.scalar(select(func.max(topic.c.id)))
        made = await conn.scalar(insert(topic).values(kind="process", value="new").returning(topic.c.id))
        assert highest is not None
        assert made == highest + 1
        newest = await conn.scalar(text("SELECT max(seq) FROM event"))
        assert list(await sequence.take(conn, 1)) == [newest + 1]
    assert await fan_out(target, NOON) == 0


async def test_a_service_that_has_mailed_nobody_yet_is_copied_too(
    sqlite_template: Path, tmp_path: Path, postgresql_url: URL
) -> None:
    """Its only mailing is that of replies, whose id no sequence would give."""
    young = Machine(tmp_path / "young.db", postgresql_url)
    shutil.copy(sqlite_template, young.path)
    here, there = Database(sqlite_url(young.path)), Database(postgresql_url)
    await young.begin(here)
    async with here.write(Rank.WEB) as conn:
        await conn.execute(insert(topic).values(id=3_000_000_000, kind="process", value="far"))
    await young.copy()
    async with there.write(Rank.WEB) as conn:
        made = await conn.scalar(insert(topic).values(kind="process", value="new").returning(topic.c.id))
    assert made == 3_000_000_001
    await here.dispose()
    await there.dispose()


async def test_the_file_stays_as_it_is(machine: Machine) -> None:
    before = await asyncio.to_thread(machine.path.read_bytes)
    await machine.copy()
    assert await asyncio.to_thread(machine.path.read_bytes) == before


async def test_the_copy_is_no_stranger_and_is_served_at_once(machine: Machine, target: Database) -> None:
    await machine.copy()
    await machine.begin(target)
    async with target.read() as conn:
        assert await holds.standing(conn, machine_now=MACHINE_NOW) == []


async def test_the_file_is_served_no_more_and_whoever_goes_back_to_it_finds_it_held(
    machine: Machine, source: Database
) -> None:
    await machine.copy()
    with pytest.raises(InstanceError, match="everybody would be told twice") as refused, locked(machine.path):
        pass
    assert f"delete {machine.path.with_suffix('.copied')}" in str(refused.value)
    with pytest.raises(InstanceError, match="everybody would be told twice"):
        await machine.copy()
    machine.path.with_suffix(".copied").unlink()
    with locked(machine.path):
        await machine.begin(source)
    async with source.read() as conn:
        assert [one.kind for one in await holds.standing(conn, machine_now=MACHINE_NOW)] == [
            HoldKind.RESTORED
        ]


async def test_a_file_that_is_served_is_not_copied(machine: Machine, target: Database) -> None:
    with locked(machine.path), pytest.raises(InstanceError, match="served by another process"):
        await machine.copy()


async def test_no_command_adds_to_the_file_while_it_is_copied(machine: Machine, source: Database) -> None:
    """It would be missing on the other side: whoever is first, the other waits."""
    async with source.write(Rank.WEB) as conn:
        await conn.execute(
            select(func.count()).select_from(topic)
        )  # a transaction begins with its first statement
        copying = asyncio.create_task(machine.copy())
        await asyncio.sleep(1)
        assert not copying.done()
        await conn.execute(insert(topic).values(kind="process", value="late"))
    [topics] = [one for one in await copying if one.table == "topic"]
    assert topics.here.rows == topics.there.rows == await count(source, topic)


async def test_a_target_in_use_is_left_alone(machine: Machine, target: Database) -> None:
    await machine.copy()
    machine.path.with_suffix(".copied").unlink()
    with pytest.raises(CopyError, match=r'is not new: "\w+" has \d+ rows?\. Nothing was changed'):
        await machine.copy()
    assert await machine.compare() == []
    assert not machine.path.with_suffix(".copied").exists()


async def test_a_file_that_was_put_back_is_held_before_it_is_copied(machine: Machine) -> None:
    seen = machine.path.with_suffix(".seen")
    seen.write_text("1000000")
    with pytest.raises(CopyError, match="start `notifier serve` once"):
        await machine.copy()
    seen.unlink()  # another machine, which never saw it
    with pytest.raises(CopyError, match="restored from a backup, copied here"):
        await machine.copy()


async def test_a_file_of_another_version_is_brought_up_to_date_first(machine: Machine) -> None:
    await change(sqlite_url(machine.path), "UPDATE alembic_version SET version_num = '0001'")
    with pytest.raises(CopyError, match='run `notifier migrate` without "url"'):
        await machine.copy()


async def test_what_postgresql_cannot_hold_is_named_without_the_row(
    machine: Machine, target: Database
) -> None:
    await change(sqlite_url(machine.path), "UPDATE subscriber SET language = 'e' || char(0) WHERE id = 1")
    with pytest.raises(CopyError, match='cannot copy "subscriber" to PostgreSQL: ') as refused:
        await machine.copy()
    assert "@" not in str(refused.value)
    assert await count(target, topic) == 0


@pytest.mark.parametrize(
    ("statement", "table"),
    [
        ("UPDATE event SET occurred_at = occurred_at + interval '1 microsecond' WHERE seq = 1", "event"),
        ("UPDATE delivery SET reply = NULL WHERE reply = '2.0.0 Ok'", "delivery"),
        ("DELETE FROM gathered WHERE event_seq = (SELECT min(event_seq) FROM gathered)", "gathered"),
        ("INSERT INTO topic (kind, value) VALUES ('process', 'more')", "topic"),
        (
            "UPDATE subscriber s SET nonce = o.nonce FROM subscriber o WHERE s.id + o.id = 3",
            "subscriber",
        ),
    ],
)
async def test_whatever_differs_is_found(machine: Machine, statement: str, table: str) -> None:
    await machine.copy()
    assert await machine.compare() == []
    await change(machine.url, statement)
    assert await machine.compare() == [table]


async def test_killed_in_the_middle_it_leaves_nothing_that_could_be_taken_for_a_service(
    machine: Machine, target: Database, source: Database
) -> None:
    async with source.read() as conn:
        waiting = await conn.scalar(select(func.count()).select_from(delivery))
    code = "from notifier.cli.main import app; app()"
    await schema.upgrade(target)
    async with target.write(Rank.WEB) as conn:
        await conn.execute(text("LOCK TABLE delivery IN SHARE MODE"))  # the copy waits here, half done
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", code, "copy-database"),
            env={
                **os.environ,
                "PYTHONPATH": str(ROOT),
                "NOTIFIER_DATABASE__PATH": str(machine.path),
                "NOTIFIER_DATABASE__URL": machine.url.render_as_string(hide_password=False),
            },
            cwd=machine.path.parent,
        )
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await conn.scalar(text(_WAITS)):  # noqa: ASYNC110 - a table tells nobody
                await asyncio.sleep(0.05)
        child.send_signal(signal.SIGKILL)
        await child.wait()
    with pytest.raises(InstanceError, match="take over what is in it with `notifier copy-database`"):
        await machine.begin(target)
    with locked(machine.path):
        pass
    compared = {one.table: one for one in await machine.copy()}
    assert compared["delivery"].there.rows == waiting


async def test_postgresql_begins_anew_only_where_no_file_is_left(machine: Machine, target: Database) -> None:
    await schema.upgrade(target)
    with pytest.raises(InstanceError, match="move it away to begin anew"):
        await machine.begin(target)
    machine.path.unlink()
    await machine.begin(target)
    assert await asyncio.to_thread(load_secret, machine.path)


async def test_a_commit_that_is_not_answered_leaves_no_two_that_can_be_served(
    machine: Machine, target: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copy, "database_of", _whose_answer_is_lost(machine))
    with pytest.raises(ConnectionResetError):
        await machine.copy()
    assert await count(target, delivery) > 0
    with pytest.raises(InstanceError, match="was copied"), locked(machine.path):
        pass


def _whose_answer_is_lost(machine: Machine) -> Callable[[DatabaseSettings], Database]:
    def made(at: DatabaseSettings) -> Database:
        db = database_of(at)

        @event.listens_for(db._writer.sync_engine, "commit")
        def _commit(conn: Connection) -> None:
            if copied.noted(machine.path) is not None:  # the copy's transaction, and not a migration's
                conn.connection.dbapi_connection.commit()
                raise ConnectionResetError("the answer was lost")

        return db

    return made
