"""A server that serves fewer connections than are set, or breaks off over one letter: the others go on."""

import asyncio
from collections.abc import Sequence

import pytest

from notifier.delivery.breaker import SHORTEST_PAUSE
from notifier.delivery.connection_limit import MORE_AFTER_SECONDS
from notifier.delivery.model import Letter, Outcome, ServerFault, Verdict
from tests.delivery.cast import HandTime, MakePool, Pool, letter
from tests.delivery.scripted_server import DOT, GREETING, Act, ScriptedServer


def crowd(count: int, *, first: int = 0) -> list[Letter]:
    return [letter(f"reader{number}", number=number) for number in range(first, first + count)]


async def send_all(pool: Pool, letters: Sequence[Letter]) -> list[Outcome | BaseException]:
    return await asyncio.gather(*map(pool.send, letters), return_exceptions=True)


def verdicts(ends: Sequence[Outcome | BaseException]) -> set[Verdict | type[BaseException]]:
    return {end.verdict if isinstance(end, Outcome) else type(end) for end in ends}


async def test_what_works_is_kept_when_one_more_connection_is_too_many(
    server: ScriptedServer, make_pool: MakePool, caplog: pytest.LogCaptureFixture
) -> None:
    server.most_connections, server.answer_after = 3, 0.005
    pool = make_pool(connections=8)
    assert verdicts(await send_all(pool, crowd(60))) == {Verdict.ACCEPTED}
    assert len({mail.connection for mail in server.taken}) == 3
    assert server.connections == 8, "the server is not asked again and again"
    [said] = [one for one in caplog.records if one.message == "fewer_connections"]
    assert said.__dict__["connections"] == 3
    assert "421 4.7.0 Too many connections" in said.__dict__["reason"]


async def test_after_a_while_one_more_is_tried_and_then_as_many_as_there_may_be(
    server: ScriptedServer, make_pool: MakePool, hand_time: HandTime
) -> None:
    server.most_connections, server.answer_after = 3, 0.005
    pool = make_pool(connections=8)
    await send_all(pool, crowd(40))
    hand_time.seconds += MORE_AFTER_SECONDS
    assert verdicts(await send_all(pool, crowd(40))) == {Verdict.ACCEPTED}
    assert server.connections == 9, "one more was tried, in vain"
    server.most_connections = 6
    hand_time.seconds += MORE_AFTER_SECONDS
    assert verdicts(await send_all(pool, crowd(60))) == {Verdict.ACCEPTED}
    assert len(server.open_now) == 6
    assert server.connections == 13, "three more were opened, and the next was refused"


async def test_a_server_that_refuses_every_connection_is_one_fault(
    server: ScriptedServer, make_pool: MakePool, hand_time: HandTime
) -> None:
    server.when(GREETING, "421 4.3.2 Starting", times=4)
    pool = make_pool(connections=4)
    ends = await send_all(pool, crowd(6))
    assert verdicts(ends) == {ServerFault}
    assert {end.retry_after for end in ends if isinstance(end, ServerFault)} == {SHORTEST_PAUSE}
    hand_time.seconds += SHORTEST_PAUSE
    server.answer_after = 0.005
    assert verdicts(await send_all(pool, crowd(30))) == {Verdict.ACCEPTED}
    assert len(server.open_now) == 4, "that says nothing about how many there may be"


@pytest.mark.parametrize("verb", ["RCPT", "DATA", DOT])
async def test_421_over_some_letters_stops_no_others(
    server: ScriptedServer, make_pool: MakePool, verb: str
) -> None:
    server.when(verb, "421 4.7.0 Try again later", marker="busy")
    pool = make_pool(connections=2)
    for number in range(6):
        await pool.send(letter(f"reader{number}", number=number))
        busy = letter(f"busy{number}", number=100 + number)
        with pytest.raises(ServerFault) as fault:
            await pool.send(busy)
        assert fault.value.retry_after == 0, "nobody waits"
        assert (await pool.send(busy)).verdict is Verdict.RETRY
    assert [mail.recipient for mail in server.taken] == [f"reader{number}@example.org" for number in range(6)]


@pytest.mark.parametrize("act", ["421 4.3.0 Filter crashed", Act.DROP])
async def test_a_server_that_breaks_off_again_before_it_took_anything_is_left_alone(
    server: ScriptedServer, make_pool: MakePool, act: str | Act
) -> None:
    pool = make_pool(connections=1)
    await pool.send(letter("ada"))
    server.when("RCPT", act)
    first, second = [(await send_all(pool, [one]))[0] for one in crowd(2)]
    assert isinstance(first, ServerFault)
    assert isinstance(second, ServerFault)
    assert (first.retry_after, second.retry_after) == (0, SHORTEST_PAUSE)


async def test_the_reason_of_a_pause_names_no_address(server: ScriptedServer, make_pool: MakePool) -> None:
    server.when("RCPT", "421 4.7.0 <ada@example.org>: busy, ask Help.Desk@relay.example, please")
    with pytest.raises(ServerFault) as fault:
        await make_pool().send(letter())
    assert fault.value.reason.endswith("421 4.7.0 <…>: busy, ask <…>, please")
