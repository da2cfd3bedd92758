"""A real database, a still clock and the whole web application on a real socket."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from notifier import schema
from notifier.db import Database, sqlite_url
from notifier.subscriptions.fence import SignUpLimits
from notifier.subscriptions.tokens import Signer
from notifier.web.app import build
from notifier.web.keys import Site
from notifier.web.limits import USUAL
from tests.web.web_cast import NOW, RULES, SERVICE, PlainVitals, StillClock, seed
from tests.web.wire import Wire, serving

AT_ONCE = replace(USUAL, answer_after=timedelta(0))
"""The usual limits, without the pause before the answer to a sign-up."""


@dataclass
class Bell:
    """Counts how often mail was said to be queued."""

    rung: list[None] = field(default_factory=list)

    def __call__(self) -> None:
        self.rung.append(None)


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the current schema, made once and copied for each test."""
    return _made(tmp_path_factory.mktemp("empty") / "notifier.db", schema.upgrade)


@pytest.fixture(scope="session")
def seeded_file(empty_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with every topic of `web_cast`."""
    path = tmp_path_factory.mktemp("seeded") / "notifier.db"
    shutil.copy(empty_file, path)
    return _made(path, seed)


def _made(path: Path, make: Callable[[Database], Awaitable[None]]) -> Path:
    async def making() -> None:
        database = Database(sqlite_url(path))
        try:
            await make(database)
        finally:
            await database.dispose()

    asyncio.run(making())
    return path


@pytest.fixture
async def db(request: pytest.FixtureRequest, empty_file: Path, tmp_path: Path) -> AsyncIterator[Database]:
    """A database with the current schema; empty, but for tests that use `seeded`."""
    seeded = "seeded" in request.fixturenames
    path = tmp_path / "notifier.db"
    shutil.copy(request.getfixturevalue("seeded_file") if seeded else empty_file, path)
    database = Database(sqlite_url(path))
    yield database
    await database.dispose()


@pytest.fixture
def seeded(seeded_file: Path) -> None:
    """Ask `db` for every topic of `web_cast`, as it stands at `NOW`."""


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def bell() -> Bell:
    return Bell()


@pytest.fixture
def vitals() -> PlainVitals:
    return PlainVitals(started_at=NOW, swept_at=NOW)


@pytest.fixture
def site(db: Database, clock: StillClock, bell: Bell) -> Site:
    return Site(
        db=db,
        clock=clock,
        service=SERVICE,
        rules=RULES,
        signer=Signer(b"a secret of thirty-two bytes....."),
        limits=SignUpLimits(per_address_and_day=3, everyone_per_hour=1000, link_hours=48),
        replay=False,
        ring=bell,
    )


@pytest.fixture
async def client(site: Site, vitals: PlainVitals) -> AsyncIterator[TestClient]:
    """A client of the whole application over a real socket; add `seeded` to have topics."""
    async with TestClient(TestServer(build(site, vitals, AT_ONCE))) as found:
        yield found


@pytest.fixture
async def wire(site: Site, vitals: PlainVitals) -> AsyncIterator[Wire]:
    """The whole service behind its doors, for visitors who send raw bytes."""
    async with serving(site, vitals, AT_ONCE) as found:
        yield found
