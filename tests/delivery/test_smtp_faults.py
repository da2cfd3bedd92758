"""A server that hangs up, falls silent or says 421, and how it is left alone.

Silence is awaited for a fifth of a second; the time of pauses is moved by hand. May not mock aiosmtplib.
"""

import asyncio
import re

import pytest

from notifier.delivery.breaker import SHORTEST_PAUSE
from notifier.delivery.model import ServerFault, Verdict
from tests.delivery.cast import HandTime, MakePool, letter
from tests.delivery.scripted_server import DOT, GREETING, Act, ScriptedServer


@pytest.mark.parametrize("act", [Act.DROP, Act.SILENCE])
@pytest.mark.parametrize("verb", [GREETING, "EHLO", "MAIL", "RCPT", "DATA"])
async def test_a_session_lost_before_the_final_dot_gives_the_letter_back(
    server: ScriptedServer, make_pool: MakePool, verb: str, act: Act
) -> None:
    server.when(verb, act)
    with pytest.raises(ServerFault) as fault:
        await make_pool(timeout=0.2).send(letter())
    assert fault.value.retry_after == SHORTEST_PAUSE
    assert server.taken == []


@pytest.mark.parametrize("act", [Act.DROP, Act.SILENCE])
async def test_a_session_lost_after_the_final_dot_leaves_doubt(
    server: ScriptedServer, make_pool: MakePool, hand_time: HandTime, act: Act
) -> None:
    server.when(DOT, act, times=1)
    pool = make_pool(end_of_data_timeout=0.2)
    outcome = await pool.send(letter())
    assert (outcome.verdict, outcome.code) == (Verdict.DOUBTFUL, None)
    assert "Not known if accepted" in outcome.reply
    with pytest.raises(ServerFault):  # Other letters are not thrown after it.
        await pool.send(letter(number=2))
    hand_time.seconds += SHORTEST_PAUSE
    assert (await pool.send(letter())).verdict is Verdict.ACCEPTED
    assert [mail.connection for mail in server.taken] == [1, 2]


async def test_an_unintelligible_answer_to_the_final_dot_leaves_doubt(
    server: ScriptedServer, make_pool: MakePool
) -> None:
    server.when(DOT, "okay")
    assert (await make_pool().send(letter())).verdict is Verdict.DOUBTFUL


@pytest.mark.parametrize("verb", [GREETING, "EHLO", "MAIL", "RCPT", "DATA", DOT])
async def test_421_is_the_servers_fault_wherever_it_comes(
    server: ScriptedServer, make_pool: MakePool, verb: str
) -> None:
    server.when(verb, "421 4.3.2 Shutting down")
    with pytest.raises(ServerFault, match=re.escape("421 4.3.2 Shutting down")):
        await make_pool().send(letter())
    assert server.taken == []


async def test_a_refused_greeting_is_the_servers_fault(server: ScriptedServer, make_pool: MakePool) -> None:
    server.when(GREETING, "554 5.7.1 No mail from you")
    with pytest.raises(ServerFault, match=re.escape("554 5.7.1 No mail from you")):
        await make_pool().send(letter())


async def test_nobody_listening_is_the_servers_fault(server: ScriptedServer, make_pool: MakePool) -> None:
    pool = make_pool()
    await server.stop()
    with pytest.raises(ServerFault, match=f"127.0.0.1:{server.port}"):
        await pool.send(letter())
    await server.start()


@pytest.mark.parametrize("act", [Act.DROP, "421 4.3.0 Filter crashed", "250 What?"])
async def test_a_letter_that_breaks_every_session_is_held_against_the_letter_in_the_end(
    server: ScriptedServer, make_pool: MakePool, hand_time: HandTime, act: str | Act
) -> None:
    server.when("DATA", act, marker="poison")
    pool = make_pool()
    with pytest.raises(ServerFault):
        await pool.send(letter("poison", number=1))
    hand_time.seconds += SHORTEST_PAUSE
    assert (await pool.send(letter("poison", number=1))).verdict is Verdict.RETRY
    hand_time.seconds += SHORTEST_PAUSE
    assert (await pool.send(letter("ada", number=2))).verdict is Verdict.ACCEPTED


async def test_a_server_in_trouble_is_left_alone_and_then_tried_by_one_letter(
    server: ScriptedServer, make_pool: MakePool, hand_time: HandTime
) -> None:
    server.when(GREETING, "421 4.3.2 Starting", times=2)
    pool = make_pool()
    with pytest.raises(ServerFault):
        await pool.send(letter())
    with pytest.raises(ServerFault, match=re.escape("421 4.3.2 Starting")) as held:
        await pool.send(letter())
    assert (held.value.retry_after, server.connections) == (SHORTEST_PAUSE, 1)
    hand_time.seconds += SHORTEST_PAUSE
    ends = await asyncio.gather(*(pool.send(letter(number=n)) for n in range(3)), return_exceptions=True)
    assert [type(end) for end in ends] == [ServerFault] * 3
    assert server.connections == 2
    hand_time.seconds += 2 * SHORTEST_PAUSE
    assert (await pool.send(letter())).verdict is Verdict.ACCEPTED
