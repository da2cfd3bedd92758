"""The service in a process of its own, to be killed from outside while it mails (SIGKILL: no goodbye)."""

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path

from notifier.app import Notifier
from notifier.clock import ReplayClock
from tests.journeys.house import settings_for, utc


def serve(say: Callable[[str], None], home: Path, smtp_port: int, start: str, uncommitted: int) -> None:
    """Serve until SIGTERM; say "up" when it begins."""
    asyncio.run(_serve(say, home, smtp_port, start, uncommitted))


async def _serve(
    say: Callable[[str], None], home: Path, smtp_port: int, start: str, uncommitted: int
) -> None:
    settings = settings_for(home, web_port=0, smtp_port=smtp_port)
    mail = settings.mail.model_copy(update={"uncommitted": uncommitted})
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    notifier = Notifier(settings.model_copy(update={"mail": mail}), clock=ReplayClock(utc(start)))
    await notifier.start()
    say("up")
    await notifier.run(stop)
