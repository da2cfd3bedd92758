"""PostgreSQL that may only be read, as after a failover: no row is to blame, and all of them wait."""

import logging
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import URL, text

from notifier import outage
from notifier.db import Database
from notifier.delivery import recording
from tests.delivery.queue_cast import PostOffice, Sending, crowd, until, until_states

READERS = 5


@pytest.fixture
async def shared(postgresql_url: URL) -> AsyncIterator[Database]:
    database = Database(postgresql_url)
    yield database
    await database.dispose()


async def _only_reading(db: Database, *, on: bool) -> None:
    """Let the server refuse to write from now on, or no longer."""
    async with db.read() as conn:
        await conn.execution_options(isolation_level="AUTOCOMMIT")
        value = "on" if on else "off"
        await conn.execute(text(f"ALTER SYSTEM SET default_transaction_read_only = {value}"))
        await conn.execute(text("SELECT pg_reload_conf()"))


async def test_outcomes_wait_together_for_a_database_that_may_only_be_read(
    shared: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(recording, "DATABASE_PAUSE_SECONDS", 0.1)
    monkeypatch.setattr(outage, "QUIET_SECONDS", 0.0)  # every try in the log
    await crowd(shared, READERS)
    office = PostOffice(connections=READERS)
    office.open.clear()
    caplog.set_level(logging.ERROR)

    def refused() -> list[int]:
        return [one.__dict__["count"] for one in caplog.records if one.message == "outcomes_not_recorded"]

    async with Sending(shared, office):
        await until(lambda: len(office.begun) == READERS)
        await _only_reading(shared, on=True)
        try:
            office.open.set()
            await until(lambda: len(refused()) >= 3)
        finally:
            await _only_reading(shared, on=False)
        await until_states(shared, *["accepted"] * READERS)
    assert len(office.begun) == READERS
    assert set(refused()) == {READERS}
