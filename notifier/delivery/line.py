"""The line of letters between claim and mail server: who is next, and when.

First come, first served, but a letter whose domain has no place free lets others pass. Whoever takes a letter
waits for the pace *before* it leaves the line, so that no letter grows old in somebody's hands.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from notifier.delivery.domains import Domains
from notifier.delivery.model import Letter
from notifier.delivery.owners import Lease
from notifier.delivery.pace import Pace
from notifier.delivery.pressure import Sign


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A claimed letter: the lease it was claimed under, and since when (monotonic)."""

    lease: Lease
    letter: Letter
    since: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A letter that has left the line: its number in the pace, and when it left (monotonic)."""

    held: Held
    number: int
    at: float


class Line:
    """Holds letters for the senders. `monotonic` counts seconds."""

    def __init__(self, pace: Pace, domains: Domains, *, monotonic: Callable[[], float]) -> None:
        self._pace = pace
        self._domains = domains
        self._monotonic = monotonic
        self._waiting: deque[Held] = deque()
        self._under_way = 0
        self._closed = False
        self._turnstile = asyncio.Lock()
        self._changed = asyncio.Event()

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def ready(self) -> int:
        """How many letters could begin as far as their domain is concerned."""
        if not self._domains.bounded:
            return len(self._waiting)
        return sum(self._domains.has_room(one.letter.domain) for one in self._waiting)

    def admit(self, held: Held) -> float:
        """Let a letter line up and return 0; or else return after how many seconds it should come again."""
        put_off = self._domains.put_off(held.letter.domain, self._monotonic())
        if not put_off:
            self._domains.line_up(held.letter.domain)
            self._waiting.append(held)
            self._changed.set()
        return put_off

    async def take(self) -> Begun | None:
        """Wait until a letter may begin, and return it; None when the line is closed."""
        async with self._turnstile:
            while not self._closed:
                self._changed.clear()
                found = self._next()
                if found is None or self._under_way >= self._pace.width:
                    await self._changed.wait()
                elif (wait := self._pace.wait(self._monotonic())) > 0:
                    with contextlib.suppress(TimeoutError):  # woken early when the line changes or is closed
                        await asyncio.wait_for(self._changed.wait(), wait)
                else:
                    return self._begin(found)
            return None

    def end(self, begun: Begun, sign: Sign) -> None:
        """Give the place of a letter back, with what its end says of the pace."""
        self._under_way -= 1
        self._domains.end(begun.held.letter.domain, begun.at, self._monotonic())
        if sign is Sign.WELL:
            self._pace.went_well(begun.number)
        elif sign is Sign.PRESSED:
            self._pace.pressed(begun.number)
        self._changed.set()

    def take_out(self, unfit: Callable[[Held], bool]) -> Sequence[Held]:
        """Remove every waiting letter that is `unfit`, and return them."""
        out: list[Held] = []
        stay: deque[Held] = deque()
        for one in self._waiting:
            if unfit(one):
                self._domains.leave_line(one.letter.domain)
                out.append(one)
            else:
                stay.append(one)
        self._waiting = stay
        return out

    def close(self) -> None:
        """Let everybody who waits go."""
        self._closed = True
        self._changed.set()

    def _next(self) -> int | None:
        """Return the place of the first letter whose domain has room."""
        if not self._waiting:
            return None
        if not self._domains.bounded:
            return 0
        places = enumerate(self._waiting)
        return next((place for place, one in places if self._domains.has_room(one.letter.domain)), None)

    def _begin(self, place: int) -> Begun:
        held = self._waiting[place]
        del self._waiting[place]
        now = self._monotonic()
        self._domains.leave_line(held.letter.domain)
        self._domains.begin(held.letter.domain, now)
        self._under_way += 1
        return Begun(held=held, number=self._pace.begin(now), at=now)
