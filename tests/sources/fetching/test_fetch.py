"""Asking a real server: what comes back of each answer that it can give."""

import asyncio
import socket
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiohttp import web

from notifier.settings import Watching
from notifier.sources.fetching.fetcher import Asking, FetchError, Limits, Page, Unchanged, user_agent
from tests.sources.fetching.fetch_server import AGENT, HOME, Site, failure, fetching, raw, resolving, serving


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with serving() as one:
        yield one


async def test_a_page_comes_with_what_the_server_says_of_it(site: Site) -> None:
    url = site.page(
        "/a",
        text=None,
        body=b"\xffpage",
        headers={
            "Content-Type": "Text/HTML; charset=ISO-8859-1",
            "ETag": '"1"',
            "Last-Modified": "Fri, 14 Oct 2022 08:00:00 GMT",
        },
    )
    async with fetching() as fetcher:
        assert await fetcher.get(Asking(url=f"{url}?b=c")) == Page(
            content=b"\xffpage",
            content_type="text/html",
            charset="iso-8859-1",
            etag='"1"',
            last_modified="Fri, 14 Oct 2022 08:00:00 GMT",
            url=f"{url}?b=c",
        )
    assert site.asked == ["/a?b=c"]


async def test_the_server_is_told_who_asks_and_what_can_be_read(site: Site) -> None:
    site.page()
    async with fetching() as fetcher:
        await fetcher.get(Asking(url=site.url(), headers=(("API-Key", "s3cret"),)))
    (headers,) = site.headers
    assert headers["User-Agent"] == "notifier/1.0 (+https://alerts.example.org; help@example.org)"
    assert headers["Accept-Encoding"] == "gzip"
    assert headers["Accept"].startswith("text/html, application/json")
    assert headers["API-Key"] == "s3cret"
    assert not {"Cookie", "Authorization", "If-None-Match", "If-Modified-Since"} & set(headers)


async def test_no_proxy_password_or_cookie_comes_from_elsewhere(site: Site, monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1/")
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login us password s3cret\n", "utf-8")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setattr(socket, "getaddrinfo", resolving("127.0.0.1"))
    site.page(headers={"Set-Cookie": "a=b"})
    async with fetching() as fetcher:
        for host in ("127.0.0.1", "a.example", "a.example"):
            await fetcher.get(Asking(url=site.url(host=host)))
    assert len(site.headers) == 3
    assert all("Cookie" not in headers and "Authorization" not in headers for headers in site.headers)


async def test_a_page_that_did_not_change_is_not_sent_again(site: Site) -> None:
    async def answer(request: web.Request) -> web.Response:
        known = request.headers.get("If-None-Match") == '"1"'
        return web.Response(status=304) if known else web.Response(text="x", headers={"ETag": '"1"'})

    site.answers["/"] = answer
    async with fetching() as fetcher:
        page = await fetcher.get(Asking(url=site.url()))
        assert isinstance(page, Page)
        known = Asking(url=site.url(), etag=page.etag, last_modified="Fri, 14 Oct 2022 08:00:00 GMT")
        assert await fetcher.get(known) == Unchanged()
    assert site.headers[1]["If-Modified-Since"] == "Fri, 14 Oct 2022 08:00:00 GMT"


async def test_unchanged_is_no_answer_to_whoever_knows_nothing(site: Site) -> None:
    error = await failure(site.page(text=None, status=304))
    assert error.sentence == f"{site.url()} answered 304 Not Modified"


async def test_what_a_server_says_of_a_page_is_kept_only_if_it_can_be_sent_back() -> None:
    head = b'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nETag: "\xff"\r\nContent-Type: text/plain\r\n\r\nx'
    async with raw(head) as url, fetching() as fetcher:
        page = await fetcher.get(Asking(url=url))
    assert isinstance(page, Page)
    assert (page.etag, page.content) == (None, b"x")


@pytest.mark.parametrize(
    ("status", "words", "gone"),
    [
        (204, "204 No Content", False),
        (300, "300 Multiple Choices", False),
        (401, "401 Unauthorized", False),
        (403, "403 Forbidden", False),
        (404, "404 Not Found", True),
        (410, "410 Gone", True),
        (500, "500 Internal Server Error", False),
        (599, "599", False),
    ],
)
async def test_an_answer_that_is_no_page_is_told(site: Site, status: int, words: str, gone: bool) -> None:
    error = await failure(site.page(text=None, status=status, reason="\u202eoops"))
    assert str(error) == error.sentence == f"{site.url()} answered {words}"
    assert (error.gone, error.retry_after) == (gone, None)


@pytest.mark.parametrize("status", [429, 503])
async def test_a_server_may_ask_to_wait_so_many_seconds(site: Site, status: int) -> None:
    error = await failure(site.page(status=status, headers={"Retry-After": "120"}))
    assert error.sentence.endswith(" and asks to wait 120 s")
    assert error.retry_after == timedelta(seconds=120)


async def test_a_server_may_ask_to_wait_until_an_instant_of_its_own_clock(site: Site) -> None:
    headers = {"Retry-After": "Fri, 14 Oct 2022 08:02:00 GMT", "Date": "Fri, 14 Oct 2022 08:00:00 GMT"}
    error = await failure(site.page(status=503, headers=headers))
    assert error.sentence == f"{site.url()} answered 503 Service Unavailable and asks to wait 120 s"


async def test_a_refusal_without_a_time_to_wait_names_none(site: Site) -> None:
    error = await failure(site.page(status=503, headers={"Retry-After": "soon"}))
    assert error.sentence == f"{site.url()} answered 503 Service Unavailable"
    assert error.retry_after is None


async def test_a_host_that_finds_us_too_busy_is_asked_for_no_other_page_either(site: Site) -> None:
    busy = site.page("/a", status=429, headers={"Retry-After": "60"})
    other = site.page("/b")
    async with fetching() as fetcher:
        first, second = await asyncio.gather(
            *(fetcher.get(Asking(url=url)) for url in (busy, other)), return_exceptions=True
        )
        assert isinstance(await fetcher.get(Asking(url=site.url("/b", "127.0.0.2"))), Page)
    assert isinstance(first, FetchError)
    assert isinstance(second, FetchError)
    assert second.sentence == f"{other} was not asked: 127.0.0.1 asks to wait another 60 s"
    assert timedelta(seconds=50) < second.retry_after <= timedelta(seconds=60)
    assert site.asked == ["/a", "/b"]


def test_whoever_asks_names_a_contact_in_characters_that_a_header_can_hold() -> None:
    agent = user_agent(version="1.0", public_url="https://a.example", contact="Zoë (IT)\\\r\nX: y")
    assert agent == "notifier/1.0 (+https://a.example; Zo   IT    X: y)"
    assert AGENT.isascii()


def test_limits_are_those_that_the_operator_set() -> None:
    limits = Limits.of(Watching(allow_private=HOME, max_megabytes=2, seconds_between=1, timeout_seconds=9))
    assert limits == Limits(seconds_between=1, timeout_seconds=9, largest=2_000_000, allowed=HOME)
    assert Limits.of(Watching()) == Limits()
