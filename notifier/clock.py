"""Two times (decision 0003).

*Calendar now* decides what is due, what a text says and what a feed dates: it is handed in, and the demo
replays it. *Machine time* runs leases, retries, tokens and time-outs: it is always real. The one thing that
knows both is a `Clock`.
"""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Gives calendar now, and how long to wait for a calendar instant."""

    def now(self) -> datetime:
        """Return calendar now, an aware UTC instant."""
        ...

    def seconds_until(self, instant: datetime) -> float:
        """Return the real seconds until calendar now is `instant`; zero or less when it has passed."""
        ...


def machine_now() -> datetime:
    """Return real UTC time, for what must never be replayed: leases, retries, tokens."""
    return datetime.now(UTC)


class SystemClock:
    """Calendar time is real time: production."""

    def now(self) -> datetime:
        """Return real UTC time."""
        return machine_now()

    def seconds_until(self, instant: datetime) -> float:
        """Return the real seconds until `instant`."""
        return (instant - self.now()).total_seconds()


class ReplayClock:
    """Calendar time runs at real speed from a given instant and can leap forward, never back."""

    def __init__(self, start: datetime) -> None:
        self._base = start
        self._since = time.monotonic()

    def now(self) -> datetime:
        """Return the replayed instant."""
        return self._base + timedelta(seconds=time.monotonic() - self._since)

    def seconds_until(self, instant: datetime) -> float:
        """Return the real seconds until the replay gets to `instant` without leaping."""
        return (instant - self.now()).total_seconds()

    def leap(self, instant: datetime) -> None:
        """Continue from `instant`; an instant that has passed changes nothing."""
        if instant > self.now():
            self._base, self._since = instant, time.monotonic()
