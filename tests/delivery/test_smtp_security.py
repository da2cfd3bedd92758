"""TLS and AUTH with a real handshake: what is not secured as configured is not used."""

import re

import pytest

from notifier.delivery.model import ServerFault, Verdict
from notifier.delivery.smtp_server import SmtpServer
from notifier.settings import Security
from tests.delivery.cast import ENVELOPE, MakePool, letter
from tests.delivery.scripted_server import ScriptedServer, trusting_tls


async def test_starttls_then_login_then_the_letter(tls_server: ScriptedServer, make_pool: MakePool) -> None:
    tls_server.options["auth_required"] = True
    pool = make_pool(security=Security.STARTTLS, tls=trusting_tls(), username="notifier", password="right")
    assert (await pool.send(letter())).verdict is Verdict.ACCEPTED
    assert tls_server.verbs(1) == ["EHLO", "STARTTLS", "EHLO", "AUTH", *ENVELOPE]


async def test_a_wrong_password_is_the_servers_fault(tls_server: ScriptedServer, make_pool: MakePool) -> None:
    pool = make_pool(security=Security.STARTTLS, tls=trusting_tls(), username="notifier", password="wrong")
    with pytest.raises(ServerFault, match=re.escape("at AUTH: 535 5.7.8")):
        await pool.send(letter())
    assert "MAIL" not in tls_server.verbs(1)


async def test_without_starttls_nothing_is_sent_and_no_password_leaves(
    server: ScriptedServer, make_pool: MakePool
) -> None:
    server.options["auth_require_tls"] = False  # It would take the password in clear.
    pool = make_pool(security=Security.STARTTLS, tls=trusting_tls(), username="notifier", password="right")
    with pytest.raises(ServerFault, match="STARTTLS is required"):
        await pool.send(letter())
    assert server.verbs(1) == ["EHLO"]
    assert server.logins == []


async def test_a_user_where_the_server_knows_no_way_to_log_in_is_a_fault(
    tls_server: ScriptedServer, make_pool: MakePool
) -> None:
    tls_server.options["auth_exclude_mechanism"] = ["PLAIN", "LOGIN"]
    pool = make_pool(security=Security.STARTTLS, tls=trusting_tls(), username="notifier", password="right")
    with pytest.raises(ServerFault, match="at AUTH"):
        await pool.send(letter())


async def test_a_user_where_the_server_offers_no_auth_at_all_is_a_fault(
    secure_server: ScriptedServer, make_pool: MakePool
) -> None:
    secure_server.options["auth_require_tls"] = True  # aiosmtpd counts only STARTTLS as TLS here.
    pool = make_pool(port=secure_server.port, security=Security.TLS, tls=trusting_tls(), username="notifier")
    with pytest.raises(ServerFault, match="offers no AUTH"):
        await pool.send(letter())


async def test_a_certificate_nobody_vouches_for_is_refused(
    tls_server: ScriptedServer, make_pool: MakePool
) -> None:
    with pytest.raises(ServerFault, match=r"at STARTTLS: .*certificate"):
        await make_pool(security=Security.STARTTLS).send(letter())
    assert tls_server.taken == []


async def test_a_refused_starttls_is_the_servers_fault(
    tls_server: ScriptedServer, make_pool: MakePool
) -> None:
    tls_server.when("STARTTLS", "454 4.3.0 TLS not available now")
    with pytest.raises(ServerFault, match=re.escape("454 4.3.0 TLS not available now")):
        await make_pool(security=Security.STARTTLS, tls=trusting_tls()).send(letter())


async def test_a_server_that_demands_tls_of_a_plain_client_is_a_fault(
    tls_server: ScriptedServer, make_pool: MakePool
) -> None:
    tls_server.options["require_starttls"] = True
    with pytest.raises(ServerFault, match="530"):
        await make_pool().send(letter())


async def test_tls_from_the_first_byte(secure_server: ScriptedServer, make_pool: MakePool) -> None:
    pool = make_pool(
        port=secure_server.port,
        security=Security.TLS,
        tls=trusting_tls(),
        username="notifier",
        password="right",
    )
    assert (await pool.send(letter())).verdict is Verdict.ACCEPTED
    assert secure_server.verbs(1) == ["EHLO", "AUTH", *ENVELOPE]


async def test_tls_to_a_server_that_speaks_plain_is_the_servers_fault(
    server: ScriptedServer, make_pool: MakePool
) -> None:
    with pytest.raises(ServerFault, match="at connecting"):
        await make_pool(security=Security.TLS, tls=trusting_tls()).send(letter())
    assert server.verbs(1) == []


def test_a_password_over_an_unencrypted_connection_is_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match="unencrypted"):
        SmtpServer(host="relay", port=25, security=Security.PLAIN, username="notifier", password="secret")


def test_the_password_is_not_in_the_words_of_the_settings() -> None:
    server = SmtpServer(host="relay", port=465, security=Security.TLS, username="me", password="secret")
    assert "secret" not in repr(server)
