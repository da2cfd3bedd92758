"""A backup that is put back brings nobody back who was erased after it was made."""

import logging
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import select

from notifier.subscriptions.by_operator import erase_address
from notifier.subscriptions.tables import subscriber
from tests.journeys.house import IP1783, House, open_house, ship_ip1783

ADA, BEN = "ada@patients.example", "ben@patients.example"


async def _addresses(house: House) -> list[str | None]:
    async with house.notifier.db.read() as conn:
        return list(await conn.scalars(select(subscriber.c.address).order_by(subscriber.c.id)))


def _back_up(home: Path) -> None:
    with sqlite3.connect(home / "notifier.db") as source, sqlite3.connect(home / "backup") as backup:
        source.backup(backup)
    source.close()
    backup.close()


def _put_back(home: Path) -> None:
    (home / "backup").replace(home / "notifier.db")
    for end in ("-wal", "-shm"):
        (home / f"notifier.db{end}").unlink(missing_ok=True)


async def test_who_was_erased_is_erased_again_before_anything_is_sent(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ship_ip1783(tmp_path)
    async with open_house(tmp_path, "2022-09-20T09:00") as house:
        await house.sign_up(ADA, to=IP1783)
        await house.sign_up(BEN, to=IP1783)
        _back_up(tmp_path)
        now = house.clock.now()
        assert await erase_address(house.notifier.db, ADA, signer=house.notifier.signer, now=now)
        await house.replay(until="2022-09-22T09:00")
    _put_back(tmp_path)
    with caplog.at_level(logging.WARNING, logger="notifier.instance"):
        async with open_house(tmp_path, "2022-10-14T09:30") as house:
            assert await _addresses(house) == [None, BEN]
            assert house.mails_to(ADA) == house.mails_to(BEN) == []
    [line] = [record for record in caplog.records if record.message == "erased_again"]
    assert line.__dict__["count"] == 1
    assert ADA not in caplog.text
