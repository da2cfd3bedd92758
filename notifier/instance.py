"""What makes a data folder one instance: a lock, a secret made once, and what database and folder remember.

A database that is restored or copied starts held, and so does one that belongs to another public address.
"""

import asyncio
import contextlib
import fcntl
import logging
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, insert, inspect, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier import copied, holds
from notifier.db import Database, Rank
from notifier.events.tables import sweep
from notifier.hold_kinds import HoldKind
from notifier.schema import ONE_AT_A_TIME, instance
from notifier.subscriptions.erasing import erase_again
from notifier.subscriptions.tokens import Signer

SECRET_BYTES = 32

log = logging.getLogger(__name__)


class InstanceError(Exception):
    """This data cannot be served from here; the message says why and what to do."""


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Hold the database file for this process; the lock ends with the process, however it ends.

    Raises:
        InstanceError: another server holds it, or it was copied to PostgreSQL.
    """
    path = database.with_suffix(".lock")
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InstanceError(
                f"{database} is served by another process (it holds {path}); stop that one first"
            ) from None
        _demand_not_copied(database)
        yield


def _demand_not_copied(database: Path) -> None:
    where = copied.noted(database)
    if where is not None:
        raise InstanceError(
            f"{database} was copied to {where}; served from both, everybody would be told twice. Set "
            '"url" in [database] to go on there; to go back to this file, delete '
            f"{copied.note_path(database)}"
        )


def leave(database: Path) -> None:
    """Forget what was seen of an SQLite file that was copied: who goes back to it finds it held.

    What it calls unsaid may have been said from the copy. PostgreSQL is counted anew.
    """
    database.with_suffix(".seen").unlink(missing_ok=True)


def secret_path(database: Path) -> Path:
    """Return where the secret of a database is kept."""
    return database.with_suffix(".secret")


def load_secret(database: Path) -> bytes:
    """Return the secret that links are made with, from the file beside the database; made on first use.

    Raises:
        InstanceError: the file is there and holds none.
    """
    path = secret_path(database)
    if not path.exists():
        _make_secret(path)
    try:
        secret = bytes.fromhex(path.read_text().strip())
    except ValueError:
        secret = b""
    if len(secret) != SECRET_BYTES:
        raise InstanceError(f"{path} holds no secret; restore it from the backup that the database came from")
    return secret


async def demand_its_secret(db: Database, database: Path) -> None:
    """Refuse a served database without the file of its secret: `load_secret` would make another one.

    Raises:
        InstanceError: there is no such file here. Nothing was written.
    """
    path = secret_path(database)
    if await asyncio.to_thread(path.exists):
        return
    async with db.read() as conn:
        if not await conn.run_sync(lambda sync: inspect(sync).has_table(instance.name)):
            return
        if await conn.scalar(select(instance.c.secret_fingerprint)) is None:
            return
    whence = "" if db.is_sqlite else "a machine that serves, or from "
    raise InstanceError(
        f"there is no {path}, and links already mailed need it; copy it here from {whence}the backup that "
        "the database came from"
    )


def _make_secret(path: Path) -> None:
    """Write the file whole before it has its name: a crash leaves none, never half a secret.

    Of several processes that start at once the first gives it the name, and the others read what it wrote.
    """
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=f"{path.name}-") as file:
        file.write(secrets.token_hex(SECRET_BYTES))
        file.flush()
        os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(file.name)


async def recognise(
    db: Database, signer: Signer, *, database: Path, public_url: str, now: datetime, machine_now: datetime
) -> None:
    """Check that database, secret, data folder and public address belong together; hold what does not.

    A new database remembers all of them. In one that was restored, who was erased since is erased again.

    Raises:
        InstanceError: the secret is not the one that links in people's mailboxes were made with, or the
            database is new while a file that it is to replace was not copied.
    """
    seen = await asyncio.to_thread(_seen, database)
    async with db.write(Rank.HOUSEKEEPING) as conn:
        if not db.is_sqlite:  # two may be the first at once
            await conn.execute(select(func.pg_advisory_xact_lock(ONE_AT_A_TIME)))
        known = (await conn.execute(select(instance))).one_or_none()
        if known is None:
            await _demand_no_file_left(db, database)
            values = {"id": 1, "public_url": public_url, "secret_fingerprint": signer.fingerprint()}
            await conn.execute(insert(instance).values(last_now=now, **values))
            return
        _demand_the_secret(db, known.secret_fingerprint, signer, database)
        await _hold_a_copy(conn, known.public_url, public_url, machine_now)
        # A machine that joins others at one PostgreSQL has seen nothing yet, and is no copy.
        restored = (db.is_sqlite or seen is not None) and await _hold_the_past(conn, seen, machine_now)
    if restored:  # held by now: nothing is sent before whoever was erased meanwhile is erased again
        count = await erase_again(db, signer=signer, home=database, now=now)
        log.warning("erased_again", extra={"count": count})


async def join(db: Database, signer: Signer, *, database: Path, public_url: str) -> None:
    """Check that a process which only helps belongs to the service whose database this is.

    Raises:
        InstanceError: no server has begun on it yet, or secret or public address are another's.
    """
    async with db.read() as conn:
        known = (await conn.execute(select(instance))).one_or_none()
    if known is None:
        raise InstanceError("nobody serves from this database yet; start `notifier serve` first")
    _demand_the_secret(db, known.secret_fingerprint, signer, database)
    if known.public_url != public_url:
        raise InstanceError(
            f"this database belongs to the service at {known.public_url}, and public_url in [service] is "
            f"{public_url} here; give every process the same settings"
        )


async def _demand_no_file_left(db: Database, database: Path) -> None:
    """Refuse to begin anew beside an SQLite file: its people would hear no more, and nobody notice."""
    if not db.is_sqlite and await asyncio.to_thread(database.is_file):
        raise InstanceError(
            f'the database that "url" names is new, and there is {database}: take over what is in it with '
            "`notifier copy-database`, or move it away to begin anew"
        )


def _demand_the_secret(db: Database, fingerprint: str, signer: Signer, database: Path) -> None:
    if fingerprint == signer.fingerprint():
        return
    if db.is_sqlite:
        raise InstanceError(
            "the secret file beside the database is not the one that the links already mailed were made "
            "with; restore it from the backup that the database came from"
        )
    raise InstanceError(
        f"{secret_path(database)} is not the secret that the links already mailed were made with; every "
        "machine needs the same: copy it from one that serves, or from the backup"
    )


async def is_ours(conn: AsyncConnection, signer: Signer) -> bool:
    """Whether the database belongs to the instance with this secret."""
    return await conn.scalar(select(instance.c.secret_fingerprint)) == signer.fingerprint()


async def adopt(conn: AsyncConnection, public_url: str) -> None:
    """Let the database belong to the service at `public_url`."""
    await conn.execute(update(instance).values(public_url=public_url))
    await holds.lift(conn, HoldKind.ADDRESS)


async def note_sweep(db: Database, database: Path) -> None:
    """Count a sweep in the database, then beside it: a database that counts less is older than this folder.

    In this order, so that a crash between the two can only leave the database ahead.
    """
    async with db.write(Rank.HOUSEKEEPING) as conn:
        n = (await conn.execute(update(sweep).values(n=sweep.c.n + 1).returning(sweep.c.n))).scalar_one()
    await asyncio.to_thread(_write_seen, database, n)


async def _hold_a_copy(conn: AsyncConnection, known: str, configured: str, machine_now: datetime) -> None:
    if known == configured:
        await holds.lift(conn, HoldKind.ADDRESS)
        return
    sentence = f"This database belongs to the service at {known}, and this one is at {configured}."
    await holds.put(conn, HoldKind.ADDRESS, sentence, machine_now=machine_now)


async def _hold_the_past(conn: AsyncConnection, seen: int | None, machine_now: datetime) -> bool:
    """Hold a database that was restored from a backup or copied here: what it calls unsaid may be said.

    Return whether it is such a one.
    """
    if not await _is_of_the_past(conn, seen):
        return False
    sentence = (
        "This database was copied here from elsewhere."
        if seen is None
        else "This database is older than what was last served from here: it was restored from a backup."
    )
    await holds.put(conn, HoldKind.RESTORED, sentence, machine_now=machine_now)
    await conn.execute(update(sweep).values(restored_at=machine_now))
    return True


async def is_of_the_past(conn: AsyncConnection, database: Path) -> bool:
    """Whether a database was restored or copied here since it was last served: a start will hold it."""
    return await _is_of_the_past(conn, await asyncio.to_thread(_seen, database))


async def _is_of_the_past(conn: AsyncConnection, seen: int | None) -> bool:
    counted = await conn.scalar(select(sweep.c.n)) or 0
    return counted > 0 and (seen is None or counted < seen)


def _seen(database: Path) -> int | None:
    try:
        return int(database.with_suffix(".seen").read_text())
    except (FileNotFoundError, ValueError):
        return None


def _write_seen(database: Path, n: int) -> None:
    path = database.with_suffix(".seen")
    fresh = path.with_suffix(f".seen-{os.getpid()}")  # several servers of one PostgreSQL may share the folder
    fresh.write_text(str(n))
    fresh.replace(path)
