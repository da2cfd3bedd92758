"""A circuit breaker: a server in trouble is left alone, longer each time, then tried by one letter alone.

It holds no clock: `now` is a monotonic time in seconds (machine time), handed in.
"""

from enum import StrEnum

SHORTEST_PAUSE = 5.0
"""Seconds after the first fault: a restarting server is back within it, and nobody notices the wait."""

LONGEST_PAUSE = 300.0
"""Seconds: a server that comes back after an outage is found again within five minutes."""

PROBE_PATIENCE = 1.0
"""Seconds the others wait while one letter finds out whether the server works again."""


class BreakerState(StrEnum):
    """Closed: letters flow. Open: none. Half-open: one letter is out to see."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Breaker:
    """Decides whether a letter may go now, from the faults and successes it is told of."""

    def __init__(self) -> None:
        self._state = BreakerState.CLOSED
        self._pause = SHORTEST_PAUSE
        self._until = 0.0

    @property
    def state(self) -> BreakerState:
        """Return the present state."""
        return self._state

    def wait(self, now: float) -> float:
        """Return 0 if a letter may go now, else how many seconds to hold it.

        The first to ask after a pause is the probe. If its end is never told (it was cancelled), another
        may go when the same pause has passed again.
        """
        if self._state is BreakerState.CLOSED:
            return 0.0
        if now >= self._until:
            self._state = BreakerState.HALF_OPEN
            self._until = now + self._pause
            return 0.0
        left = self._until - now
        return min(left, PROBE_PATIENCE) if self._state is BreakerState.HALF_OPEN else left

    def failed(self, now: float) -> float:
        """Take note of a server fault and return how many seconds to leave the server alone.

        Faults during a pause do not lengthen it: when a server goes away, every letter under way fails with
        it, and that is one fault.
        """
        if self._state is BreakerState.OPEN and now < self._until:
            return self._until - now
        if self._state is BreakerState.CLOSED:
            self._pause = SHORTEST_PAUSE
        else:
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
        self._state = BreakerState.OPEN
        self._until = now + self._pause
        return self._pause

    def worked(self) -> None:
        """Take note that the server did its work: letters flow, and the next trouble starts small."""
        self._state = BreakerState.CLOSED
