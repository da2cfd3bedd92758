"""A server with the hours of before goes on beside the new one for a while; what it derived is put right."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.journeys.house import House, open_house, ship_ip1783

OPENS = "edge = 'opens' AND local_date = '2022-10-14'"
AT_NINE, AT_TEN = "2022-10-14 08:00:00.000000", "2022-10-14 09:00:00.000000"


def _opening(house: House) -> str:
    with closing(sqlite3.connect(house.home / "notifier.db")) as conn:
        found: str = conn.execute(f"SELECT due_at FROM due WHERE {OPENS}").fetchone()[0]
    return found


async def test_instants_that_another_server_derived_otherwise_are_put_right_within_a_day(
    tmp_path: Path,
) -> None:
    ship_ip1783(tmp_path)
    async with open_house(tmp_path, "2022-10-12T20:00") as house:
        async with asyncio.timeout(10):
            while house.notifier.housekeeper._kept is None:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.01)
        assert _opening(house) == AT_NINE
        with closing(sqlite3.connect(tmp_path / "notifier.db")) as conn, conn:
            conn.execute("UPDATE derivation SET fingerprint = NULL")
            conn.execute(f"UPDATE due SET due_at = ?, attempt_after = ? WHERE {OPENS}", (AT_TEN, AT_TEN))
        await house.replay(until="2022-10-13T12:00")
        async with asyncio.timeout(10):
            while _opening(house) != AT_NINE:  # noqa: ASYNC110 - a table tells nobody
                await asyncio.sleep(0.01)
