"""The body of an answer: read whole, unpacked, and never larger than allowed."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from notifier.sources.fetching.fetcher import Asking, Page
from tests.sources.fetching.fetch_server import Site, failure, fetching, raw, serving


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with serving() as one:
        yield one


@pytest.mark.parametrize("body", [b"", b" \r\n\t"])
async def test_an_empty_page_is_no_page(site: Site, body: bytes) -> None:
    error = await failure(site.page(text=None, body=body, content_type="text/html"))
    assert error.sentence == f"{site.url()} sent an empty page"


@pytest.mark.parametrize("kind", ["application/problem+json", "application/octet-stream", "text/csv", ""])
async def test_whatever_can_hold_a_schedule_is_read(site: Site, kind: str) -> None:
    headers = {"Content-Type": kind} if kind else {}
    async with fetching() as fetcher:
        page = await fetcher.get(Asking(url=site.page(text=None, body=b"x", headers=headers)))
    assert isinstance(page, Page)
    assert page.content_type == (kind or "application/octet-stream")


async def test_what_can_hold_no_schedule_is_refused_by_its_kind(site: Site) -> None:
    error = await failure(site.page(text=None, body=b"x", content_type="image/png"))
    assert error.sentence == f"{site.url()} sent 'image/png', which holds no schedule"


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "GZIP"])
async def test_a_packed_page_is_unpacked(site: Site, coding: str) -> None:
    body = gzip.compress(b"one, ", mtime=0) + gzip.compress(b"two")
    url = site.page(text=None, body=body, content_type="text/plain", headers={"Content-Encoding": coding})
    async with fetching() as fetcher:
        page = await fetcher.get(Asking(url=url))
    assert isinstance(page, Page)
    assert page.content == b"one, two"


@pytest.mark.parametrize(
    "body", [gzip.compress(b"page", mtime=0)[:-4], b"page", gzip.compress(b"page", mtime=0) + b"more", b""]
)
async def test_a_broken_packing_is_told(site: Site, body: bytes) -> None:
    url = site.page(text=None, body=body, content_type="text/plain", headers={"Content-Encoding": "gzip"})
    assert (await failure(url)).sentence == f"{url} sent a page whose gzip is broken"


async def test_a_packing_that_was_not_asked_for_is_refused(site: Site) -> None:
    url = site.page(text=None, body=b"x", content_type="text/plain", headers={"Content-Encoding": "br"})
    assert (await failure(url)).sentence == f"{url} sent 'br', a coding that was not asked for"


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"x" * 1001, {}),
        (gzip.compress(b"x" * 200_000, mtime=0), {"Content-Encoding": "gzip"}),
    ],
)
async def test_a_page_is_never_larger_than_allowed(site: Site, body: bytes, headers: dict[str, str]) -> None:
    url = site.page(text=None, body=body, content_type="text/plain", headers=headers)
    assert (await failure(url, largest=1000)).sentence == f"{url} sent more than 1,000 bytes"


async def test_a_page_that_says_it_is_too_large_is_not_waited_for() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1001\r\n\r\n"
    async with raw(head, hang=True) as url:
        assert (await failure(url, largest=1000)).sentence == f"{url} sent more than 1,000 bytes"


async def test_a_packing_is_measured_as_a_whole(site: Site) -> None:
    async def in_two_pieces(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/plain", "Content-Encoding": "gzip"})
        await response.prepare(request)
        for _ in range(2):
            await response.write(gzip.compress(b"x" * 600, mtime=0))
            await asyncio.sleep(0.05)
        return response

    site.answers["/"] = in_two_pieces
    assert (await failure(site.url(), largest=1000)).sentence == f"{site.url()} sent more than 1,000 bytes"


async def test_a_packing_that_holds_nothing_is_not_read_for_ever() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Encoding: gzip\r\n\r\n"
    async with raw(head + gzip.compress(b"", mtime=0) * 51) as url:
        assert (await failure(url, largest=1000)).sentence == f"{url} sent more than 1,000 bytes"


async def test_a_page_as_large_as_allowed_is_read(site: Site) -> None:
    for body, headers in (
        (b"x" * 1000, {}),
        (gzip.compress(b"x" * 1000, mtime=0), {"Content-Encoding": "gzip"}),
    ):
        url = site.page(text=None, body=body, content_type="text/plain", headers=headers)
        async with fetching(largest=1000) as fetcher:
            page = await fetcher.get(Asking(url=url))
        assert isinstance(page, Page)
        assert page.content == b"x" * 1000


async def test_an_endless_page_is_left(site: Site) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/plain"})
        await response.prepare(request)
        while True:
            await response.write(b"x" * 1000)

    site.answers["/"] = endless
    assert (await failure(site.url(), largest=50_000)).sentence.endswith(" sent more than 50,000 bytes")


async def test_a_page_that_drips_is_left(site: Site) -> None:
    async def dripping(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/plain"})
        await response.prepare(request)
        for _ in range(40):
            await response.write(b"x")
            await asyncio.sleep(0.05)
        return response

    site.answers["/"] = dripping
    error = await failure(site.url(), timeout_seconds=0.3)
    assert error.sentence == f"{site.url()} took longer than 0.3 s"


async def test_json_is_read_as_it_stands(site: Site) -> None:
    url = site.page(text=json.dumps({"a": 1}), content_type="application/json")
    async with fetching() as fetcher:
        page = await fetcher.get(Asking(url=url))
    assert isinstance(page, Page)
    assert json.loads(page.content) == {"a": 1}
