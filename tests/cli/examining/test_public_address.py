"""The public address asked over real sockets, with TLS and without: who answers, how, and by which clock."""

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from notifier.cli.examining import public_address
from notifier.cli.examining.public_address import Answer, ask, clock, judge
from notifier.cli.finding import Finding
from tests.cli.examining.cast import short
from tests.delivery.scripted_server import EXPIRED, server_tls, trusting_tls
from tests.journeys.house import free_port

HSTS = {"Strict-Transport-Security": "max-age=1"}


async def look(
    *,
    text: str = "The process answers.\n",
    status: int = 200,
    tls: ssl.SSLContext | None = None,
    trust: ssl.SSLContext | None = None,
    **headers: str,
) -> list[Finding]:
    """Ask a server that answers so."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, text=text, headers=headers)

    application = web.Application()
    application.router.add_get("/health/live", answer)
    server = TestServer(application)
    await server.start_server(ssl=tls)
    try:
        url = str(server.make_url("")).rstrip("/").replace("127.0.0.1", "localhost")
        now = datetime.now(UTC)
        return list(judge(await ask(url, now=now, tls=trust), url, now))
    finally:
        await server.close()


async def test_the_service_behind_good_tls_is_fine() -> None:
    [found] = await look(tls=server_tls(), trust=trusting_tls(), **HSTS)
    assert found.verdict == "ok"
    assert "its certificate is for localhost, 127.0.0.1 and valid for" in found.sentence


async def test_a_proxy_that_does_not_insist_on_encryption_is_told() -> None:
    found = await look(tls=server_tls(), trust=trusting_tls())
    assert short(found) == [("public address", "ok"), ("public address", "attention")]


async def test_a_service_in_clear_is_not_asked_for_more() -> None:
    assert short(await look()) == [("public address", "ok")]


@pytest.mark.parametrize(
    ("text", "status"), [("Welcome to nginx", 200), ("", 301), ("The process", 200), ("", 502)]
)
async def test_whoever_else_answers_is_not_taken_for_the_service(text: str, status: int) -> None:
    [found] = await look(text=text, status=status)
    assert (found.verdict, f"status {status}" in found.sentence) == ("attention", True)


@pytest.mark.parametrize("trusts", [True, False])
async def test_a_certificate_that_browsers_refuse_fails(trusts: bool) -> None:
    trust = trusting_tls(EXPIRED) if trusts else None
    [found] = await look(tls=server_tls(EXPIRED), trust=trust)
    assert found.verdict == "failed"
    assert ("has expired" if trusts else "certificate") in found.sentence


async def test_an_address_that_does_not_answer_is_told() -> None:
    url = f"http://localhost:{free_port()}"
    now = datetime.now(UTC)
    [found] = judge(await ask(url, now=now), url, now)
    assert (found.verdict, "does not answer from here" in found.sentence) == ("attention", True)


async def test_an_address_that_hangs_is_told_within_the_time(monkeypatch: pytest.MonkeyPatch) -> None:

    monkeypatch.setattr(public_address, "PATIENCE_SECONDS", 0.3)
    writers: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(lambda _, writer: writers.append(writer), "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    answer = await asyncio.wait_for(ask(url, now=datetime.now(UTC)), 5)
    server.close()
    for writer in writers:
        writer.close()
        await writer.wait_closed()
    assert answer.unreached


@pytest.mark.parametrize(
    ("offset", "verdict", "words"),
    [
        (None, "ok", "Not compared"),
        (1.0, "ok", "to 1 seconds"),
        (-29.0, "ok", "to 29 seconds"),
        (45.0, "attention", "45 seconds behind that of alerts.example"),
        (-300.0, "attention", "300 seconds ahead of that of alerts.example"),
    ],
)
def test_the_clock_is_judged_by_the_date_of_an_answer(offset: float | None, verdict: str, words: str) -> None:
    found = clock(Answer(offset=offset), "https://alerts.example")
    assert (found.verdict, words in found.sentence) == (verdict, True)


async def test_a_date_is_compared_and_one_that_is_none_is_not() -> None:
    ahead = format_datetime(datetime.now(UTC) + timedelta(minutes=5), usegmt=True)
    for date, near in ((ahead, 300.0), ("nonsense", None)):

        async def answer(_: web.Request, date: str = date) -> web.Response:
            return web.Response(text="x", headers={"Date": date})

        application = web.Application()
        application.router.add_get("/health/live", answer)
        async with TestServer(application) as server:
            got = await ask(str(server.make_url("")).rstrip("/"), now=datetime.now(UTC))
        assert got.offset == (None if near is None else pytest.approx(near, abs=10))
