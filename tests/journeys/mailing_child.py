"""The service in a process of its own, to be killed from outside while it mails (SIGKILL: no goodbye).

Called as a module: HOME SMTP_PORT START UNCOMMITTED. Prints "up" once it serves; ends in order at SIGTERM.
"""

import asyncio
import signal
import sys
from pathlib import Path

from notifier.app import Notifier
from notifier.clock import ReplayClock
from tests.journeys.house import settings_for, utc


async def main(home: Path, smtp_port: int, start: str, uncommitted: int) -> None:
    """Serve until SIGTERM."""
    settings = settings_for(home, web_port=0, smtp_port=smtp_port)
    mail = settings.mail.model_copy(update={"uncommitted": uncommitted})
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    notifier = Notifier(settings.model_copy(update={"mail": mail}), clock=ReplayClock(utc(start)))
    await notifier.start()
    print("up", flush=True)  # noqa: T201 - what the killer waits for
    await notifier.run(stop)


if __name__ == "__main__":
    home, smtp_port, start, uncommitted = sys.argv[1:]
    asyncio.run(main(Path(home), int(smtp_port), start, int(uncommitted)))
