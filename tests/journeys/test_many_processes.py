"""Many processes on one PostgreSQL: everybody is told once, whatever happens to one of them or to the database."""

import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import URL

from tests.journeys.processes import Town, town
from tests.postgresql import new_database

PEOPLE = 3_000
CONNECTIONS = 4
UNCOMMITTED = 50


@pytest.fixture
async def many(postgresql_server: URL, tmp_path: Path) -> AsyncIterator[Town]:
    """A town with a database of its own, where nothing runs yet."""
    async with new_database(postgresql_server) as url, town(tmp_path, url, people=PEOPLE) as found:
        await found.prepare(uncommitted=UNCOMMITTED)
        yield found


async def test_two_servers_and_two_workers_tell_everybody_exactly_once(many: Town) -> None:
    servers = [await many.start("serve"), await many.start("serve")]
    workers = [await many.start("worker"), await many.start("worker")]
    await many.until_told()
    assert await many.number("SELECT count(*) FROM event WHERE kind = 'opened'") == 1
    assert await many.number("SELECT count(*) FROM mailing WHERE kind = 'moment'") == 1
    for one in [*workers, *servers]:
        one.signal(signal.SIGTERM)
    assert [await one.ends() for one in [*workers, *servers]] == [0] * 4
    assert many.doubled() == 0
    assert all("delivered" in one.events() for one in workers), "both workers share the mailing"
    assert await many.number("SELECT count(*) FROM procrastinate_jobs WHERE status <> 'todo'") == 0
