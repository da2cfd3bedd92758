"""The database as it stands, for commands that only look at it, beside a running server or without one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import typer

from notifier import schema
from notifier.db import Database, sqlite_url
from notifier.settings import Settings


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    """Open the database that the settings name; nothing in it is changed, not even its schema.

    Raises:
        typer.Exit: 1, where there is none, or one of another version; a sentence was printed.
    """
    path = settings.database.path
    if not path.is_file():
        typer.echo(f"notifier: there is no database at {path}", err=True)
        raise typer.Exit(1)
    db = Database(sqlite_url(path))
    try:
        if not await schema.is_current(db):
            words = "is of another version; `notifier serve` brings it up to date"
            typer.echo(f"notifier: the database at {path} {words}", err=True)
            raise typer.Exit(1)
        yield db
    finally:
        await db.dispose()
