"""How many letters go to one recipient domain at once, so that a slow one holds up nobody else. Pure.

A letter whose domain has no place free is passed over. So that such letters do not fill the line, only as
many wait in it as their domain takes in the next seconds; the others go back to the queue until their turn.
Instants are monotonic seconds (machine time).
"""

from collections import Counter, OrderedDict

AHEAD_SECONDS = 2.0
"""For how long letters of a busy domain wait in line: what is claimed cannot be stopped by an unsubscribe."""

LONGEST_PUT_OFF = 30.0
"""Seconds: the pace of a domain is a guess, and it may be free again much sooner than it seems."""

FIRST_GUESS = 0.05
"""Seconds that a letter takes to a domain of which nothing is known."""

PATIENCE_SECONDS = 1.0
"""A letter that has been under way for so long, and much longer than the last ones, shows a slow domain; less
than that is this machine's own doing."""

LEARNING = 0.2
"""How much the last letter counts in the guess for the next."""

REMEMBERED = 1_000
"""Domains whose pace is remembered."""


class Domains:
    """Counts letters by domain. `most` at once to each; 0: no bound."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._in_line: Counter[str] = Counter()
        self._under_way: dict[str, list[float]] = {}
        self._takes: OrderedDict[str, float] = OrderedDict()
        self._booked_until: dict[str, float] = {}

    @property
    def bounded(self) -> bool:
        """Whether there is a bound at all."""
        return self._most > 0

    def has_room(self, domain: str) -> bool:
        """Whether a letter to this domain may begin."""
        return not self.bounded or len(self._under_way.get(domain, ())) < self._most

    def line_up(self, domain: str) -> None:
        """Take note that a letter waits in line."""
        self._in_line[domain] += 1

    def leave_line(self, domain: str) -> None:
        """Take note that it does so no more."""
        self._in_line[domain] -= 1
        if not self._in_line[domain]:
            del self._in_line[domain]

    def begin(self, domain: str, now: float) -> None:
        """Take note that a letter begins."""
        if self.bounded:
            self._under_way.setdefault(domain, []).append(now)

    def end(self, domain: str, begun: float, now: float) -> None:
        """Take note that a letter has ended which began at `begun`."""
        if not self.bounded:
            return
        self._under_way[domain].remove(begun)
        if not self._under_way[domain]:
            del self._under_way[domain]
        known = self._takes.pop(domain, FIRST_GUESS)
        self._takes[domain] = known + LEARNING * (now - begun - known)
        if len(self._takes) > REMEMBERED:
            self._takes.popitem(last=False)

    def put_off(self, domain: str, now: float) -> float:
        """Return 0 if one more letter may wait in line, else the seconds until it should come again."""
        if not self.bounded:
            return 0.0
        each = self._seconds(domain, now) / self._most
        ahead = self._in_line[domain] + len(self._under_way.get(domain, ()))
        if ahead < self._most or ahead * each <= AHEAD_SECONDS:
            return 0.0
        turn_at = max(now + AHEAD_SECONDS, self._booked_until.get(domain, 0.0))
        turn_at = min(turn_at, now + LONGEST_PUT_OFF)
        self._book(domain, turn_at + each, now)
        return turn_at - now

    def _seconds(self, domain: str, now: float) -> float:
        """Guess how long a letter takes: as the last ones did, or as long as one is taking right now."""
        known = self._takes.get(domain, FIRST_GUESS)
        slowest = now - min(self._under_way.get(domain, [now]))
        return slowest if slowest > max(PATIENCE_SECONDS, 5 * known) else known

    def _book(self, domain: str, until: float, now: float) -> None:
        self._booked_until = {name: at for name, at in self._booked_until.items() if at > now}
        self._booked_until[domain] = until
