"""Who was erased stays erased: under a keyed hash, and beside the database too, for the day of a restore."""

import shutil
import sqlite3
from datetime import datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import pytest
from sqlalchemy import insert

from notifier.db import Database, Rank, sqlite_url
from notifier.delivery import mailbox
from notifier.delivery.tables import attempt, delivery
from notifier.subscriptions.erasing import erase, erase_again
from notifier.subscriptions.erasures import KEPT, ErasureLog
from notifier.subscriptions.model import EndReason
from notifier.subscriptions.tables import address_change, bounce, subscriber, subscription
from tests.cast import BEGIN, IP1783, MACHINE_NOW, SIGNER, Person, fan_out, follow, london, read, rows, sweep
from tests.events.proof.proof_cast import GREYLISTED, TAKEN, UNKNOWN, send

ADA = SIGNER.address_hash("ada@example.org")
BEN = SIGNER.address_hash("ben@example.org")
LATER = BEGIN + timedelta(days=3)
MEETING = london(2022, 9, 8)


async def _erase(db: Database, person: Person) -> None:
    async with db.write(Rank.WEB) as conn:
        await erase(conn, person.subscriber_id, signer=SIGNER, reason=EndReason.ERASED, now=LATER)


def _log(tmp_path: Path) -> ErasureLog:
    return ErasureLog(tmp_path / "both.db")


async def test_an_erased_address_leaves_a_keyed_hash_in_its_row_and_in_the_file(
    db: Database, tmp_path: Path
) -> None:
    ada = await follow(db, "Ada")
    await _erase(db, ada)
    [row] = await rows(db, subscriber)
    assert (row["address"], row["address_key"], row["address_hash"]) == (None, None, ADA)
    [ended] = await rows(db, subscription)
    assert (ended["state"], ended["ended_reason"]) == ("ended", "erased on request")
    assert _log(tmp_path).read() == {ADA: LATER}
    assert (tmp_path / "both.erased").stat().st_mode & 0o777 == 0o600


async def test_erasing_twice_is_noted_once(db: Database, tmp_path: Path) -> None:
    ada = await follow(db, "Ada")
    await _erase(db, ada)
    await _erase(db, ada)
    assert len(_log(tmp_path).path.read_text().splitlines()) == 1


async def test_the_file_has_the_line_before_the_erasure_is_committed(db: Database, tmp_path: Path) -> None:
    ada = await follow(db, "Ada")

    async def fail() -> None:
        async with db.write(Rank.WEB) as conn:
            await erase(conn, ada.subscriber_id, signer=SIGNER, reason=EndReason.ERASED, now=LATER)
            raise RuntimeError("the power fails")

    with pytest.raises(RuntimeError, match="the power fails"):
        await fail()
    assert [row["address"] for row in await rows(db, subscriber)] == ["ada@example.org"]
    assert list(_log(tmp_path).read()) == [ADA]


async def test_nothing_is_erased_where_it_could_not_be_noted(sqlite_db: Database, tmp_path: Path) -> None:
    ada = await follow(sqlite_db, "Ada")
    (tmp_path / "notifier.erased").mkdir()
    with pytest.raises(IsADirectoryError):
        await _erase(sqlite_db, ada)
    assert [row["address"] for row in await rows(sqlite_db, subscriber)] == ["ada@example.org"]


async def test_a_restored_database_erases_again_who_was_erased_meanwhile(
    db: Database, tmp_path: Path
) -> None:
    await follow(db, "Ada")
    await follow(db, "Ben")
    _log(tmp_path).add([ADA], at=LATER)
    assert await erase_again(db, signer=SIGNER, home=tmp_path / "both.db", now=LATER) == 1
    assert [row["address"] for row in await rows(db, subscriber)] == [None, "ben@example.org"]
    assert await erase_again(db, signer=SIGNER, home=tmp_path / "both.db", now=LATER) == 0


async def test_who_came_back_after_their_erasure_is_somebody_new(db: Database, tmp_path: Path) -> None:
    _log(tmp_path).add([ADA], at=BEGIN)
    await follow(db, "Ada", now=LATER)
    assert await erase_again(db, signer=SIGNER, home=tmp_path / "both.db", now=LATER) == 0


