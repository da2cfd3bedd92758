"""The line between claim and mail server: first come first served, domains at their bound let others pass."""

import asyncio
import time

from notifier.clock import machine_now
from notifier.delivery.domains import Domains
from notifier.delivery.line import Begun, Held, Line
from notifier.delivery.model import Letter
from notifier.delivery.owners import Lease
from notifier.delivery.pace import Pace
from notifier.delivery.pressure import Sign

LEASE = Lease(1, machine_now())


def held(number: int, domain: str = "one.example") -> Held:
    letter = Letter(
        delivery_id=number,
        subscriber_id=number,
        attempts=0,
        doubtful=0,
        sender="alerts@notifier.example",
        recipient=f"reader@{domain}",
        content=b"",
    )
    return Held(lease=LEASE, letter=letter, since=time.monotonic())


def line_of(*letters: Held, most: int = 8, per_domain: int = 0, per_second: int = 0) -> Line:
    line = Line(Pace(most=most, per_second=per_second), Domains(per_domain), monotonic=time.monotonic)
    for one in letters:
        assert line.admit(one) == 0
    return line


async def take(line: Line) -> Begun:
    found = await asyncio.wait_for(line.take(), 5)
    assert found is not None
    return found


def number(begun: Begun) -> int:
    return begun.held.letter.delivery_id


async def nobody_gets_one(line: Line) -> asyncio.Task[Begun | None]:
    """Return a taker that waits."""
    taker = asyncio.create_task(line.take())
    await asyncio.sleep(0.05)
    assert not taker.done()
    return taker


async def test_letters_leave_in_the_order_in_which_they_came() -> None:
    line = line_of(*map(held, range(5)))
    assert [number(await take(line)) for _ in range(5)] == [0, 1, 2, 3, 4]


async def test_no_more_are_under_way_than_the_pace_allows() -> None:
    line = line_of(*map(held, range(3)), most=2)
    first = await take(line)
    await take(line)
    taker = await nobody_gets_one(line)
    line.end(first, Sign.WELL)
    third = await asyncio.wait_for(taker, 5)
    assert third is not None
    assert number(third) == 2


async def test_a_sign_of_pressure_makes_the_line_slower() -> None:
    line = line_of(*map(held, range(6)), most=4)
    begun = [await take(line) for _ in range(4)]
    for one in begun:
        line.end(one, Sign.PRESSED)
    await take(line)
    await take(line)
    taker = await nobody_gets_one(line)  # two at once, no longer four
    taker.cancel()


async def test_a_domain_at_its_bound_lets_others_pass_and_goes_on_when_it_has_room() -> None:
    slow = [held(number, "slow.example") for number in range(3)]
    line = line_of(*slow, held(10), held(11), per_domain=1)
    assert line.ready == 5
    first = await take(line)
    assert [number(await take(line)), line.ready] == [10, 0]
    taker = await nobody_gets_one(line)
    line.end(first, Sign.WELL)
    second = await asyncio.wait_for(taker, 5)
    assert second is not None
    assert number(second) == 1
    assert len(line) == 2


async def test_a_configured_pace_is_kept_while_the_letters_stay_in_line() -> None:
    line = line_of(*map(held, range(9)), most=9, per_second=20)
    began = time.monotonic()
    for _ in range(9):
        await take(line)
    assert time.monotonic() - began >= 8 / 20 - 0.06  # what a late timer may make up for


async def test_what_is_unfit_is_taken_out_and_the_rest_keeps_its_order() -> None:
    line = line_of(*map(held, range(6)), per_domain=3)
    out = line.take_out(lambda one: one.letter.delivery_id % 2 == 0)
    assert [one.letter.delivery_id for one in out] == [0, 2, 4]
    assert [number(await take(line)) for _ in range(3)] == [1, 3, 5]


async def test_a_closed_line_lets_everybody_go_at_once_even_from_a_long_rest() -> None:
    line = line_of(held(1), held(2), per_second=1)
    await take(line)
    takers = [asyncio.create_task(line.take()) for _ in range(3)]
    await asyncio.sleep(0.02)
    line.close()
    assert await asyncio.wait_for(asyncio.gather(*takers), 0.5) == [None] * 3
    assert len(line) == 1
