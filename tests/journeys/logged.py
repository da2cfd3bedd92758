"""The service in a process of its own with the logs of production, JSON lines on standard error.

Called as a module: HOME SMTP_PORT START. Serves until SIGTERM.
"""

import asyncio
import signal
import sys
from pathlib import Path

from notifier.app import Notifier
from notifier.cli.logs import set_up_logs
from notifier.clock import ReplayClock
from tests.journeys.house import settings_for, utc


async def main(home: Path, smtp_port: int, start: str) -> None:
    """Serve as `notifier serve` does, on a replayed clock."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    notifier = Notifier(settings_for(home, web_port=0, smtp_port=smtp_port), clock=ReplayClock(utc(start)))
    await notifier.start()
    await notifier.run(stop)


if __name__ == "__main__":
    set_up_logs()
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