async def test_who_moved_to_an_address_that_was_erased_before_stays(db: Database, tmp_path: Path) -> None:
    ada = await follow(db, "Ada")
    _log(tmp_path).add([ADA], at=LATER)
    async with db.write(Rank.WEB) as conn:
        times = {"asked_at": MACHINE_NOW, "until": MACHINE_NOW, "done_at": LATER + timedelta(days=1)}
        moved = {"subscriber_id": ada.subscriber_id, "nonce": "n", **times}
        await conn.execute(insert(address_change).values(moved))
    assert await erase_again(db, signer=SIGNER, home=tmp_path / "both.db", now=LATER) == 0


async def _leave(db: Database, person: Person, hash_: str, *, at: datetime) -> None:
    """Let somebody have left an address."""
    async with db.write(Rank.WEB) as conn:
        times = {"asked_at": MACHINE_NOW, "until": MACHINE_NOW, "done_at": at}
        left = {"subscriber_id": person.subscriber_id, "nonce": "n", "left_hash": hash_, **times}
        await conn.execute(insert(address_change).values(left))


async def test_the_addresses_somebody_had_before_are_noted_with_when_they_left_them(
    db: Database, tmp_path: Path
) -> None:
    ben = await follow(db, "Ben")
    await _leave(db, ben, ADA, at=BEGIN + timedelta(days=1))
    await _leave(db, ben, "long ago", at=LATER - KEPT - timedelta(seconds=1))  # no backup is so old
    await _erase(db, ben)
    assert _log(tmp_path).read() == {BEN: LATER, ADA: BEGIN + timedelta(days=1)}
    assert {row["left_hash"] for row in await rows(db, address_change)} == {ADA, "long ago"}


async def test_a_backup_from_before_a_move_erases_the_address_that_was_left(
    db: Database, tmp_path: Path
) -> None:
    moved = await follow(db, "Ben")
    await _leave(db, moved, ADA, at=BEGIN + timedelta(days=1))
    await _erase(db, moved)
    await follow(db, "Ada")  # as an old backup has it
    assert await erase_again(db, signer=SIGNER, home=tmp_path / "both.db", now=LATER) == 1
    assert [row["address"] for row in await rows(db, subscriber)] == [None, None]


async def test_who_signed_up_with_an_address_that_somebody_had_left_stays(
    db: Database, tmp_path: Path
) -> None:
    moved = await follow(db, "Ben")
    await _leave(db, moved, ADA, at=BEGIN + timedelta(days=1))
    await follow(db, "Ada", now=BEGIN + timedelta(days=2))
    await _erase(db, moved)
    assert await erase_again(db, signer=SIGNER, home=tmp_path / "both.db", now=LATER) == 0


async def test_nothing_that_came_back_and_nothing_others_asked_for_keeps_the_address(db: Database) -> None:
    ada, ben = await follow(db, "Ada"), await follow(db, "Ben")
    async with db.write(Rank.WEB) as conn:
        for who in (ada, ben):
            values = {"fingerprint": who.name, "subscriber_id": who.subscriber_id, "at": BEGIN}
            said = {"kind": "hard", "diagnostic": f"unknown: {who.address}", "raw": who.address.encode()}
            await conn.execute(insert(bounce).values(values | said))
        times = {"nonce": "n", "asked_at": MACHINE_NOW, "until": MACHINE_NOW}
        for wanted in ("ada@example.org", "cleo@example.org"):
            asked = {"subscriber_id": ben.subscriber_id, "address": wanted, "address_key": wanted}
            await conn.execute(insert(address_change).values(asked | times))
    await _erase(db, ada)
    assert [(row["raw"], row["diagnostic"]) for row in await rows(db, bounce)] == [
        (None, ""),
        (b"ben@example.org", "unknown: ben@example.org"),
    ]
    assert [(row["address"], row["address_key"]) for row in await rows(db, address_change)] == [
        (None, None),
        ("cleo@example.org", "cleo@example.org"),
    ]


