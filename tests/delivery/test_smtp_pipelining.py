"""Many letters at once over real sockets to a server that pipelines, and keeps its word or does not."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from notifier.delivery.model import Letter, Outcome, ServerFault, Verdict
from notifier.delivery.smtp_trust import PLAIN_SECONDS
from tests.delivery.cast import HandTime, MakePool, Pool, letter
from tests.delivery.scripted_server import DOT, Act, ScriptedServer


@pytest.fixture
async def server() -> AsyncIterator[ScriptedServer]:
    scripted = ScriptedServer(pipelining=True)
    await scripted.start()
    yield scripted
    await scripted.stop()


def crowd(count: int) -> list[Letter]:
    return [letter(f"reader{number}", number=number) for number in range(count)]


async def send_all(pool: Pool, letters: Sequence[Letter]) -> list[Outcome | BaseException]:
    return await asyncio.gather(*map(pool.send, letters), return_exceptions=True)


def recipients(server: ScriptedServer) -> list[str]:
    return sorted(mail.recipient for mail in server.taken)


async def test_a_crowd_is_told_once_each_over_few_connections(
    server: ScriptedServer, make_pool: MakePool
) -> None:
    letters = crowd(300)
    outcomes = await send_all(make_pool(connections=4), letters)
    assert {one.verdict for one in outcomes if isinstance(one, Outcome)} == {Verdict.ACCEPTED}
    assert recipients(server) == sorted(one.recipient for one in letters)
    assert server.most_open == 4
    for mail in server.taken:  # everybody under their own envelope
        assert mail.sender == f"bounces+{mail.recipient[6:].partition('@')[0]}@notifier.example"


async def test_the_next_envelope_rides_behind_the_final_dot(
    server: ScriptedServer, make_pool: MakePool
) -> None:
    server.answer_after = 0.05
    await send_all(make_pool(connections=1), crowd(5))
    assert server.read_ahead == 4, "all but the first"


@pytest.mark.parametrize("verb", [DOT, "MAIL", "RCPT"])
async def test_a_server_that_loses_what_is_pipelined_is_spoken_to_word_by_word(
    server: ScriptedServer,
    make_pool: MakePool,
    hand_time: HandTime,
    caplog: pytest.LogCaptureFixture,
    verb: str,
) -> None:
    server.forgets_after = verb
    pool = make_pool(connections=1, timeout=0.3)
    left = crowd(6)
    for _ in range(4):
        ends = await send_all(pool, left)
        left = [one for one, end in zip(left, ends, strict=True) if isinstance(end, ServerFault)]
        hand_time.seconds += 60
    assert left == []
    assert recipients(server) == [one.recipient for one in crowd(6)], "nobody lost, nobody twice"
    assert [one.message for one in caplog.records].count("pipelining_given_up") == 1

    server.forgets_after = ""
    hand_time.seconds += PLAIN_SECONDS
    before = server.connections
    await send_all(pool, crowd(6))
    assert (server.connections, server.read_ahead > 0) == (before + 1, True), (
        "an hour later it is tried again"
    )


async def test_a_server_that_has_kept_its_word_is_believed_to_have_another_trouble(
    server: ScriptedServer, make_pool: MakePool, caplog: pytest.LogCaptureFixture
) -> None:
    pool = make_pool(connections=1, timeout=0.3)
    await send_all(pool, crowd(4))
    server.when("RCPT", Act.SILENCE, marker="reader9@", times=1)
    ends = await send_all(pool, crowd(10)[8:])
    assert sum(isinstance(one, ServerFault) for one in ends) >= 1
    assert "pipelining_given_up" not in [one.message for one in caplog.records]


@pytest.mark.parametrize("verb", ["RCPT", "DATA", DOT])
async def test_refusals_in_the_middle_speak_of_those_they_are_about(
    server: ScriptedServer, make_pool: MakePool, verb: str
) -> None:
    server.when(verb, "550 5.1.1 no such user", marker="reader1")
    letters = crowd(30)
    outcomes = await send_all(make_pool(connections=2), letters)
    refused = [one.recipient for one in letters if one.recipient.startswith("reader1")]
    assert [
        one.letter.recipient
        for one in outcomes
        if isinstance(one, Outcome) and one.verdict is Verdict.BAD_ADDRESS
    ] == refused
    assert recipients(server) == sorted({one.recipient for one in letters} - set(refused))


async def test_a_connection_lost_after_a_dot_leaves_doubt_on_one_and_the_others_go_on(
    server: ScriptedServer, make_pool: MakePool, hand_time: HandTime
) -> None:
    server.when(DOT, Act.DROP, marker="reader3@")
    pool = make_pool(connections=1)
    letters = crowd(10)
    first = await send_all(pool, letters)
    verdicts = [one.verdict if isinstance(one, Outcome) else None for one in first]
    assert verdicts[:4] == [Verdict.ACCEPTED] * 3 + [Verdict.DOUBTFUL]
    assert set(verdicts[4:]) == {None}, "the server is left alone, and nothing of these was taken"
    hand_time.seconds += 5
    await send_all(pool, letters[4:])
    assert recipients(server) == [one.recipient for one in letters], "the doubtful one was taken: once"


async def test_after_a_pause_one_letter_alone_finds_out_whether_the_server_works(
    server: ScriptedServer, make_pool: MakePool, hand_time: HandTime
) -> None:
    server.when("MAIL", "421 4.3.2 Starting", times=4)
    pool = make_pool(connections=4)
    await send_all(pool, crowd(8))
    server.rules.clear()
    server.answer_after = 0.1
    hand_time.seconds += 60
    before = server.connections
    sending = asyncio.create_task(send_all(pool, crowd(8)))
    await asyncio.sleep(0.08)
    assert (server.connections, server.read_ahead) == (before + 1, 0), "one connection, nothing rides"
    ends = await sending
    assert {one.verdict for one in ends if isinstance(one, Outcome)} == {Verdict.ACCEPTED}
    assert len([one for one in ends if isinstance(one, Outcome)]) == 8


async def test_an_address_that_cannot_be_pipelined_goes_word_by_word_beside_the_others(
    server: ScriptedServer, make_pool: MakePool
) -> None:
    server.options["enable_SMTPUTF8"] = True
    letters = [*crowd(4), letter("zoë", number=90), *crowd(8)[4:]]
    outcomes = await send_all(make_pool(connections=2), letters)
    assert {one.verdict for one in outcomes if isinstance(one, Outcome)} == {Verdict.ACCEPTED}
    assert recipients(server) == sorted(one.recipient for one in letters)


def odd(number: int) -> Letter:
    """Return a letter to an address that does not stand in a command as it is."""
    return letter(number=number)._replace(recipient='"ada b"@example.org')


async def test_a_lone_letter_that_cannot_be_pipelined_finds_the_idle_plain_connection(
    server: ScriptedServer, make_pool: MakePool
) -> None:
    pool = make_pool(connections=4)
    await pool.send(odd(1))
    await send_all(pool, crowd(8))  # the pipelining ones fall idle last
    assert (await asyncio.wait_for(pool.send(odd(99)), 5)).verdict is Verdict.ACCEPTED


async def test_letters_that_cannot_be_pipelined_open_one_connection_within_the_bound(
    server: ScriptedServer, make_pool: MakePool
) -> None:
    server.answer_after = 0.05
    pool = make_pool(connections=2)
    await send_all(pool, [letter(number=1), odd(2), odd(3), letter(number=4), *crowd(20)[5:]])
    assert server.most_open <= 2
    assert len(server.taken) == 19
