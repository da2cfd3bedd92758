"""How fast letters are begun. By default the mail server sets it. Pure: every instant is handed in.

How many letters are under way grows by one for each round that went well, and is halved when the server
shows that it is too much: the way of TCP (RFC 5681). When even one at a time is too much, a rest comes after
each letter, which doubles and shrinks in the same way. Instants are monotonic seconds (machine time).
"""

FIRST_REST = 0.02
"""Seconds: the first rest, when one letter at a time is still too much; fifty letters a second."""

LONGEST_REST = 2.0
"""Seconds. Shorter than a letter may wait in line, so that one that waits for its turn is still sent then."""

LEAST_REST = 0.002
"""Seconds: a rest shorter than this slows nothing down, and is over."""

GROWTH = 2.0
"""By how many letters a second the pace grows in each second while there are rests."""

SLACK_SECONDS = 0.05
"""How much lateness is made up for: a timer that wakes late must not make a configured pace slower."""


class Pace:
    """Decides how many letters may be under way, and when the next may begin.

    `most` letters are never exceeded; `per_second` is the operator's own limit, 0 where there is none.
    """

    def __init__(self, *, most: int, per_second: int = 0) -> None:
        self._most = most
        self._width = float(most)
        self._rest = 0.0
        self._rested_at = 0.0
        self._apart = 1 / per_second if per_second else 0.0
        self._turn_at = 0.0
        self._begun = 0
        self._round = 0

    @property
    def width(self) -> int:
        """How many letters may be under way: from 1 to `most`."""
        return int(self._width)

    @property
    def rest(self) -> float:
        """Seconds from the beginning of one letter to that of the next, while one at a time is too much."""
        return self._rest

    def wait(self, now: float) -> float:
        """Return how many seconds the next letter waits for its turn; 0: it may begin."""
        if not self._rest and not self._apart:
            return 0.0
        return max(0.0, self._rested_at - now, self._turn_at - now)

    def begin(self, now: float) -> int:
        """Take note that a letter begins. Return its number, by which its end is told."""
        self._rested_at = now + self._rest
        if self._apart:
            self._turn_at = max(self._turn_at, now - SLACK_SECONDS) + self._apart
        self._begun += 1
        return self._begun

    def went_well(self, number: int) -> None:
        """Take note that the server took a letter."""
        if number <= self._round:
            return  # begun before the last slowing down, of which it can say nothing
        if self._rest:
            pace = 1 / self._rest
            self._rest = 1 / min(2 * pace, pace + GROWTH * self._rest)
            if self._rest < LEAST_REST:
                self._rest = 0.0
        elif self._width < self._most:
            self._width = min(float(self._most), self._width + 1 / self._width)

    def pressed(self, number: int) -> None:
        """Take note that the server had too much. Letters that were under way together slow it down once."""
        if number <= self._round:
            return
        self._round = self._begun
        if self._width >= 2:
            self._width /= 2
        else:
            self._width = 1.0
            self._rest = min(LONGEST_REST, max(FIRST_REST, 2 * self._rest))

    def within(self, seconds: float) -> int | None:
        """Return how many letters may begin in that time; None: as many as there are."""
        apart = max(self._apart, self._rest)
        return int(seconds / apart) if apart else None


class Throughput:
    """How fast outcomes come, and so how much is claimed ahead."""

    def __init__(self, now: float) -> None:
        self._at = now
        self._recorded = 0

    def per_second(self, recorded: int, now: float) -> float:
        """Return the outcomes a second since it was asked last, `recorded` into this process's life."""
        found = (recorded - self._recorded) / max(now - self._at, 0.001)
        self._at, self._recorded = now, recorded
        return found
