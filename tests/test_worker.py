"""A worker says why it cannot help here; what it does where it can is for the journeys."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import URL

from notifier.clock import SystemClock
from notifier.instance import InstanceError
from notifier.settings import Database as DatabaseSettings
from notifier.worker import Worker
from tests.journeys.house import settings_for
from tests.postgresql import new_database


@dataclass(frozen=True)
class Machine:
    """A machine on which somebody starts a worker."""

    home: Path

    async def work(self, url: URL | None) -> None:
        """Start one on this database, and stop it at once."""
        settings = settings_for(self.home, web_port=0, smtp_port=1)
        shown = None if url is None else url.render_as_string(hide_password=False)
        database = DatabaseSettings.model_validate({"path": self.home / "notifier.db", "url": shown})
        stop = asyncio.Event()
        stop.set()
        changed = settings.model_copy(update={"database": database})
        await Worker(changed, clock=SystemClock()).run(stop)


@pytest.fixture
def fresh(tmp_path: Path) -> Machine:
    """A machine that has no secret."""
    return Machine(tmp_path)


@pytest.fixture
def machine(fresh: Machine) -> Machine:
    """A machine to which some secret was copied."""
    (fresh.home / "notifier.secret").write_text("ab" * 32)
    return fresh


async def test_without_postgresql_there_is_nothing_to_share(machine: Machine) -> None:
    with pytest.raises(InstanceError, match='a worker needs "url" in'):
        await machine.work(None)


async def test_the_secret_is_copied_and_never_made_by_a_worker(fresh: Machine, postgresql_url: URL) -> None:
    with pytest.raises(InstanceError, match=r"notifier\.secret; copy it here from a machine that serves"):
        await fresh.work(postgresql_url)
    assert not list(fresh.home.iterdir())


async def test_a_worker_does_not_join_what_nobody_serves(machine: Machine, postgresql_url: URL) -> None:
    with pytest.raises(InstanceError, match="nobody serves from this database yet"):
        await machine.work(postgresql_url)


async def test_a_worker_changes_no_schema(machine: Machine, postgresql_server: URL) -> None:
    async with new_database(postgresql_server) as url:
        with pytest.raises(InstanceError, match="of another version; run `notifier migrate`"):
            await machine.work(url)
