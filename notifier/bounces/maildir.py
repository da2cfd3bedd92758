"""A Maildir of returned mail: what is in new/ is taken in and, once that is committed, moved to cur/.

So a message is lost at no moment: killed in between, it is read again, and known by its fingerprint.
https://cr.yp.to/proto/maildir.html
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import BinaryIO

from sqlalchemy.exc import OperationalError

LARGEST = 1_000_000
"""Bytes read of a message; what reports a bounce or a complaint is far smaller."""

_SEEN = ":2,S"
"""The end of a name in cur/: read, by a program that knows what it does."""

log = logging.getLogger(__name__)

TakeIn = Callable[[bytes], Awaitable[None]]


def is_maildir(path: Path) -> bool:
    """Whether a folder is a Maildir."""
    return (path / "new").is_dir()


async def empty(path: Path, take_in: TakeIn) -> int:
    """Take in every message that is new, the oldest first. Return how many could not be, and stay there.

    Raises:
        OperationalError: the database cannot be used now, so the others are not tried either.
        OSError: the folder cannot be read.
    """
    left = 0
    for name in await asyncio.to_thread(_new, path):
        try:
            raw = await asyncio.to_thread(read_file, path / "new" / name)
            await take_in(raw)
            await asyncio.to_thread(_move, path, name)
        except FileNotFoundError:
            continue  # another process was faster
        except OperationalError:
            raise
        except Exception:
            # One that cannot be taken in must not hold up those behind it.
            log.exception("mail_not_taken_in")
            left += 1
    return left


def read_file(path: Path) -> bytes:
    """Return the message in a file, as much of it as is looked at."""
    with path.open("rb") as file:
        return read_stream(file)


def read_stream(stream: BinaryIO) -> bytes:
    """Return the message that a stream holds, as much of it as is looked at; the rest is read and dropped.

    Otherwise whoever writes it would find the pipe broken, and try again for ever.
    """
    raw = stream.read(LARGEST)
    while stream.read(65_536):
        pass
    return raw


def _new(path: Path) -> Sequence[str]:
    """Return the names in new/; they begin with the second of their arrival."""
    return sorted(one.name for one in (path / "new").iterdir() if one.is_file() and one.name[0] != ".")


def _move(path: Path, name: str) -> None:
    (path / "cur").mkdir(exist_ok=True)
    (path / "new" / name).rename(path / "cur" / f"{name.partition(':')[0]}{_SEEN}")
