"""A service on an SQLite file that has lived: every kind of row, some of them in the middle of things."""

import asyncio
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import URL, text

from notifier.bounces.ingest import Became
from notifier.copying.copy import Compared, compare, copy_database
from notifier.db import Database, Rank, sqlite_url
from notifier.instance import load_secret, note_sweep, recognise
from notifier.settings import Database as DatabaseSettings
from notifier.subscriptions import access
from notifier.subscriptions.by_operator import erase_address, stop_address
from notifier.subscriptions.model import Rhythm
from notifier.subscriptions.tokens import Signer
from notifier.subscriptions.topics import procedure_topic
from tests.bounces.bounce_cast import feed, handed_over, returned
from tests.cast import (
    BEGIN,
    MACHINE_NOW,
    SIGNER,
    claim_letters,
    consultation,
    fan_out,
    fence,
    follow,
    london,
    read,
    sign_up,
    snapshot,
    sweep,
)

HERE = "https://alerts.example"
OPENING = london(2022, 10, 14)
NOON = london(2022, 10, 14, 12)
PLANNED = snapshot(
    consultation(date(2022, 10, 14), date(2022, 11, 11)), title='Stents — "new"\tand\r\nold \\N'
)
MOVED = snapshot(consultation(date(2022, 10, 21), date(2022, 11, 18)), title=PLANNED.facts.title or "")


@dataclass(frozen=True)
class Machine:
    """The machine of the service: its file, and the PostgreSQL database that its settings name."""

    path: Path
    url: URL

    @property
    def at(self) -> DatabaseSettings:
        """Its settings."""
        shown = self.url.render_as_string(hide_password=False)
        return DatabaseSettings.model_validate({"path": self.path, "url": shown})

    async def copy(self) -> list[Compared]:
        """Copy, as the command does."""
        return list(await copy_database(self.at, machine_now=MACHINE_NOW, told=lambda _table, _rows: None))

    async def compare(self) -> list[str]:
        """Return which tables differ."""
        compared = await compare(self.at, told=lambda _table, _rows: None)
        return [one.table for one in compared if not one.is_same]

    async def begin(self, db: Database) -> None:
        """Let a server begin on a database, as far as belonging goes."""
        signer = Signer(await asyncio.to_thread(load_secret, self.path))
        now = MACHINE_NOW
        await recognise(db, signer, database=self.path, public_url=HERE, now=now, machine_now=now)


async def live(machine: Machine) -> None:
    """Let a service live on the machine's file and be killed: some letters are being sent, others wait."""
    db = Database(sqlite_url(machine.path))
    await machine.begin(db)
    await note_sweep(db, machine.path)
    await read(db, PLANNED, now=BEGIN)
    for name, rhythm in (("Ada", Rhythm.AT_ONCE), ("Ben", Rhythm.DAILY), ("Cal", Rhythm.WEEKLY)):
        await follow(db, name, rhythm=rhythm)
    for name in ("Dan", "Eve", "Fay"):
        await follow(db, name, procedure_topic(1))
    await _ask_and_leave(db)
    await sweep(db, OPENING)
    await fan_out(db, OPENING)
    letters = await handed_over(db, OPENING)
    taken = await feed(db, returned("postfix_unknown_user", letters[0]), now=OPENING)
    assert taken.became is Became.ENDED
    await read(db, MOVED, now=NOON)
    await sweep(db, NOON + timedelta(minutes=30))
    await fan_out(db, NOON + timedelta(minutes=30))
    assert await claim_letters(db, NOON + timedelta(minutes=30))
    await db.dispose()


async def _ask_and_leave(db: Database) -> None:
    """Somebody only asks, one wants a link, one is erased, and one is stopped for good."""
    await sign_up(db, "gus@example.org")
    await access.ask(db, address="dan@example.org", fence=fence())
    assert await erase_address(db, "eve@example.org", signer=SIGNER, now=BEGIN)
    await stop_address(db, "fay@example.org", reason="complaint", signer=SIGNER, now=BEGIN)


async def change(url: URL, statement: str) -> None:
    """Do one statement on a database behind everybody's back."""
    db = Database(url)
    async with db.write(Rank.HOUSEKEEPING) as conn:
        await conn.execute(text(statement))
    await db.dispose()
