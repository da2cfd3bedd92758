"""How often one network address may ask for mail. Pure.

Nobody's network address is stored: it is counted in memory under a hash whose key dies with the process.
"""

from collections import OrderedDict, deque
from datetime import datetime, timedelta
from hashlib import blake2b

WINDOW = timedelta(hours=1)

MOST_KEPT = 50_000
"""Addresses. Whoever has so many can push out the oldest; the ceiling for everyone still holds."""


class NetworkFence:
    """Counts what each network address asked for within an hour. Times are machine time."""

    def __init__(self, *, most: int, key: bytes, room: int = MOST_KEPT) -> None:
        self._most = most
        self._key = key
        self._room = room
        self._asked: OrderedDict[bytes, deque[datetime]] = OrderedDict()

    def __repr__(self) -> str:
        """Show nothing of the key."""
        return "NetworkFence(…)"

    def wait(self, network: str, machine_now: datetime) -> timedelta | None:
        """Count one more; None if it may pass, else how long to wait. What may not pass is not counted."""
        self._forget(machine_now - WINDOW)
        name = blake2b(network.encode(), key=self._key, digest_size=16).digest()
        asked = self._asked.setdefault(name, deque())
        while asked and asked[0] <= machine_now - WINDOW:
            asked.popleft()
        if len(asked) >= self._most:
            return asked[0] + WINDOW - machine_now
        asked.append(machine_now)
        self._asked.move_to_end(name)
        return None

    def _forget(self, before: datetime) -> None:
        """Drop whoever asked nothing since; they stand in the order of their last question."""
        while self._asked:
            name, asked = next(iter(self._asked.items()))
            if asked[-1] > before and len(self._asked) < self._room:
                return
            del self._asked[name]
