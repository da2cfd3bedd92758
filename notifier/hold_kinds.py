"""The kinds of holds (`holds.py`), apart from the database: the command line names them in its help."""

from enum import StrEnum


class HoldKind(StrEnum):
    """Why an instance is held."""

    RESTORED = "restored"
    """The database is older than what this data folder has seen, or came from elsewhere."""
    ADDRESS = "address"
    """The database belongs to a service at another public address: perhaps this is a copy of it."""
    CLOCK = "clock"
    """The machine's clock leapt ahead."""
    PAUSE = "pause"
    """Somebody paused all sending."""
    BRAKE = "brake"
    """As many mails as `mail.per_day` allows were accepted today."""
