"""Composing: others get their turn meanwhile, and one bad letter or too many slow ones hold up nobody."""

import asyncio
import time
from functools import partial

import pytest

from notifier.delivery import writing
from notifier.delivery.model import Letter, Unwritten
from notifier.delivery.writing import write_letters


def _letter(number: int) -> Letter:
    return Letter(
        delivery_id=number,
        subscriber_id=number,
        attempts=0,
        doubtful=0,
        sender="alerts@example.org",
        recipient="ada@example.org",
        data=b".\r\n",
    )


def _slow(number: int, seconds: float) -> Letter:
    time.sleep(seconds)
    return _letter(number)


def _bad(number: int) -> Letter:
    raise ValueError(number)


async def test_others_get_their_turn_while_slow_letters_are_composed() -> None:
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    found = [Unwritten(delivery_id=one, write=partial(_slow, one, 0.01)) for one in range(20)]
    written = await write_letters(found)
    counting.cancel()
    assert len(written.letters) == 20
    assert turns >= 15


async def test_what_there_is_no_time_for_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "WRITING_SECONDS", 0.0)
    found = [Unwritten(delivery_id=one, write=partial(_slow, one, 0.001)) for one in (1, 2, 3)]
    written = await write_letters(found)
    assert [one.delivery_id for one in written.letters] == [1]
    assert written.left == [2, 3]


async def test_a_letter_that_cannot_be_composed_holds_up_no_other() -> None:
    found = [
        Unwritten(delivery_id=1, write=partial(_letter, 1)),
        Unwritten(delivery_id=2, write=partial(_bad, 2)),
        Unwritten(delivery_id=3, write=partial(_letter, 3)),
    ]
    written = await write_letters(found)
    assert [one.delivery_id for one in written.letters] == [1, 3]
    assert (written.poisoned, written.left) == ([2], ())
