"""A guard against a clock that leaps: a false year cannot be recalled once it has been announced.

Compares wall time with monotonic time while the process is up. Pure but for the two clocks it is handed.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

LARGEST_LEAD = timedelta(minutes=5)
"""So far may wall time run ahead of monotonic time; a machine that slept is ahead by its sleep."""

STEADY = timedelta(minutes=10)
"""After so long without another leap a moderate one is believed."""

BELIEVABLE = timedelta(days=3)
"""A larger leap than this, longer than any sleep, waits for a person however steady it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leap:
    """By how much the clock leapt ahead, whether that is news, and whether it may be believed by now."""

    lead: timedelta
    is_new: bool
    believed: bool


class ClockGuard:
    """Looks at both clocks whenever asked. `wall` is UTC; `monotonic` counts seconds."""

    def __init__(self, wall: Callable[[], datetime], monotonic: Callable[[], float]) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._offset = self._measure()
        self._leapt: Leap | None = None
        self._leapt_at = 0.0

    def look(self) -> Leap | None:
        """Return the leap that is not dealt with yet; one that is believed is returned once."""
        offset = self._measure()
        lead = offset - self._offset
        if lead > LARGEST_LEAD:
            self._leapt = Leap(lead=lead, is_new=False, believed=False)
            self._leapt_at = self._monotonic()
            self._offset = offset
            return replace(self._leapt, is_new=True)
        self._offset = offset  # drift and backward steps are followed: late is no lie
        if self._leapt is None:
            return None
        steady = self._monotonic() - self._leapt_at >= STEADY.total_seconds()
        if not steady or self._leapt.lead > BELIEVABLE:
            return self._leapt
        believed, self._leapt = replace(self._leapt, believed=True), None
        return believed

    def forget(self) -> None:
        """Believe the clock, because a person said so."""
        self._leapt = None

    def _measure(self) -> timedelta:
        wall = self._wall()
        return timedelta(seconds=wall.timestamp() - self._monotonic())
