"""A folder with settings, a database that is made only when something is taken in, and people who follow."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

from sqlalchemy import update
from typer.testing import CliRunner, Result

from notifier.cli.main import app
from notifier.clock import machine_now
from notifier.db import Database, Rank, sqlite_url
from notifier.subscriptions.model import Rhythm
from notifier.subscriptions.tables import subscription
from tests.cast import follow
from tests.cli import charity

SETTINGS = (
    charity.SETTINGS
    + """
[database]
path = "data/notifier.db"
"""
)

DATABASE = Path("data/notifier.db")

T = TypeVar("T")


def in_days(days: int) -> date:
    """Return a day seen from today: the commands read the real clock."""
    return machine_now().date() + timedelta(days=days)


def day_words(days: int) -> str:
    """Return that day as pages write it."""
    day = in_days(days)
    return f"{day.day} {day:%B} {day.year}"


def page(*, publication: int = 200, status: str = "In progress") -> str:
    """Return a page in the shape of NICE's, with an invented procedure; `publication` is days from today."""
    return "\n".join(
        (
            f"Status {status}",
            "Process IP",
            "ID number 1999",
            "",
            "Provisional Schedule",
            "",
            f"IPAC 1 {day_words(30)}",
            f"Consultation {day_words(60)} - {day_words(90)}",
            f"Expected publication {day_words(publication)}",
        )
    )


def settle_in(folder: Path, more: str = "") -> None:
    """Write the settings into the folder `config` of where the commands run."""
    (folder / "config").mkdir()
    (folder / "config" / "notifier.toml").write_text(SETTINGS + more)


def say(*words: str, given: str | bytes | None = None) -> Result:
    """Run one command as a shell would."""
    return CliRunner().invoke(app, list(words), input=given)


def with_database(work: Callable[[Database], Awaitable[T]]) -> T:
    """Do something with the database that the commands use."""

    async def run() -> T:
        db = Database(sqlite_url(DATABASE))
        try:
            return await work(db)
        finally:
            await db.dispose()

    return asyncio.run(run())


def people_follow(*rhythms: Rhythm) -> None:
    """Let somebody follow everything in each of these rhythms."""

    async def work(db: Database) -> None:
        for number, rhythm in enumerate(rhythms):
            person = await follow(db, f"P{number}")
            async with db.write(Rank.WEB) as conn:
                mine = subscription.c.id == person.subscription_id
                await conn.execute(update(subscription).where(mine).values(rhythm=rhythm))

    with_database(work)
