"""The mail server examined over real sockets: what it offers, and every way in which it cannot be used."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from notifier.cli.examining import relay, sample
from notifier.cli.finding import Finding, Verdict
from notifier.delivery.smtp_server import SmtpServer
from notifier.settings import Security
from tests.cli.examining.cast import NOW, settings, short
from tests.delivery.scripted_server import EXPIRED, GREETING, Act, ScriptedServer, server_tls, trusting_tls
from tests.journeys.house import free_port

TO = "ada@charity.example"


@pytest.fixture
async def relaying() -> AsyncIterator[ScriptedServer]:
    """A server with STARTTLS, AUTH, SIZE and SMTPUTF8."""
    scripted = ScriptedServer(
        options={"tls_context": server_tls(), "enable_SMTPUTF8": True, "data_size_limit": 20_000_000}
    )
    await scripted.start()
    yield scripted
    await scripted.stop()


def server(port: int, **changes: Any) -> SmtpServer:
    usual: dict[str, Any] = {
        "security": Security.STARTTLS,
        "username": "notifier",
        "password": "right",
        "tls": trusting_tls(),
        "timeout": 2,
        "end_of_data_timeout": 2,
    }
    return SmtpServer(host="localhost", port=port, **(usual | changes))


async def only(port: int, **changes: Any) -> Finding:
    [found] = await relay.greet(server(port, **changes), now=NOW)
    assert found.verdict is Verdict.FAILED
    assert found.subject == "mail server"
    assert found.remedy
    assert "right" not in found.sentence
    return found


async def test_a_good_relay_is_told_with_all_it_offers_and_nothing_is_sent(relaying: ScriptedServer) -> None:
    found = await relay.greet(server(relaying.port), now=NOW)
    assert short(found) == [("mail server", "ok"), ("mail encryption", "ok"), ("mail extensions", "ok")]
    taken, tls, extensions = (one.sentence for one in found)
    assert taken == f"localhost port {relaying.port} takes us as notifier; it was sent nothing."
    assert tls.startswith("TLSv1.3 with TLS_")
    assert "its certificate is for localhost, 127.0.0.1 and valid for 3" in tls
    assert extensions.startswith("Offered: SMTPUTF8, SIZE, mails up to 20 MB. Not offered: PIPELINING.")
    assert relaying.verbs(1)[:4] == ["EHLO", "STARTTLS", "EHLO", "AUTH"]
    assert "MAIL" not in relaying.verbs(1)


async def test_a_certificate_that_soon_ends_is_told(relaying: ScriptedServer) -> None:
    late = NOW.replace(year=2126, month=10, day=20)
    found = await relay.greet(server(relaying.port), now=late)
    assert ("mail encryption", "attention") in short(found)


async def test_an_expired_certificate_is_refused(relaying: ScriptedServer) -> None:
    relaying.options["tls_context"] = server_tls(EXPIRED)
    found = await only(relaying.port, tls=trusting_tls(EXPIRED))
    assert "STARTTLS" in found.sentence
    assert "certificate has expired" in found.sentence


async def test_a_relay_without_starttls_is_refused_and_gets_no_password(relaying: ScriptedServer) -> None:
    relaying.options = {"auth_require_tls": False}
    found = await only(relaying.port)
    assert "STARTTLS is required, and the server does not offer it" in found.sentence
    assert relaying.logins == []


async def test_a_wrong_password_is_told_with_the_servers_words(relaying: ScriptedServer) -> None:
    found = await only(relaying.port, password="wrong")
    assert "at AUTH: 535" in found.sentence
    assert "mail.password" in found.remedy


async def test_a_closed_port_is_told() -> None:
    found = await only(free_port())
    assert "at connecting" in found.sentence
    assert "mail.port" in found.remedy


async def test_a_port_that_says_nothing_is_told_within_the_time(relaying: ScriptedServer) -> None:
    relaying.when(GREETING, Act.SILENCE)
    async with asyncio.timeout(5):
        found = await only(relaying.port, timeout=0.3)
    assert "at connecting" in found.sentence


async def test_a_server_in_clear_is_fine_on_this_machine_alone(relaying: ScriptedServer) -> None:
    relaying.options = {}
    plain = server(relaying.port, security=Security.PLAIN, username=None, password=None)
    found = await relay.greet(plain, now=NOW)
    assert short(found)[:2] == [("mail server", "ok"), ("mail connection", "ok")]
    await asyncio.sleep(0.05)
    assert relaying.verbs(1) == ["EHLO", "QUIT"]


async def test_a_test_mail_goes_over_the_real_transport_and_the_reply_is_shown(
    relaying: ScriptedServer,
) -> None:
    letter = sample.test_letter(settings(), to=TO, now=NOW)
    [found] = await relay.send(server(relaying.port), letter)
    assert found.verdict is not Verdict.FAILED
    assert found.sentence == f"Handed to localhost for {TO}; its answer: 250 2.0.0 Taken"
    [mail] = relaying.taken
    assert (mail.recipient, mail.content) == (TO, letter.content)


@pytest.mark.parametrize(
    ("verb", "act", "words"),
    [
        ("RCPT", "554 5.7.1 Relay access denied", "did not take it: 554 5.7.1 Relay access denied"),
        ("MAIL", "550 5.7.1 Sender refused", "was not sent: localhost"),
        (".", "554 5.7.1 Spam", "did not take it: 554 5.7.1 Spam"),
    ],
)
async def test_a_test_mail_that_is_refused_is_told_with_the_reply(
    relaying: ScriptedServer, verb: str, act: str, words: str
) -> None:
    relaying.when(verb, act)
    letter = sample.test_letter(settings(), to=TO, now=NOW)
    [found] = await relay.send(server(relaying.port), letter)
    assert found.verdict is Verdict.FAILED
    assert words in found.sentence


async def test_a_letter_is_not_changed_by_who_asks() -> None:
    one, other = (sample.test_letter(settings(), to=TO, now=NOW) for _ in range(2))
    assert one._replace(parts=()) == other._replace(parts=())
