"""A database serves where it belongs: one server, its own secret, its own address, its own past."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from notifier import holds
from notifier.db import Database, Rank, sqlite_url
from notifier.hold_kinds import HoldKind
from notifier.instance import InstanceError, adopt, load_secret, locked, note_sweep, recognise
from notifier.subscriptions.tokens import Signer

NOW = datetime(2022, 10, 14, 8, 0, tzinfo=UTC)
HERE, THERE = "https://alerts.example", "https://staging.alerts.example"


@pytest.fixture
def path(sqlite_template: Path, tmp_path: Path) -> Path:
    """The file of a migrated database that nothing was done with."""
    found = tmp_path / "data" / "notifier.db"
    found.parent.mkdir()
    shutil.copy(sqlite_template, found)
    return found


async def _held_after_a_start(path: Path, *, url: str = HERE, sweeps: int = 0) -> list[HoldKind]:
    db = Database(sqlite_url(path))
    try:
        signer = Signer(load_secret(path))
        await recognise(db, signer, database=path, public_url=url, now=NOW, machine_now=NOW)
        for _ in range(sweeps):
            await note_sweep(db, path)
        async with db.read() as conn:
            return [one.kind for one in await holds.standing(conn, machine_now=NOW)]
    finally:
        await db.dispose()


def test_a_second_server_on_the_same_file_does_not_start(path: Path) -> None:
    with locked(path), pytest.raises(InstanceError, match="served by another process"), locked(path):
        pass
    with locked(path):
        pass


def test_the_secret_is_made_once_and_readable_by_its_owner_alone(path: Path) -> None:
    made = load_secret(path)
    assert load_secret(path) == made
    assert len(made) == 32
    assert path.with_suffix(".secret").stat().st_mode & 0o777 == 0o600


async def test_another_secret_refuses_to_start(path: Path) -> None:
    assert await _held_after_a_start(path) == []
    path.with_suffix(".secret").unlink()
    with pytest.raises(InstanceError, match="restore it from the backup"):
        await _held_after_a_start(path)


async def test_starting_again_and_again_holds_nothing(path: Path) -> None:
    for _ in range(3):
        assert await _held_after_a_start(path, sweeps=2) == []


async def test_a_database_restored_from_a_backup_starts_held(path: Path) -> None:
    await _held_after_a_start(path, sweeps=2)
    shutil.copy(path, path.with_suffix(".backup"))
    await _held_after_a_start(path, sweeps=2)
    shutil.copy(path.with_suffix(".backup"), path)
    assert await _held_after_a_start(path) == [HoldKind.RESTORED]


async def test_a_crash_between_the_two_counts_holds_nothing(path: Path) -> None:
    await _held_after_a_start(path, sweeps=3)
    path.with_suffix(".seen").write_text("2")
    assert await _held_after_a_start(path) == []


async def test_a_database_copied_to_another_folder_starts_held(path: Path, tmp_path: Path) -> None:
    await _held_after_a_start(path, sweeps=2)
    copy = tmp_path / "copy" / "notifier.db"
    copy.parent.mkdir()
    for name in (path, path.with_suffix(".secret")):
        shutil.copy(name, copy.parent / name.name)
    assert await _held_after_a_start(copy) == [HoldKind.RESTORED]


async def test_a_database_of_another_address_starts_held_until_it_is_adopted(path: Path) -> None:
    await _held_after_a_start(path, sweeps=1)
    assert await _held_after_a_start(path, url=THERE) == [HoldKind.ADDRESS]
    db = Database(sqlite_url(path))
    async with db.write(Rank.WEB) as conn:
        await adopt(conn, THERE)
    await db.dispose()
    assert await _held_after_a_start(path, url=THERE) == []


async def test_going_back_to_the_known_address_lifts_the_hold(path: Path) -> None:
    await _held_after_a_start(path, sweeps=1)
    await _held_after_a_start(path, url=THERE)
    assert await _held_after_a_start(path) == []
