"""A service that watches a page, in a process of its own, which kills itself (SIGKILL) before a commit."""

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path

from notifier.app import Notifier
from notifier.clock import ReplayClock
from notifier.settings import SourceSettings, Watching
from tests.journeys.house import settings_for, utc
from tests.journeys.killable import MortalDatabase


def serve(say: Callable[[int], None], home: Path, smtp_port: int, start: str, dies_at: int, url: str) -> None:
    """Serve until SIGTERM and say how many commits there were, or die at one of them: 1, 2, …; 0 is never."""
    say(asyncio.run(_serve(home, smtp_port, start, dies_at, url)))


async def _serve(home: Path, smtp_port: int, start: str, dies_at: int, url: str) -> int:
    settings = settings_for(
        home,
        web_port=0,
        smtp_port=smtp_port,
        sources=[SourceSettings(name="ip1783", url=url, every_minutes=1440)],
        watching=Watching(seconds_between=0, allow_private=("127.0.0.0/8",)),
    )
    db = MortalDatabase(settings.database.path, dies_at=dies_at, side="before")
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    notifier = Notifier(settings, clock=ReplayClock(utc(start)), db=db)
    await notifier.start()
    await notifier.run(stop)
    return db.commits
