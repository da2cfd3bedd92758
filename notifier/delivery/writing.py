"""Composing letters, after the transaction that decided what they say.

A letter whose like was composed before is joined from bytes; one with news that nobody else had yet takes
some milliseconds. Others get their turn in between, and what takes too long altogether is given back:
it would be stale before a connection is free for it.
"""

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass

from notifier.delivery.model import Letter, Unwritten

WRITING_SECONDS = 1.0
"""How long the letters of one claim may take to compose."""

TURN_SECONDS = 0.005
"""After how long others get their turn."""

MOST_AT_ONCE = 64
"""Letters composed at a time while they are quickly done."""

POISON = (ValueError, LookupError, TypeError, ArithmeticError, AttributeError)
"""What is wrong with one row, a delivery or a date, and holds up no other."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Letters that can be sent; deliveries that cannot be composed; and those for which there was no time."""

    letters: Sequence[Letter]
    poisoned: Sequence[int]
    left: Sequence[int]


async def write_letters(found: Sequence[Unwritten]) -> Written:
    """Compose letters, as many as there is time for: one at least, so that there is always some progress."""
    letters: list[Letter] = []
    poisoned: list[int] = []
    left: list[int] = []
    turns = _Turns()
    for one in found:
        place, count = 0, len(one.delivery_ids)
        while place < count and not turns.over:
            some = range(place, min(count, place + turns.size))
            _write(one, some, letters, poisoned)
            place = some.stop
            await turns.pause()
        left += one.delivery_ids[place:]
    return Written(letters=letters, poisoned=poisoned, left=left)


def _write(one: Unwritten, places: range, letters: list[Letter], poisoned: list[int]) -> None:
    """Compose the letters of some places at once; if that fails, each for itself."""
    try:
        letters += one.write(places)
    except POISON:
        if len(places) > 1:
            for place in places:
                _write(one, range(place, place + 1), letters, poisoned)
            return
        delivery_id = one.delivery_ids[places.start]
        log.exception("delivery_poisoned", extra={"delivery": delivery_id})
        poisoned.append(delivery_id)


class _Turns:
    """How many letters are composed at a time (`size`), and whether all of the time is used up (`over`)."""

    def __init__(self) -> None:
        self.size = 1
        self.over = False
        self._began = self._turn = self._some = time.monotonic()

    async def pause(self) -> None:
        """Let others have their turn when it is time to; next time take as many letters as fit into one."""
        now = time.monotonic()
        self.over = now - self._began > WRITING_SECONDS
        quick = now - self._some < TURN_SECONDS / 4
        self.size = min(MOST_AT_ONCE, 2 * self.size) if quick else max(1, self.size // 4)
        if now - self._turn > TURN_SECONDS:
            await asyncio.sleep(0)
            self._turn = time.monotonic()
        self._some = time.monotonic()
