"""How many connections a mail server lets us have, found out from those it refused. Pure.

Many relays serve only so many at once and refuse the next with 421, or by silence. What works is kept then,
and one more is tried now and again: the limit may have been another client's doing.
"""

MORE_AFTER_SECONDS = 30.0
"""How long nothing more is opened after a refusal. One refused connection in that time troubles nobody, and
a limit that was taken too low (a connection just left may still be counted) is soon found out."""


class ConnectionLimit:
    """Instants are monotonic seconds; `most` is what the settings allow."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._limit = most
        self._more_at = 0.0

    def at(self, now: float) -> int:
        """Return how many there may be."""
        if self._limit < self._most and now >= self._more_at:
            return self._limit + 1
        return self._limit

    def refused(self, working: int, now: float) -> None:
        """Take note that one more than `working` connections was refused."""
        self._limit = working
        self._more_at = now + MORE_AFTER_SECONDS

    def opened(self, working: int) -> None:
        """Take note that so many connections work."""
        self._limit = max(self._limit, working)

    def forget(self) -> None:
        """Know nothing any more: no connection was to be had."""
        self._limit = self._most
