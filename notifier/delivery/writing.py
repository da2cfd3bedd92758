"""Composing letters, after the transaction that decided what they say.

A letter whose like was composed before is joined from bytes; one with a content of its own, such as a digest,
takes some milliseconds. Others get their turn in between, and what takes too long altogether is given back:
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

POISON = (ValueError, LookupError, TypeError, ArithmeticError, AttributeError)
"""What is wrong with one delivery, and holds up no other."""

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
    began = turn = time.monotonic()
    for place, one in enumerate(found):
        try:
            letters.append(one.write())
        except POISON:
            log.exception("delivery_poisoned", extra={"delivery": one.delivery_id})
            poisoned.append(one.delivery_id)
        now = time.monotonic()
        if now - began > WRITING_SECONDS:
            left = [each.delivery_id for each in found[place + 1 :]]
            return Written(letters=letters, poisoned=poisoned, left=left)
        if now - turn > TURN_SECONDS:
            await asyncio.sleep(0)
            turn = time.monotonic()
    return Written(letters=letters, poisoned=poisoned, left=())
