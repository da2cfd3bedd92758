"""A service that watches a page, in a process of its own, which kills itself (SIGKILL) before a commit.

Called as a module: HOME SMTP_PORT START COMMIT URL. COMMIT counts from 1, 0 is never. At SIGTERM the process
prints how many commits it made.
"""

import asyncio
import signal
import sys
from pathlib import Path

from notifier.app import Notifier
from notifier.clock import ReplayClock
from notifier.settings import SourceSettings, Watching
from tests.journeys.house import settings_for, utc
from tests.journeys.killable import MortalDatabase


async def main(home: Path, smtp_port: int, start: str, dies_at: int, url: str) -> None:
    """Serve until SIGTERM, or until the chosen commit."""
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
    print(db.commits)  # noqa: T201 - the answer to the test


if __name__ == "__main__":
    home, smtp_port, start, dies_at, url = sys.argv[1:]
    asyncio.run(main(Path(home), int(smtp_port), start, int(dies_at), url))
