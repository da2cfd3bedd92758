"""Who can be asked to send: Postfix's `smtp-source`, the service's own sender, the rivals."""

import shutil
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL

from benchmarks import postfix, postgresql
from benchmarks.contest import Contestant, Effort, compete, run_to_end
from benchmarks.queued import Queue, queue_alerts
from benchmarks.rivals.getting import Rival
from notifier.db import Database, sqlite_url

FEWEST = 20
"""Mails that go over each connection at least, so that to connect costs little beside them."""

SOURCE = "smtp-source"
"""Whose rate and processor time the others are measured by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """One who takes part: sends `mails` into the sink at a port, and says what it took."""

    name: str
    mails: int
    send: Callable[[int], Awaitable[Effort]]


async def queued(home: Path, fill: Callable[[Path, Database, int], Awaitable[Queue]], people: int) -> Queue:
    """Make a home with an SQLite file in which mail waits."""
    home.mkdir()
    db = Database(sqlite_url(home / "notifier.db"))
    try:
        return await fill(home, db, people)
    finally:
        await db.dispose()


def smtp_source(mails: int, size: int, *, connections: int) -> Sender:
    """Return Postfix's program, which makes mails of so many bytes."""

    async def send(port: int) -> Effort:
        return await run_to_end(*postfix.source(port, connections=connections, mails=mails, size=size))

    return Sender(name=SOURCE, mails=mails, send=send)


def on_sqlite(name: str, home: Path, queue: Queue, *, connections: int) -> Sender:
    """Return the service's own sender with a copy of the home each time."""

    async def send(port: int) -> Effort:
        copied = home.with_name(f"{home.name}-copy")
        shutil.copytree(home, copied)
        try:
            return await _send_all(copied, sqlite_url(copied / "notifier.db"), port, queue, connections)
        finally:
            shutil.rmtree(copied)

    return Sender(name=name, mails=queue.mails, send=send)


async def on_postgresql(home: Path, url: URL, people: int, *, connections: int) -> list[Sender]:
    """Fill a database, and return the service's own sender with copies of it: one process, and two."""
    home.mkdir()
    db = Database(url, home=home / "notifier.db")
    try:
        queue = await queue_alerts(home, db, people)
    finally:
        await db.dispose()

    def sender(name: str, processes: int) -> Sender:
        async def send(port: int) -> Effort:
            copied = postgresql.copy(url, "one_run")
            return await _send_all(home, copied, port, queue, connections // processes, processes)

        return Sender(name=name, mails=queue.mails, send=send)

    return [sender("PostgreSQL", 1), sender("PostgreSQL, 2 processes", 2)]


def rival_sender(rival: Rival, said: Path, mails: int, *, connections: int) -> Sender:
    """Return a rival that sends its share of so many mails of the words in a file."""
    own = max(FEWEST * connections, int(mails * rival.share))

    async def send(port: int) -> Effort:
        command = (*rival.command, str(port), str(connections), str(own), str(said))
        return await compete(await Contestant.start(*command, env=rival.env))

    return Sender(name=rival.name, mails=own, send=send)


async def _send_all(
    home: Path, url: URL, port: int, queue: Queue, connections: int, processes: int = 1
) -> Effort:
    written = url.render_as_string(hide_password=False)
    command = (sys.executable, "-m", "benchmarks.send_run", str(home), written)
    command += (str(port), str(connections), queue.at.isoformat())
    contestants = [await Contestant.start(*command) for _ in range(processes)]
    effort = await compete(*contestants)
    accepted = contestants[0].said.get("accepted")
    if accepted != queue.mails:
        raise RuntimeError(f"{accepted} of {queue.mails} mails were accepted: {contestants[0].said}")
    return effort
