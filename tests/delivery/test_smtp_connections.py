"""Which connections are kept, shared, replaced and closed. The time of idleness is moved by hand."""

import asyncio

import pytest

from notifier.delivery.model import ServerFault, Verdict
from notifier.delivery.smtp_connection import LONGEST_IDLE
from tests.delivery.cast import ENVELOPE, HandTime, MakePool, letter
from tests.delivery.scripted_server import Act, ScriptedServer


async def test_a_connection_is_kept_and_used_again(server: ScriptedServer, make_pool: MakePool) -> None:
    pool = make_pool()
    for number in range(5):
        await pool.send(letter(number=number))
    assert server.connections == 1
    assert server.verbs(1) == ["EHLO"] + 5 * ENVELOPE


async def test_ten_letters_at_once_share_three_connections(
    server: ScriptedServer, make_pool: MakePool
) -> None:
    server.answer_after = 0.02
    pool = make_pool(connections=3)
    outcomes = await asyncio.gather(*(pool.send(letter(number=number)) for number in range(10)))
    assert {outcome.verdict for outcome in outcomes} == {Verdict.ACCEPTED}
    assert len({mail.sender for mail in server.taken}) == 10
    assert (pool.pool.capacity, server.connections, server.most_open) == (6, 3, 3)


async def test_a_connection_that_ended_while_idle_blames_nobody(
    server: ScriptedServer, make_pool: MakePool
) -> None:
    pool = make_pool()
    await pool.send(letter(number=1))
    server.drop_all()
    await asyncio.sleep(0.01)
    assert (await pool.send(letter(number=2))).verdict is Verdict.ACCEPTED
    assert [mail.connection for mail in server.taken] == [1, 2]


@pytest.mark.parametrize("act", [Act.DROP, Act.SILENCE, "421 4.4.2 Idle for too long"])
async def test_a_kept_connection_found_dead_at_mail_is_replaced_at_once(
    server: ScriptedServer, make_pool: MakePool, act: str | Act
) -> None:
    pool = make_pool(timeout=0.5)
    await pool.send(letter("ada", number=1))
    server.when("MAIL", act, times=1)
    assert (await pool.send(letter("bob", number=2))).verdict is Verdict.ACCEPTED
    assert [(mail.connection, mail.recipient) for mail in server.taken] == [
        (1, "ada@example.org"),
        (2, "bob@example.org"),
    ]


async def test_a_server_that_also_ends_the_new_connection_is_at_fault(
    server: ScriptedServer, make_pool: MakePool
) -> None:
    pool = make_pool()
    await pool.send(letter(number=1))
    server.when("MAIL", "421 4.3.2 Shutting down")
    with pytest.raises(ServerFault, match="421"):
        await pool.send(letter(number=2))
    assert server.connections == 2


async def test_a_connection_ends_after_as_many_letters_as_are_set(
    server: ScriptedServer, make_pool: MakePool
) -> None:
    pool = make_pool(letters_per_connection=20)
    for number in range(21):
        await pool.send(letter(number=number))
    assert [mail.connection for mail in server.taken] == [1] * 20 + [2]
    assert server.verbs(1)[-1] == "QUIT"


async def test_a_connection_idle_for_long_is_not_trusted(
    server: ScriptedServer, make_pool: MakePool, hand_time: HandTime
) -> None:
    pool = make_pool()
    await pool.send(letter(number=1))
    hand_time.seconds += LONGEST_IDLE + 1
    await pool.send(letter(number=2))
    assert [mail.connection for mail in server.taken] == [1, 2]


async def test_closing_says_quit_and_takes_no_more_letters(
    server: ScriptedServer, make_pool: MakePool
) -> None:
    pool = make_pool()
    await pool.send(letter())
    await pool.close()
    await asyncio.sleep(0.02)
    assert server.verbs(1)[-1] == "QUIT"
    assert not server.open_now
    with pytest.raises(ServerFault, match="closed"):
        await pool.send(letter())


async def test_closing_gives_back_a_letter_under_way(server: ScriptedServer, make_pool: MakePool) -> None:
    server.when("RCPT", Act.SILENCE)
    pool = make_pool()
    sending = asyncio.create_task(pool.send(letter()))
    await asyncio.sleep(0.05)
    await pool.close()
    with pytest.raises(ServerFault):
        await sending