async def test_the_words_of_mail_servers_go_with_the_address_and_their_codes_stay(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    ada = await follow(db, "Ada")
    await follow(db, "Ben")
    await sweep(db, MEETING)
    await fan_out(db, MEETING)
    await send(db, MEETING, {"ada": GREYLISTED, "ben": GREYLISTED})
    await send(db, MEETING, {"ada": UNKNOWN}, machine_now=MACHINE_NOW + timedelta(hours=1))
    await _erase(db, ada)
    ended = {row["subscriber_id"]: row for row in await rows(db, delivery)}
    hers = ended.pop(ada.subscriber_id)
    assert (hers["state"], hers["code"], hers["reply"]) == ("failed", 550, None)
    assert [row["reply"] for row in ended.values()] == [TAKEN.reply]
    tried = [(row["code"], row["reply"]) for row in await rows(db, attempt)]
    assert sorted(tried) == [(451, ""), (451, GREYLISTED.reply), (550, "")]


async def test_words_are_found_by_the_index_of_mailing_and_person(sqlite_db: Database) -> None:
    async with sqlite_db.read() as conn:
        lines = await conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {mailbox._OF_PERSON}", {"who": 1})
        plan = "; ".join(line.detail for line in lines)
    assert "delivery USING COVERING INDEX" in plan
    assert "(mailing_id=? AND subscriber_id=?)" in plan


def test_a_line_about_an_earlier_time_takes_nothing_back(tmp_path: Path) -> None:
    log = _log(tmp_path)
    log.add([ADA], at=LATER)
    log.add([ADA], at=BEGIN)
    assert log.read() == {ADA: LATER}


def test_a_torn_line_harms_neither_its_neighbours_nor_the_next(tmp_path: Path) -> None:
    log = _log(tmp_path)
    log.add([ADA], at=BEGIN)
    with log.path.open("a") as file:
        file.write("2022-09-")
    log.add([BEN], at=LATER)
    assert log.read() == {ADA: BEGIN, BEN: LATER}


def test_lines_are_dropped_when_no_backup_is_so_old(tmp_path: Path) -> None:
    log = _log(tmp_path)
    assert log.drop(LATER) == 0
    log.add([ADA], at=BEGIN)
    log.add([BEN], at=LATER)
    assert log.drop(BEGIN) == 0
    assert log.drop(BEGIN + KEPT - timedelta(days=33)) == 1
    assert log.read() == {BEN: LATER}


def _add_many(database: Path, name: str) -> None:
    for number in range(100):
        ErasureLog(database).add([f"{name}{number}"], at=LATER)


def test_several_processes_lose_none_of_each_others_lines(tmp_path: Path) -> None:
    spawn = get_context("spawn")
    writers = [spawn.Process(target=_add_many, args=(tmp_path / "both.db", name)) for name in ("a", "b")]
    for one in writers:
        one.start()
    log = _log(tmp_path)
    log.add(["old"], at=BEGIN)
    while any(one.is_alive() for one in writers):
        log.drop(LATER)
        log.add(["old"], at=BEGIN)
    for one in writers:
        one.join()
    assert len([one for one in log.read() if one != "old"]) == 200


async def test_a_backup_that_is_put_back_is_read_with_the_file_that_was_left_in_place(
    sqlite_template: Path, tmp_path: Path
) -> None:
    path = tmp_path / "notifier.db"
    shutil.copy(sqlite_template, path)
    db = Database(sqlite_url(path))
    ada = await follow(db, "Ada")
    with sqlite3.connect(path) as source, sqlite3.connect(tmp_path / "backup.db") as backup:
        source.backup(backup)
    source.close()
    backup.close()
    await _erase(db, ada)
    await db.dispose()
    (tmp_path / "backup.db").replace(path)
    for end in ("-wal", "-shm"):
        path.with_name(f"notifier.db{end}").unlink(missing_ok=True)
    db = Database(sqlite_url(path))
    assert [row["address"] for row in await rows(db, subscriber)] == ["ada@example.org"]
    assert await erase_again(db, signer=SIGNER, home=path, now=LATER) == 1
    assert [row["address"] for row in await rows(db, subscriber)] == [None]
    await db.dispose()
