"""Several machines at one PostgreSQL: one secret and one address for all, and whoever joins is no copy."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import URL

from notifier import holds
from notifier.db import Database
from notifier.holds import HoldKind
from notifier.instance import InstanceError, join, load_secret, note_sweep, recognise, secret_path
from notifier.subscriptions.tokens import Signer

NOW = datetime(2022, 10, 14, 8, 0, tzinfo=UTC)
HERE, THERE = "https://alerts.example", "https://staging.alerts.example"


@pytest.fixture
async def shared(postgresql_url: URL) -> AsyncIterator[Database]:
    """The one database of all machines."""
    database = Database(postgresql_url)
    yield database
    await database.dispose()


@pytest.fixture
def machines(tmp_path: Path) -> tuple[Path, Path]:
    """The homes of two machines that have served nothing yet."""
    found = (tmp_path / "one" / "notifier.db", tmp_path / "two" / "notifier.db")
    for home in found:
        home.parent.mkdir()
    return found


async def _start(db: Database, home: Path, url: str = HERE) -> None:
    await recognise(db, Signer(load_secret(home)), database=home, public_url=url, now=NOW, machine_now=NOW)


async def _held(db: Database) -> list[HoldKind]:
    async with db.read() as conn:
        return [one.kind for one in await holds.standing(conn, machine_now=NOW)]


async def test_a_machine_that_joins_with_the_same_secret_holds_nothing(
    shared: Database, machines: tuple[Path, Path]
) -> None:
    one, two = machines
    await _start(shared, one)
    await note_sweep(shared, one)
    secret_path(two).write_text(secret_path(one).read_text())
    await _start(shared, two)
    assert await _held(shared) == []


async def test_a_database_older_than_what_a_machine_has_seen_starts_held(
    shared: Database, machines: tuple[Path, Path]
) -> None:
    await _start(shared, machines[0])
    await note_sweep(shared, machines[0])
    machines[0].with_suffix(".seen").write_text("7")
    await _start(shared, machines[0])
    assert await _held(shared) == [HoldKind.RESTORED]


async def test_a_machine_with_a_secret_of_its_own_is_told_which_file_to_copy(
    shared: Database, machines: tuple[Path, Path]
) -> None:
    await _start(shared, machines[0])
    with pytest.raises(InstanceError, match=r"two/notifier\.secret is not the secret .* copy it from one"):
        await _start(shared, machines[1])


async def test_of_two_machines_that_are_the_first_at_once_one_is_refused(
    shared: Database, machines: tuple[Path, Path]
) -> None:
    ended = await asyncio.gather(*(_start(shared, home) for home in machines), return_exceptions=True)
    assert [type(one) for one in ended if one is not None] == [InstanceError]


async def test_processes_that_make_the_secret_at_once_make_one(machines: tuple[Path, Path]) -> None:
    made = await asyncio.gather(*(asyncio.to_thread(load_secret, machines[0]) for _ in range(8)))
    assert len(set(made)) == 1
    assert [one.name for one in machines[0].parent.iterdir()] == ["notifier.secret"]


async def test_a_helper_joins_only_the_service_that_it_is_set_up_for(
    shared: Database, machines: tuple[Path, Path]
) -> None:
    one, two = machines
    signer = Signer(load_secret(one))
    with pytest.raises(InstanceError, match="nobody serves from this database yet"):
        await join(shared, signer, database=one, public_url=HERE)
    await _start(shared, one)
    await join(shared, signer, database=one, public_url=HERE)
    with pytest.raises(InstanceError, match=r"belongs to the service at https://alerts\.example"):
        await join(shared, signer, database=one, public_url=THERE)
    with pytest.raises(InstanceError, match=r"two/notifier\.secret is not the secret"):
        await join(shared, Signer(load_secret(two)), database=two, public_url=HERE)
