"""What `notifier check` says of the data folder: can it be written to, its secret, its database."""

import contextlib
import os
import sqlite3
import stat
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier import copied, holds, schema
from notifier.cli.finding import Finding, attention, failed, fine
from notifier.clock import machine_now
from notifier.db import Database
from notifier.instance import InstanceError, load_secret, secret_path
from notifier.opening import database_of, is_made, named
from notifier.schema import instance
from notifier.settings import Settings
from notifier.subscriptions.tokens import Signer


def data_folder(database_path: Path) -> Finding:
    """Say whether files can be made beside the database, or its folder be made."""
    folder = database_path.parent
    if not folder.exists():
        above = next(one for one in folder.absolute().parents if one.exists())
        if above.is_dir() and os.access(above, os.W_OK | os.X_OK):
            return fine("data folder", f"{folder} is made at the first start.")
        return failed(
            "data folder", f"{folder} cannot be made in {above}.", "Make it, for the service's user."
        )
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return failed(
            "data folder", f"{folder} cannot be written to: {reason}.", "Let the service's user own it."
        )
    return fine("data folder", f"{folder} can be written to.")


def secret(database_path: Path) -> Iterator[Finding]:
    """Say whether the secret is there, and read by nobody else; whether it is the right one, `database`."""
    path = secret_path(database_path)
    if not path.exists():
        if database_path.exists() and _has_served(database_path):
            remedy = "Restore it from the backup that the database came from."
            yield failed("secret", f"{path} is not there, and links already mailed need it.", remedy)
        else:
            yield fine("secret", f"{path} is made at the first start.")
        return
    try:
        load_secret(database_path)
        mode = stat.S_IMODE(path.stat().st_mode)
    except (InstanceError, OSError) as error:
        yield failed("secret", f"{error}.")
        return
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        remedy = f"chmod 600 {path}"
        yield attention("secret", f"{path} can be used by others on this machine (mode {mode:o}).", remedy)
    else:
        yield fine("secret", f"{path} is there, for its owner alone.")


def _has_served(database_path: Path) -> bool:
    """Whether a service ever started on the database; an import makes one too, and mails nobody."""
    try:
        with contextlib.closing(sqlite3.connect(f"file:{database_path}?mode=ro", uri=True)) as found:
            return found.execute("SELECT 1 FROM instance").fetchone() is not None
    except sqlite3.Error:
        return True


async def database(settings: Settings) -> Sequence[Finding]:
    """Say whether the database answers, has this version's schema, and belongs to secret and address."""
    name = _capital(named(settings.database))
    if not is_made(settings.database):
        return [fine("database", f"{name} is made at the first start.")]
    where = None if settings.database.url is not None else copied.noted(settings.database.path)
    if where is not None:
        remedy = 'Set "url" in [database] to go on there.'
        return [failed("database", f"{name} was copied to {where}, and is served no more.", remedy)]
    db = database_of(settings.database)
    try:
        if not await schema.is_current(db):
            return await _to_migrate(db, name, settings)
        async with db.read() as conn:
            found = [*await _belongs(conn, settings), *await _held(conn)]
    except (SQLAlchemyError, OSError) as error:
        reason = getattr(error, "orig", None) or type(error).__name__
        return [failed("database", f"{name} cannot be read: {reason}.")]
    finally:
        await db.dispose()
    return found or [fine("database", f"{name} answers, and its schema is current.")]


async def _to_migrate(db: Database, name: str, settings: Settings) -> Sequence[Finding]:
    if not await schema.is_laid_down(db):
        remedy = "`notifier migrate` lays its tables down, and so does the first `notifier serve`."
        return _left_behind(settings) or [attention("database", f"{name} is empty.", remedy)]
    remedy = "Stop every process of the other version, then run `notifier migrate`."
    return [attention("database", f"{name} has the schema of another version.", remedy)]


async def _belongs(conn: AsyncConnection, settings: Settings) -> Sequence[Finding]:
    row = (await conn.execute(select(instance))).one_or_none()
    if row is None:
        return _left_behind(settings)
    found: list[Finding] = []
    path = settings.database.path
    there = secret_path(path).exists()
    if settings.database.url is not None and not (there and row.secret_fingerprint == _fingerprint(path)):
        words = "It belongs to another secret than" if there else "It belongs to a secret that is not yet in"
        remedy = "Copy that file here from a machine that serves it: each needs the same."
        found.append(failed("database", f"{words} {secret_path(path)}.", remedy))
    elif there and row.secret_fingerprint != _fingerprint(path):
        remedy = "Restore the secret from the backup that the database came from."
        found.append(failed("database", "It was made with another secret than the one beside it.", remedy))
    if settings.service is not None and row.public_url != settings.service.public_url:
        remedy = "If this is the service itself under a new address, run `notifier adopt`."
        found.append(attention("database", f"It belongs to the service at {row.public_url}.", remedy))
    return found


def _left_behind(settings: Settings) -> Sequence[Finding]:
    """Say that PostgreSQL is new while there is a file; `serve` would not begin anew beside it."""
    path = settings.database.path
    if settings.database.url is None or not path.is_file():
        return ()
    remedy = "Run `notifier copy-database`, or move the file away to begin anew."
    return [failed("database", f"It is new, and {path} was not copied to it.", remedy)]


def _fingerprint(path: Path) -> str | None:
    try:
        return Signer(load_secret(path)).fingerprint()
    except (InstanceError, OSError):
        return None


async def _held(conn: AsyncConnection) -> Sequence[Finding]:
    return [
        attention("database", f"It is held. {one.sentence}", f"{one.remedy[:1].upper()}{one.remedy[1:]}.")
        for one in await holds.standing(conn, machine_now=machine_now())
    ]


def _capital(words: str) -> str:
    """Begin a sentence with how a database is named; a path stays as it is."""
    return f"T{words[1:]}" if words.startswith("the ") else words
