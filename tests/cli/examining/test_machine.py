"""This machine: its disk, its backup, its database file; each judged on real files."""

import os
import sqlite3
from collections import namedtuple
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from notifier import backups
from notifier.cli.examining import machine, store
from tests.cli.examining.cast import NOW, short

Usage = namedtuple("Usage", "total used free")


def copied(template: Path, folder: Path) -> Path:
    path = folder / "notifier.db"
    path.write_bytes(template.read_bytes())
    return path


def damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[5000:40000] = b"\xff" * 35000
    path.write_bytes(content)


def written(path: Path, *, hours_ago: float) -> None:
    path.write_text("a backup")
    at = (NOW - timedelta(hours=hours_ago)).timestamp()
    os.utime(path, (at, at))


@pytest.mark.parametrize(
    ("hours", "verdict", "words"),
    [
        (1, "ok", "60 minutes old"),
        (26, "ok", "old"),
        (26.1, "attention", "old"),
        (80, "attention", "3 days old"),
    ],
)
def test_a_backup_older_than_26_hours_is_told(tmp_path: Path, hours: float, verdict: str, words: str) -> None:
    written(tmp_path / "old.db", hours_ago=500)
    written(tmp_path / "new.db", hours_ago=hours)
    found = machine.backup(str(tmp_path / "*.db"), NOW)
    assert (found.verdict, words in found.sentence) == (verdict, True)


def test_no_backup_an_empty_one_and_none_that_anybody_knows_of_are_told(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    (tmp_path / "folder.db").mkdir()
    assert backups.newest(str(tmp_path / "*.db")) is None
    assert machine.backup(str(tmp_path / "*.db"), NOW).verdict == "attention"
    assert "health.backup_file" in machine.backup(None, NOW).remedy


@pytest.mark.parametrize(
    ("free", "verdict"), [(10**12, "ok"), (500_000_000, "attention"), (99_000_000, "failed")]
)
def test_the_room_of_the_database_is_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, verdict: str
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage(10**13, 1, free))
    found = machine.disk(tmp_path / "not" / "there" / "notifier.db")
    assert (found.verdict, f"{free / 1e6:,.0f} MB are free" in found.sentence) == (verdict, True)


def test_our_own_address_is_found_without_a_word_on_the_wire() -> None:
    found = machine.outgoing_address()
    assert found is None or found.count(".") == 3 or ":" in found


async def test_a_whole_database_is_fine_and_none_is_nothing(tmp_path: Path, sqlite_template: Path) -> None:
    assert await store.database(tmp_path / "notifier.db") == []
    path = copied(sqlite_template, tmp_path)
    assert short(await store.database(path)) == [("database file", "ok")]


async def test_a_damaged_database_fails(tmp_path: Path, sqlite_template: Path) -> None:
    path = copied(sqlite_template, tmp_path)
    damage(path)
    assert short(await store.database(path)) == [("database file", "failed")]
    path.write_bytes(b"no database" * 1000)
    assert short(await store.database(path)) == [("database file", "failed")]


async def test_a_large_database_is_looked_through_as_far_as_time_allows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "notifier.db"
    with sqlite3.connect(path) as found:
        found.execute("CREATE TABLE t (x TEXT UNIQUE)")
        found.executemany("INSERT INTO t VALUES (?)", ((f"row {number}",) for number in range(20_000)))
    found.close()
    monkeypatch.setattr(store, "QUICK_CHECK_SECONDS", 0.0)
    monkeypatch.setattr(store, "STEPS", 100)
    [one] = await store.database(path)
    assert (one.verdict, "no fault so far" in one.sentence) == ("ok", True)


async def test_a_log_that_has_grown_is_told(
    tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = copied(sqlite_template, tmp_path)
    monkeypatch.setattr(store, "LARGE_LOG", 10)
    path.with_name("notifier.db-wal").write_bytes(b"x" * 11)
    assert ("database file", "attention") in short(store._log(path))


def test_the_newest_counts_whatever_its_name(tmp_path: Path) -> None:
    written(tmp_path / "z.db", hours_ago=9)
    written(tmp_path / "a.db", hours_ago=3)
    assert backups.newest(str(tmp_path / "*")) == datetime.fromtimestamp(
        (NOW - timedelta(hours=3)).timestamp(), UTC
    )
