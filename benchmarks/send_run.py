"""The service's own sender in a process of its own: everything that waits, from claim to committed outcome.

`python -m benchmarks.send_run HOME DATABASE_URL SMTP_PORT CONNECTIONS AT`: a contestant (`contest.py`).
Several may share one database.
"""

import asyncio
import sys
from datetime import datetime
from pathlib import Path

from sqlalchemy import make_url, text

from benchmarks.contest import Stopwatch
from notifier.cli import garbage
from notifier.cli.stopping import run_until_stopped
from notifier.clock import ReplayClock
from notifier.db import Database
from notifier.delivery.tally import DeliveryTally
from notifier.instance import load_secret
from notifier.mailroom import deliverer_of
from notifier.settings.mail_look import MailLook
from notifier.sources.intake import intake_of
from notifier.subscriptions.tokens import Signer
from tests.journeys.house import settings_for

LOOK_SECONDS = 0.02

_OPEN = text(
    """
    SELECT EXISTS (SELECT 1 FROM delivery WHERE state = 'pending')
        OR EXISTS (SELECT 1 FROM delivery WHERE state = 'sending')
    """
)
_ENDED = text("SELECT state, count(*) AS many FROM delivery GROUP BY state")


async def send(home: Path, url: str, smtp_port: int, connections: int, at: datetime) -> None:
    """Send everything that waits."""
    look = MailLook(languages_folder=home / "languages")
    settings = settings_for(home, web_port=0, smtp_port=smtp_port, look=look)
    mail = settings.mail.model_copy(update={"connections": connections})
    settings = settings.model_copy(update={"mail": mail})
    path = settings.database.path
    db = Database(make_url(url), home=path)
    deliverer = deliverer_of(
        settings,
        db,
        signer=Signer(load_secret(path)),
        rules=intake_of(settings.times).rules,
        clock=ReplayClock(at),
        tally=DeliveryTally(),
    )
    garbage.search_seldom()  # as `serve` does
    watch = Stopwatch()
    running = asyncio.create_task(deliverer.run())
    while await _any_open(db) and not running.done():
        await asyncio.sleep(LOOK_SECONDS)
    watch.stop(**await _ended(db))
    deliverer.stop()
    await running
    await db.dispose()


async def _any_open(db: Database) -> bool:
    async with db.read() as conn:
        return bool(await conn.scalar(_OPEN))


async def _ended(db: Database) -> dict[str, int]:
    async with db.read() as conn:
        return {row.state: row.many for row in await conn.execute(_ENDED)}


def main() -> None:
    """Send what the command line names."""
    home, url, smtp_port, connections, at = sys.argv[1:]
    run_until_stopped(
        lambda _: send(Path(home), url, int(smtp_port), int(connections), datetime.fromisoformat(at))
    )


if __name__ == "__main__":
    main()
