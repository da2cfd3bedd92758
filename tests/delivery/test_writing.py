"""Composing: others get their turn meanwhile, and one bad letter or too many slow ones hold up nobody."""

import asyncio
import time
from collections.abc import Callable
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
        parts=(b".\r\n",),
    )


def _slow(number: int, seconds: float) -> Letter:
    time.sleep(seconds)
    return _letter(number)


def _bad(number: int) -> Letter:
    raise ValueError(number)


def _unwritten(*letters: Callable[[], Letter]) -> Unwritten:
    """Return letters that are composed as these say; their ids are their places."""
    return Unwritten(
        delivery_ids=range(len(letters)), write=lambda places: [letters[place]() for place in places]
    )


async def test_others_get_their_turn_while_slow_letters_are_composed() -> None:
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    written = await write_letters([_unwritten(*(partial(_slow, one, 0.01) for one in range(20)))])
    counting.cancel()
    assert len(written.letters) == 20
    assert turns >= 15


async def test_what_there_is_no_time_for_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "WRITING_SECONDS", 0.0)
    found = [_unwritten(*(partial(_slow, one, 0.001) for one in range(3))), _unwritten(partial(_letter, 7))]
    written = await write_letters(found)
    assert [one.delivery_id for one in written.letters] == [0]
    assert written.left == [1, 2, 0]


async def test_letters_that_cannot_be_composed_hold_up_no_other() -> None:
    bad = {1, 6, 30}
    parts = [partial(_bad if one in bad else _letter, one) for one in range(40)]
    written = await write_letters([_unwritten(*parts), _unwritten(partial(_letter, 50))])
    assert [one.delivery_id for one in written.letters] == [*(one for one in range(40) if one not in bad), 50]
    assert (written.poisoned, written.left) == (sorted(bad), [])


async def test_what_is_quickly_done_is_composed_many_at_a_time_and_each_once_in_order() -> None:
    asked: list[range] = []

    def write(places: range) -> list[Letter]:
        asked.append(places)
        return [_letter(place) for place in places]

    written = await write_letters([Unwritten(delivery_ids=range(500), write=write)])
    assert [one.delivery_id for one in written.letters] == list(range(500))
    assert max(map(len, asked)) == writing.MOST_AT_ONCE
