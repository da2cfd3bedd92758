"""The note beside an SQLite file that was copied to PostgreSQL: served from both, everybody is told twice."""

import os
from datetime import datetime
from pathlib import Path


def note_path(database: Path) -> Path:
    """Return where the note of a database is kept."""
    return database.with_suffix(".copied")


def note(database: Path, *, to: str, at: datetime) -> None:
    """Note that the file was copied to the database named `to`; it is on the disk when this returns.

    Where it cannot be noted there is no note.
    """
    fresh = database.with_suffix(".copied-new")
    with fresh.open("w") as file:
        file.write(f"{to} on {at:%d %B %Y at %H:%M UTC}\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(note_path(database))
    folder = os.open(database.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the name too
    finally:
        os.close(folder)


def noted(database: Path) -> str | None:
    """Return to which database the file was copied and when, for a sentence; None where it was not."""
    try:
        return note_path(database).read_text().strip()
    except FileNotFoundError:
        return None
