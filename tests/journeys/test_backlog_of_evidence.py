"""Months of evidence whose time is over, all at once: what is due meanwhile is not kept waiting for it."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from tests.journeys.house import IP1783, House, open_house, ship_ip1783, utc

OVER = 250_000
_OLD_MAIL = """
    WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?)
    INSERT INTO delivery (mailing_id, subscriber_id, part, lane, state, attempts, doubtful, next_at, done_at)
    SELECT 0, 1, 1000 + n, 0, 'accepted', 1, 0, '2019-01-01', '2019-01-01' FROM n
"""
DUE = utc("2022-10-14T08:00")


def _count(house: House, table: str) -> int:
    with closing(sqlite3.connect(house.home / "notifier.db")) as conn:
        found: int = conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    return found


async def test_a_date_is_announced_while_old_evidence_is_still_being_ended(tmp_path: Path) -> None:
    ship_ip1783(tmp_path)
    async with open_house(tmp_path, "2022-10-13T09:00") as house:
        await house.sign_up("ada@patients.example", to=IP1783)
    with closing(sqlite3.connect(tmp_path / "notifier.db")) as conn, conn:
        conn.execute(_OLD_MAIL, (OVER,))
    async with open_house(tmp_path, "2022-10-14T07:59:59") as house:
        async with asyncio.timeout(30):
            while not _count(house, "event"):  # noqa: ASYNC110 - a table tells nobody
                await asyncio.sleep(0.01)
        assert house.clock.now() >= DUE
        left = _count(house, "delivery WHERE done_at < '2020-01-01'")
        assert left > 0
        await house.inbox.first_to("ada@patients.example")
    assert 0 < left < OVER
    async with open_house(tmp_path, "2022-10-14T09:00") as house, asyncio.timeout(60):
        while _count(house, "delivery WHERE done_at < '2020-01-01'"):  # noqa: ASYNC110 - likewise
            await asyncio.sleep(0.05)
        assert house.clock.now() < DUE + timedelta(hours=2)
