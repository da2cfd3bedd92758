"""This machine: room on its disk, the age of the backup, and which of its addresses mail leaves from."""

import shutil
import socket
from datetime import datetime, timedelta
from pathlib import Path

from notifier import backups
from notifier.cli.finding import Finding, attention, failed, fine
from notifier.events.ages import age
from notifier.web.attention_list import BACKUP_LIMIT
from notifier.web.red_list import LEAST_FREE

ROOMY = 10 * LEAST_FREE

_PROBED = (("192.0.2.1", socket.AF_INET), ("2001:db8::1", socket.AF_INET6))
"""Addresses of nobody (RFC 5737, RFC 3849): which of ours would be used, and nothing is sent."""


def disk(database: Path) -> Finding:
    """Say how much room the database has."""
    folder = next(one for one in (database.absolute().parent, *database.absolute().parents) if one.exists())
    free = shutil.disk_usage(folder).free
    size = sum(one.stat().st_size for one in folder.glob(f"{database.name}*") if one.is_file())
    words = f"{free / 1e6:,.0f} MB are free; the database takes {size / 1e6:,.1f} MB."
    remedy = "Make room, or move the data folder; /health says how long it lasts at the present pace."
    if free < LEAST_FREE:
        return failed("disk", words, remedy)
    if free < ROOMY or free < size:
        return attention("disk", words, remedy)
    return fine("disk", words)


def backup(pattern: str | None, now: datetime) -> Finding:
    """Say how old the newest backup is."""
    if pattern is None:
        remedy = "Set health.backup_file to the file, or pattern of files, that your backup writes."
        return attention("backup", "Nobody knows whether the database is backed up.", remedy)
    found = backups.newest(pattern)
    if found is None:
        return attention("backup", f"There is no backup at {pattern}.", "See whether the backup runs.")
    old = now - found
    words = f"The newest backup is {age(max(old, timedelta(0)))} old."
    return (
        attention("backup", words, "See whether it still runs.")
        if old > BACKUP_LIMIT
        else fine("backup", words)
    )


def outgoing_address() -> str | None:
    """Return the address that this machine would write to the world from; None: it could not."""
    for address, family in _PROBED:
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                probe.connect((address, 25))
                found: str = probe.getsockname()[0]
                return found
        except OSError:
            continue
    return None
