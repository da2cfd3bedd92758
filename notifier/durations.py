"""How long things took, counted in buckets: cheap enough for every transaction and every letter."""

from bisect import bisect_left
from collections.abc import Sequence


class Durations:
    """A histogram of seconds. `bounds` are the upper ends of its buckets, rising; one without end follows."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = tuple(bounds)
        self.counts = [0] * (len(self.bounds) + 1)
        self.total = 0.0

    def add(self, seconds: float) -> None:
        """Count one."""
        self.counts[bisect_left(self.bounds, seconds)] += 1
        self.total += seconds
