"""The server answers on the loop that `serve` runs on: uvloop's transports are none of asyncio's classes."""

import asyncio
import shutil
from pathlib import Path

from notifier.cli.stopping import run_until_stopped
from notifier.db import Database, sqlite_url
from notifier.subscriptions.fence import SignUpLimits
from notifier.subscriptions.tokens import Signer
from notifier.web.keys import Site
from notifier.web.limits import USUAL
from tests.web.web_cast import NOW, RULES, SERVICE, PlainVitals, StillClock
from tests.web.wire import Heard, serving


def test_a_page_is_served_on_the_loop_of_the_command(empty_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "notifier.db"
    shutil.copy(empty_file, path)

    async def ask(_: asyncio.Event) -> Heard:
        database = Database(sqlite_url(path))
        site = Site(
            db=database,
            clock=StillClock(),
            service=SERVICE,
            rules=RULES,
            signer=Signer(b"a secret of thirty-two bytes....."),
            limits=SignUpLimits(per_address_and_day=3, everyone_per_hour=1000, link_hours=48),
            replay=False,
            ring=lambda: None,
        )
        try:
            async with serving(site, PlainVitals(started_at=NOW, swept_at=NOW), USUAL) as wire:
                return await wire.get("/health/live")
        finally:
            await database.dispose()

    assert run_until_stopped(ask).status == 200
