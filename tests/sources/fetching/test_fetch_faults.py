"""Servers that cannot or must not be reached, or do not speak as they should: a sentence for each."""

import asyncio
import random
import socket
from collections.abc import AsyncIterator
from ipaddress import ip_network

import pytest

from notifier.sources.fetching.fetcher import Asking, FetchError, Page
from tests.delivery.scripted_server import server_tls
from tests.sources.fetching.fetch_server import Site, failure, fetching, raw, resolving, serving

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with serving() as one:
        one.page("/x")
        yield one


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "0x7f000001", "2130706433", "127.1", "0", "[::1]", "[::ffff:127.0.0.1]"],
)
async def test_this_machine_is_not_asked_under_any_of_its_names(site: Site, host: str) -> None:
    error = await failure(site.url("/x", host), allowed=())
    ways = ("is not on the public internet", "is not found", "is not a web address")
    assert any(way in error.sentence for way in ways)
    assert site.asked == []


async def test_a_refused_address_is_named_to_whoever_may_allow_it(site: Site) -> None:
    error = await failure(site.url("/x"), allowed=())
    assert error.sentence == (
        f"{site.url('/x')} leads to 127.0.0.1, which is not on the public internet; if it is yours, name its "
        "network in allow_private"
    )


async def test_a_name_with_a_refused_and_an_allowed_address_leads_to_the_allowed_one(
    site: Site, monkeypatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", resolving("127.0.0.1", "127.0.0.2"))
    async with fetching(allowed=(ip_network("127.0.0.2"),)) as fetcher:
        assert isinstance(await fetcher.get(Asking(url=site.url("/x", "two.example"))), Page)
    assert site.headers[0]["Host"] == f"two.example:{site.port}"


async def test_a_name_that_leads_here_is_refused_whatever_it_led_to_before(site: Site, monkeypatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", resolving("127.0.0.1", "127.0.0.2"))
    error = await failure(site.url("/x", "rebound.example"), allowed=())
    assert "leads to 127.0.0." in error.sentence
    assert site.asked == []


async def test_a_redirect_does_not_lead_to_a_refused_address(site: Site) -> None:
    """Nobody goes there by himself; and when the caller does, the guard stands there too."""
    inside = "http://10.0.0.1/x"
    site.moved("/x", inside)
    async with fetching() as fetcher:
        moved = await fetcher.get(Asking(url=site.url("/x")))
        with pytest.raises(FetchError, match=r"leads to 10\.0\.0\.1"):
            await fetcher.get(Asking(url=moved.location))


async def test_a_name_that_is_not_found_is_told(monkeypatch) -> None:
    def resolve(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    error = await failure("http://nowhere.example/x?key=s3cret")
    assert error.sentence == (
        "http://nowhere.example/x?… cannot be reached: the name 'nowhere.example' is not found"
    )


async def test_a_server_that_is_down_is_told() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/"
        assert (await failure(url)).sentence.startswith(f"{url} cannot be reached: Connect")


async def test_a_certificate_that_is_not_valid_is_told() -> None:
    async with raw(OK, ssl=server_tls()) as url:
        secure = url.replace("http:", "https:")
        error = await failure(secure)
    assert error.sentence.startswith(f"{secure} shows a certificate that is not valid: ")
    assert "self" in error.sentence


async def test_a_server_without_tls_is_told(site: Site) -> None:
    url = site.url("/x").replace("http:", "https:")
    assert (await failure(url)).sentence.startswith(f"{url} does not speak TLS as it should: ")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"", "hung up without an answer"),
        (b"220 mail.example.org ESMTP\r\n", "gave an answer that is not HTTP"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 20_000 + b"\r\n\r\n", "gave an answer that is not HTTP"),
        (OK + b"X: y\r\n" * 500 + b"\r\n", "gave an answer that is not HTTP"),
        (OK + b"Content-Length: 10\r\n\r\nshort", "broke off in the middle of its page"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n", "broke off in the middle of its page"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\nz\r\n", "gave an answer that is not HTTP"),
    ],
)
async def test_an_answer_that_is_none_is_told(answer: bytes, words: str) -> None:
    async with raw(answer) as url:
        assert (await failure(url)).sentence == f"{url} {words}"


@pytest.mark.parametrize("answer", [b"", OK, OK + b"Content-Length: 10\r\n\r\nshort"])
async def test_a_server_that_hangs_is_left(answer: bytes) -> None:
    async with raw(answer, hang=True) as url:
        assert (await failure(url, timeout_seconds=0.3)).sentence == f"{url} took longer than 0.3 s"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "x",
        "file:///etc/passwd",
        "ftp://a/",
        "http://",
        "http://a:b/",
        "http://[::1",
        "http://a b/",
        "http://.../",
    ],
)
async def test_what_is_no_web_address_is_refused(url: str) -> None:
    error = await failure(url)
    assert "is not a web address" in error.sentence or "cannot be reached" in error.sentence


async def test_a_password_in_an_address_is_neither_sent_nor_shown(site: Site) -> None:
    error = await failure(site.url("/x", "us:s3cret@127.0.0.1"))
    assert "s3cret" not in error.sentence
    assert site.asked == []


async def test_any_answer_at_all_is_a_page_or_a_fetch_error() -> None:
    """Also one that no server would write: bytes of a good answer are changed, cut and doubled by chance."""
    chance = random.Random(4)  # noqa: S311 - the same answers each time
    good = (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Encoding: gzip\r\n"
        b"Transfer-Encoding: chunked\r\nLocation: /y\r\nRetry-After: 5\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
    )
    sentences: list[str] = []
    for _ in range(150):
        answer = bytearray(
            good.replace(b"200", chance.choice([b"200", b"301", b"304", b"429", b"503", b"100"]))
        )
        for _ in range(chance.randrange(4)):
            answer[chance.randrange(len(answer))] = chance.randrange(256)
        cut = chance.choice([len(answer), chance.randrange(len(answer))])
        async with raw(bytes(answer[:cut])) as url, fetching(timeout_seconds=1) as fetcher:
            try:
                await fetcher.get(Asking(url=url, etag='"1"'))
            except FetchError as error:
                sentences.append(error.sentence)
    assert len({sentence.partition("/x ")[2] for sentence in sentences}) > 4  # it is not always the same
    assert all(sentence.isascii() for sentence in sentences)


async def test_a_request_that_is_cancelled_leaves_nothing_open(site: Site) -> None:
    started = asyncio.Event()

    async def hanging(_: object) -> None:
        started.set()
        await asyncio.sleep(60)

    site.answers["/slow"] = hanging
    async with fetching() as fetcher:
        asking = asyncio.create_task(fetcher.get(Asking(url=site.url("/slow"))))
        await started.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert isinstance(await fetcher.get(Asking(url=site.url("/x"))), Page)


async def test_after_closing_nothing_is_asked(site: Site) -> None:
    fetcher = fetching()
    await fetcher.get(Asking(url=site.url("/x")))
    await fetcher.close()
    await fetcher.close()
    with pytest.raises(FetchError, match="the service is stopping"):
        await fetcher.get(Asking(url=site.url("/x")))
    assert site.asked == ["/x"]
