"""Letters and refusals over real sockets: our verdict, and what the server saw. May not mock aiosmtplib."""

import pytest

from notifier.delivery.breaker import SHORTEST_PAUSE
from notifier.delivery.model import ServerFault, Verdict
from notifier.delivery.smtp import SmtpPool
from notifier.delivery.smtp_connection import REFUSALS_PER_CONNECTION
from notifier.delivery.smtp_server import SmtpServer
from notifier.settings import Security
from tests.delivery.cast import ENVELOPE, HandTime, MakePool, letter
from tests.delivery.scripted_server import DOT, ScriptedServer


async def test_an_accepted_letter_arrives_as_it_is(server: ScriptedServer, make_pool: MakePool) -> None:
    content = b"Subject: Dots\r\n\r\n.\r\n..two\r\nend\r\n"
    sent = letter("ada", number=7, content=content)
    outcome = await make_pool().send(sent)
    assert (outcome.verdict, outcome.code, outcome.reply) == (Verdict.ACCEPTED, 250, "2.0.0 Taken")
    assert outcome.letter is sent
    [mail] = server.taken
    assert (mail.sender, mail.recipient) == ("bounces+7@notifier.example", "ada@example.org")
    assert mail.content == content


@pytest.mark.parametrize("verb", ["RCPT", "DATA", DOT])
@pytest.mark.parametrize(
    ("reply", "verdict"),
    [
        ("550 5.1.1 <ada@example.org>: User unknown", Verdict.BAD_ADDRESS),
        ("550 No such user", Verdict.FAILED),
        ("451 4.3.0 Try again later", Verdict.RETRY),
    ],
)
async def test_a_refusal_is_judged_by_its_answer_wherever_it_comes(
    server: ScriptedServer, make_pool: MakePool, verb: str, reply: str, verdict: Verdict
) -> None:
    server.when(verb, reply, marker="ada")
    outcome = await make_pool().send(letter("ada"))
    assert (outcome.verdict, outcome.code) == (verdict, int(reply[:3]))
    assert outcome.reply == reply[4:]
    assert server.taken == []


async def test_after_a_refusal_the_next_letter_begins_with_rset_on_the_same_connection(
    server: ScriptedServer, make_pool: MakePool
) -> None:
    server.when("RCPT", "550 5.1.1 no", marker="ada")
    pool = make_pool()
    await pool.send(letter("ada", number=1))
    outcome = await pool.send(letter("bob", number=2))
    assert outcome.verdict is Verdict.ACCEPTED
    refused = ["MAIL", "RCPT", "DATA"] if server.pipelining else ["MAIL", "RCPT"]
    assert server.verbs(1) == ["EHLO", *refused, "RSET", *ENVELOPE]
    assert [mail.sender for mail in server.taken] == ["bounces+2@notifier.example"]


async def test_a_refused_rset_costs_a_connection_and_not_the_letter(
    server: ScriptedServer, make_pool: MakePool
) -> None:
    server.when("RCPT", "550 5.1.1 no", marker="ada")
    server.when("RSET", "500 What?")
    pool = make_pool()
    await pool.send(letter("ada"))
    assert (await pool.send(letter("bob"))).verdict is Verdict.ACCEPTED
    assert [mail.connection for mail in server.taken] == [2]


async def test_a_refused_client_at_rcpt_is_tried_again_and_blames_nobody(
    server: ScriptedServer, make_pool: MakePool
) -> None:
    server.when("RCPT", "554 5.7.1 <client>: Client host rejected")
    assert (await make_pool().send(letter())).verdict is Verdict.RETRY


@pytest.mark.parametrize("reply", ["550 5.7.1 Sender rejected", "451 4.3.0 Not now", "452 4.3.1 Disk full"])
async def test_a_refused_sender_is_the_servers_fault(
    server: ScriptedServer, make_pool: MakePool, reply: str
) -> None:
    server.when("MAIL", reply)
    with pytest.raises(ServerFault, match=f"at MAIL: {reply}") as fault:
        await make_pool().send(letter())
    assert fault.value.retry_after == SHORTEST_PAUSE


@pytest.mark.parametrize("reply", ["503 5.5.1 Bad sequence", "530 5.7.0 Authentication required"])
async def test_a_poisoned_or_unauthenticated_session_is_closed_and_blames_no_letter(
    server: ScriptedServer, make_pool: MakePool, hand_time: HandTime, reply: str
) -> None:
    server.when("RCPT", reply, times=1)
    pool = make_pool()
    with pytest.raises(ServerFault, match=reply):
        await pool.send(letter())
    hand_time.seconds += SHORTEST_PAUSE
    assert (await pool.send(letter())).verdict is Verdict.ACCEPTED
    assert [mail.connection for mail in server.taken] == [2]


async def test_the_fifth_refusal_ends_the_connection(server: ScriptedServer, make_pool: MakePool) -> None:
    server.when("RCPT", "550 5.1.1 no", marker="nobody")
    pool = make_pool()
    for number in range(REFUSALS_PER_CONNECTION):
        await pool.send(letter("nobody", number=number))
    assert server.connections == 1
    await pool.send(letter("ada"))
    assert server.connections == 2
    assert server.verbs(1)[-1] == "QUIT"


@pytest.mark.parametrize("reply", ["250 What?", "xyz", "354 Go on"])
async def test_an_answer_out_of_place_before_the_data_is_never_an_acceptance(
    server: ScriptedServer, make_pool: MakePool, reply: str
) -> None:
    server.when("DATA" if reply.startswith("250") else "RCPT", reply)
    with pytest.raises(ServerFault, match="unexpected answer"):
        await make_pool().send(letter())


async def test_an_address_beyond_ascii_fails_where_the_server_cannot_take_it(
    server: ScriptedServer, make_pool: MakePool
) -> None:
    outcome = await make_pool().send(letter("zoë"))
    assert (outcome.verdict, outcome.code) == (Verdict.FAILED, None)
    assert "SMTPUTF8" in outcome.reply


async def test_an_address_beyond_ascii_arrives_where_the_server_takes_it(
    server: ScriptedServer, make_pool: MakePool
) -> None:
    server.options["enable_SMTPUTF8"] = True
    assert (await make_pool().send(letter("zoë"))).verdict is Verdict.ACCEPTED
    assert [mail.recipient for mail in server.taken] == ["zoë@example.org"]


@pytest.mark.parametrize("name", ["ada>\r\nRCPT TO:<eve", "ada(home)", "ada bob", "ada, bob", "a\x00da"])
async def test_an_address_that_cannot_be_written_as_it_is_goes_to_nobody_else(
    server: ScriptedServer, make_pool: MakePool, name: str
) -> None:
    pool = make_pool()
    outcome = await pool.send(letter(name))
    assert (outcome.verdict, outcome.code) == (Verdict.FAILED, None)
    assert server.verbs(1) == ["EHLO"]
    assert (await pool.send(letter("bob"))).verdict is Verdict.ACCEPTED


async def test_a_server_that_knows_only_helo_is_served(server: ScriptedServer, make_pool: MakePool) -> None:
    server.when("EHLO", "502 5.5.1 Not implemented")
    assert (await make_pool().send(letter())).verdict is Verdict.ACCEPTED
    assert server.verbs(1)[:2] == ["EHLO", "HELO"]


def test_a_pool_needs_at_least_one_connection() -> None:
    with pytest.raises(ValueError, match="at least one connection"):
        SmtpPool(SmtpServer(host="relay", port=25, security=Security.PLAIN, connections=0))
