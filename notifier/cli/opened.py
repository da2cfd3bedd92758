"""The database that the settings name, for commands that work beside a running server or without one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import typer
from sqlalchemy.exc import OperationalError

from notifier import schema
from notifier.db import Database
from notifier.opening import database_of, is_made, named
from notifier.settings import Settings


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    """Open the database that the settings name as it stands; not even its schema is changed.

    Raises:
        typer.Exit: 1, where there is none, or one of another version; a sentence was printed.
    """
    async with _there(settings) as db:
        if not await schema.is_current(db):
            words = "is of another version; `notifier migrate` brings it up to date"
            typer.echo(f"notifier: {named(settings.database)} {words}", err=True)
            raise typer.Exit(1)
        yield db


@asynccontextmanager
async def upgraded(settings: Settings) -> AsyncIterator[Database]:
    """Open the database that the settings name, brought up to date.

    Raises:
        typer.Exit: 1, where there is none; a sentence was printed.
    """
    async with _there(settings) as db:
        await schema.upgrade(db)
        yield db


@asynccontextmanager
async def _there(settings: Settings) -> AsyncIterator[Database]:
    name = named(settings.database)
    if not is_made(settings.database):
        typer.echo(f"notifier: there is no database at {name}", err=True)
        raise typer.Exit(1)
    db = database_of(settings.database)
    try:
        yield db
    except OperationalError as error:
        typer.echo(f"notifier: cannot use {name}: {error.orig}", err=True)
        raise typer.Exit(1) from None
    finally:
        await db.dispose()
