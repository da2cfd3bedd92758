"""A server that answers more often than it is asked, at great length, or one byte at a time.

What no client can know is here too: an answer too many that comes just when the right one is awaited looks
like the right one.
"""

import asyncio
from collections import Counter

import pytest

from notifier.delivery.model import ServerFault, Verdict
from tests.delivery.cast import HandTime, MakePool, letter
from tests.delivery.scripted_server import DOT, GREETING, ScriptedServer

PAUSE = 60.0


async def test_an_answer_too_many_behind_the_354_is_not_taken_for_the_acceptance_of_the_mail(
    server: ScriptedServer, make_pool: MakePool
) -> None:
    server.adds["DATA"] = "250 2.0.0 Ok"
    server.when(DOT, "554 5.7.1 Looks like spam")
    with pytest.raises(ServerFault, match="an answer to nothing"):
        await make_pool().send(letter())
    assert DOT not in server.verbs(1), "no body is given to a server that is out of step"


async def test_the_beginning_of_an_answer_behind_the_354_is_noticed_too(
    server: ScriptedServer, make_pool: MakePool
) -> None:
    server.adds["DATA"] = "250-2.0.0 Ok, and"
    with pytest.raises(ServerFault, match="an answer to nothing"):
        await make_pool().send(letter())
    assert server.taken == []


async def test_an_acceptance_before_the_mail_is_out_leaves_doubt(
    server: ScriptedServer, make_pool: MakePool
) -> None:
    server.adds["DATA"], server.adds_after = "250 2.0.0 Ok", 0.05
    server.when(DOT, "554 5.7.1 Looks like spam")
    large = 20_000 * (b"Subject: " + 990 * b"x" + b"\r\n")  # more than lies between two programs
    outcome = await make_pool().send(letter(content=large))
    assert outcome.verdict is Verdict.DOUBTFUL
    assert "an answer before the end of the data" in outcome.reply


async def test_an_answer_too_many_that_comes_when_the_mail_is_out_cannot_be_told_from_the_right_one(
    server: ScriptedServer, make_pool: MakePool
) -> None:
    server.adds["DATA"], server.adds_after = "250 2.0.0 Ok", 0.05
    server.when(DOT, "554 5.7.1 Looks like spam")
    pool = make_pool(timeout=0.5)
    assert (await pool.send(letter())).verdict is Verdict.ACCEPTED, "wrongly, and nobody could know"
    server.rules.clear()
    server.adds.clear()
    await asyncio.sleep(0.1)
    assert (await pool.send(letter("bob"))).verdict is Verdict.ACCEPTED, "it blames no other"


@pytest.mark.parametrize("after", [0.0, 0.02])
@pytest.mark.parametrize("verb", [GREETING, "EHLO", "MAIL", "RCPT", DOT])
async def test_after_an_answer_too_many_nobody_is_refused_in_the_place_of_another(
    server: ScriptedServer, make_pool: MakePool, hand_time: HandTime, verb: str, after: float
) -> None:
    server.adds[verb], server.adds_after = "250 2.0.0 Ok", after
    server.when("RCPT", "550 5.1.1 no such user", marker="nobody")
    pool = make_pool(connections=1, timeout=0.5)
    names = ["ada", "nobody", "bob", "cora"]
    ends = {name: Counter[str]() for name in names}
    for _ in range(3):
        found = await asyncio.gather(
            *(pool.send(letter(name, number=number)) for number, name in enumerate(names)),
            return_exceptions=True,
        )
        for name, end in zip(names, found, strict=True):
            ends[name]["fault" if isinstance(end, ServerFault) else end.verdict] += 1  # type: ignore[union-attr]
        hand_time.seconds += PAUSE
    accepted = Counter(mail.recipient.partition("@")[0] for mail in server.taken)
    for name in names:
        assert (ends[name][Verdict.BAD_ADDRESS] > 0) <= (name == "nobody"), "no other address is blamed"
        assert ends[name][Verdict.ACCEPTED] <= accepted[name], "what is called accepted was taken"
        assert accepted[name] <= ends[name][Verdict.ACCEPTED] + ends[name][Verdict.DOUBTFUL]


async def test_a_server_that_answers_byte_by_byte_is_given_up_when_one_answer_takes_too_long(
    server: ScriptedServer, make_pool: MakePool
) -> None:
    server.slow_verb, server.byte_seconds = "RCPT", 0.2
    started = asyncio.get_running_loop().time()
    with pytest.raises(ServerFault, match="RCPT"):
        await make_pool(timeout=0.3).send(letter())
    assert asyncio.get_running_loop().time() - started < 1.5, "an answer of 8 bytes takes longer"
    assert server.taken == []


async def test_a_server_whose_answers_come_slowly_but_in_time_is_waited_for(
    server: ScriptedServer, make_pool: MakePool
) -> None:
    server.slow_verb, server.byte_seconds = "MAIL", 0.005
    assert (await make_pool(timeout=0.5).send(letter())).verdict is Verdict.ACCEPTED


@pytest.mark.parametrize("verb", [GREETING, "EHLO", "MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("answer", ["250 " + 9_000 * "x", "\r\n".join(9_000 * ["250-on and on"])])
async def test_an_answer_longer_than_any_server_needs_is_the_servers_fault(
    server: ScriptedServer, make_pool: MakePool, verb: str, answer: str
) -> None:
    server.when(verb, answer)
    with pytest.raises(ServerFault) as fault:
        await make_pool(timeout=0.5).send(letter())
    assert len(fault.value.reason) <= 120
    assert server.taken == []


async def test_an_over_long_answer_to_the_final_dot_leaves_doubt(
    server: ScriptedServer, make_pool: MakePool
) -> None:
    server.when(DOT, "250 " + 9_000 * "x")
    assert (await make_pool().send(letter())).verdict is Verdict.DOUBTFUL
