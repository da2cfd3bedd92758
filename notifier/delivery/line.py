"""The line of letters between claim and mail server: who is next, and when. Every instant is handed in.

First come, first served, but a letter whose domain has no place free lets others pass. Whether the pace
allows one more is asked *before* a letter leaves the line, so that none grows old in somebody's hands.
"""

import math
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from notifier.delivery.domains import Domains
from notifier.delivery.model import Letter
from notifier.delivery.owners import Lease
from notifier.delivery.pace import Pace
from notifier.delivery.pressure import Sign


class Held(NamedTuple):
    """A claimed letter: the lease it was claimed under, and since when (monotonic)."""

    lease: Lease
    letter: Letter
    since: float


class Begun(NamedTuple):
    """A letter that has left the line: its number in the pace, and when it left (monotonic)."""

    held: Held
    number: int
    at: float


class Line:
    """Holds letters until they begin. Instants are monotonic seconds."""

    def __init__(self, pace: Pace, domains: Domains) -> None:
        self._pace = pace
        self._domains = domains
        self._waiting: deque[Held] = deque()
        self._under_way = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def __iter__(self) -> Iterator[Held]:
        return iter(self._waiting)

    @property
    def room(self) -> int:
        """How many more letters the pace allows to be under way."""
        return max(0, self._pace.width - self._under_way)

    def ready(self, most: int) -> int:
        """Return how many letters, up to `most`, could begin as far as their domain is concerned."""
        if not self._domains.bounded:
            return min(most, len(self._waiting))
        able = (one for one in self._waiting if self._domains.has_room(one.letter.domain))
        return sum(1 for _ in islice(able, most))

    @property
    def oldest(self) -> Held | None:
        """The letter that has waited longest."""
        return self._waiting[0] if self._waiting else None

    def admit(self, letters: Sequence[Held], now: float) -> Mapping[int, Sequence[Held]]:
        """Let letters line up. Return those that cannot, by the seconds until they should come again."""
        if not self._domains.bounded:
            self._waiting += letters
            return {}
        put_off: defaultdict[int, list[Held]] = defaultdict(list)
        for held in letters:
            seconds = self._domains.put_off(held.letter.domain, now)
            if seconds > 0:
                put_off[math.ceil(seconds)].append(held)
            else:
                self._domains.line_up(held.letter.domain)
                self._waiting.append(held)
        return put_off

    def wait(self, now: float) -> float:
        """Return how many seconds the pace wants to pass before the next letter begins."""
        return self._pace.wait(now)

    def next(self, now: float) -> Begun | None:
        """Let the next letter begin, if one may."""
        if not self._waiting or not self.room or self._pace.wait(now) > 0:
            return None
        held = self._next_within_bounds(now) if self._domains.bounded else self._waiting.popleft()
        if held is None:
            return None
        self._under_way += 1
        return Begun(held, self._pace.begin(now), now)

    def end(self, begun: Begun, sign: Sign, now: float) -> None:
        """Give the place of a letter back, with what its end says of the pace."""
        self._under_way -= 1
        if self._domains.bounded:
            self._domains.end(begun.held.letter.domain, begun.at, now)
        if sign is Sign.WELL:
            self._pace.went_well(begun.number)
        elif sign is Sign.PRESSED:
            self._pace.pressed(begun.number)

    def put_back(self, held: Held) -> None:
        """Let a letter be the next again of those that wait as long: it went nowhere.

        Older ones that it had passed stay before it, so that the first in line is the oldest.
        """
        if self._domains.bounded:
            self._domains.line_up(held.letter.domain)
        waiting = enumerate(self._waiting)
        place = next((place for place, one in waiting if one.since >= held.since), len(self._waiting))
        self._waiting.insert(place, held)

    def take_out(self, unfit: Callable[[Held], bool]) -> Sequence[Held]:
        """Remove every waiting letter that is `unfit`, and return them."""
        out: list[Held] = []
        stay: deque[Held] = deque()
        for one in self._waiting:
            if unfit(one):
                if self._domains.bounded:
                    self._domains.leave_line(one.letter.domain)
                out.append(one)
            else:
                stay.append(one)
        self._waiting = stay
        return out

    def _next_within_bounds(self, now: float) -> Held | None:
        """Take the first letter whose domain has room out of the line."""
        places = enumerate(self._waiting)
        place = next((place for place, one in places if self._domains.has_room(one.letter.domain)), None)
        if place is None:
            return None
        held = self._waiting[place]
        del self._waiting[place]
        self._domains.leave_line(held.letter.domain)
        self._domains.begin(held.letter.domain, now)
        return held
