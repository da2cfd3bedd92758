"""A letter that somebody waits for: they hear of its end, also when there will be none."""

import asyncio

import pytest

from notifier.delivery.errand import Errand
from tests.delivery.cast import MakePool, letter
from tests.delivery.scripted_server import ScriptedServer


async def test_whoever_waits_hears_of_a_mistake_of_ours(make_pool: MakePool) -> None:
    broken = letter()._replace(parts=None)  # type: ignore[arg-type] - that is the mistake
    with pytest.raises((TypeError, AttributeError)):
        async with asyncio.timeout(3), Errand(make_pool().pool) as errand:
            await errand.send(broken)


async def test_whoever_gives_up_waiting_breaks_nothing_for_others(
    server: ScriptedServer, make_pool: MakePool
) -> None:
    server.answer_after = 0.2
    pool = make_pool(connections=1)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(pool.send(letter("ada", number=1)), 0.1)
    assert (await pool.send(letter("ben", number=2))).code == 250
