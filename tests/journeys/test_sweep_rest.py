"""What a sweep does besides announcing keeps no date waiting."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.app import Notifier
from notifier.clock import ReplayClock
from notifier.db import Database, Rank, sqlite_url
from notifier.demo.inbox import Inbox
from tests.journeys.house import LEAD, SHIPPED, settings_for, utc

OPENING = "2022-10-14T08:00"
"""9am in London."""


class CrowdedDatabase(Database):
    """Whoever goes last at its gate waits while there is a crowd, as during a large mailing."""

    def __init__(self, path: Path) -> None:
        super().__init__(sqlite_url(path))
        self.free = asyncio.Event()
        self.free.set()
        self.waited = asyncio.Event()

    @asynccontextmanager
    async def write(self, rank: Rank, *, one_state: bool = False) -> AsyncIterator[AsyncConnection]:
        """Open a transaction, when it is the turn of its rank."""
        if rank is Rank.HOUSEKEEPING and not self.free.is_set():
            self.waited.set()
            await self.free.wait()
        async with super().write(rank, one_state=one_state) as conn:
            yield conn


async def test_a_date_is_announced_while_the_rest_of_the_sweep_before_it_waits_its_turn(
    tmp_path: Path,
) -> None:
    (tmp_path / "procedures").mkdir()
    shutil.copy(SHIPPED, tmp_path / "procedures")
    inbox = Inbox()
    await inbox.start()
    db = CrowdedDatabase(tmp_path / "notifier.db")
    clock = ReplayClock(utc("2022-10-13T12:00"))
    notifier = Notifier(settings_for(tmp_path, web_port=0, smtp_port=inbox.port), clock=clock, db=db)
    await notifier.start()
    try:
        db.free.clear()
        notifier.watch.ring()
        async with asyncio.timeout(5):
            await db.waited.wait()
            clock.leap(utc(OPENING) - LEAD)
            notifier.watch.ring()
            await _open_in_the_feed(notifier.port)
        swept = notifier.watch.swept_at
        db.free.set()
        async with asyncio.timeout(5):
            while notifier.watch.swept_at == swept:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.01)
    finally:
        db.free.set()
        await notifier.stop()
        await inbox.stop()


async def _open_in_the_feed(port: int) -> None:
    async with aiohttp.ClientSession() as browser:
        while True:
            async with browser.get(f"http://127.0.0.1:{port}/feeds/all.atom") as answer:
                if "to open" in await answer.text() or "Open for comment" in await answer.text():
                    return
            await asyncio.sleep(0.02)
