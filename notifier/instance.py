"""What makes a data volume one instance: a lock, a secret made once, and the row that remembers both."""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import insert, select

from notifier.db import Database, Rank
from notifier.schema import instance
from notifier.subscriptions.tokens import Signer

SECRET_BYTES = 32


class InstanceError(Exception):
    """This data cannot be served from here; the message says why and what to do."""


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Hold the database file for this process; the lock ends with the process, however it ends.

    Raises:
        InstanceError: another server holds it.
    """
    path = database.with_suffix(".lock")
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InstanceError(
                f"{database} is served by another process (it holds {path}); stop that one first"
            ) from None
        yield


def load_secret(database: Path) -> bytes:
    """Return the secret that links are made with, from the file beside the database; made on first use."""
    path = database.with_suffix(".secret")
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return bytes.fromhex(path.read_text().strip())
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_hex(SECRET_BYTES))
        file.flush()
        os.fsync(file.fileno())
    return bytes.fromhex(path.read_text().strip())


async def recognise(db: Database, signer: Signer, *, public_url: str, now: datetime) -> None:
    """Check that database and secret belong together; a new database remembers the secret.

    Raises:
        InstanceError: the secret is not the one that links in people's mailboxes were made with.
    """
    async with db.write(Rank.HOUSEKEEPING) as conn:
        known = await conn.scalar(select(instance.c.secret_fingerprint))
        if known is None:
            values = {"id": 1, "public_url": public_url, "secret_fingerprint": signer.fingerprint()}
            await conn.execute(insert(instance).values(last_now=now, **values))
        elif known != signer.fingerprint():
            raise InstanceError(
                "the secret file beside the database is not the one that the links already mailed were made "
                "with; restore it from the backup that the database came from"
            )
