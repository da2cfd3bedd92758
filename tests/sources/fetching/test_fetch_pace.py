"""Politeness: a host is asked one thing at a time, and rests; others are not kept waiting by it."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from notifier.sources.fetching.fetcher import Asking, FetchError, Page
from tests.sources.fetching.fetch_server import Site, fetching, serving


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with serving() as one:
        yield one


async def test_a_host_is_asked_one_thing_at_a_time_and_rests_between(site: Site) -> None:
    ended: list[float] = []

    async def slowly(_: web.Request) -> web.Response:
        await asyncio.sleep(0.02)
        ended.append(time.monotonic())
        return web.Response(text="x")

    site.answers["/"] = slowly
    async with fetching(seconds_between=0.1) as fetcher:
        pages = await asyncio.gather(*(fetcher.get(Asking(url=site.url())) for _ in range(3)))
    assert all(isinstance(page, Page) for page in pages)
    assert site.most_at_once == 1
    assert all(began - end >= 0.1 for end, began in zip(ended, site.began[1:], strict=False))


async def test_a_failure_is_followed_by_a_rest_too(site: Site) -> None:
    site.page(status=500)
    async with fetching(seconds_between=0.1) as fetcher:
        for _ in range(2):
            with pytest.raises(FetchError):
                await fetcher.get(Asking(url=site.url()))
    assert site.began[1] - site.began[0] >= 0.1


async def test_two_hosts_are_asked_at_the_same_time(site: Site) -> None:
    both = asyncio.Barrier(2)

    async def together(_: web.Request) -> web.Response:
        await both.wait()  # neither is answered before the other is asked
        return web.Response(text="x")

    site.answers["/"] = together
    async with fetching(seconds_between=60) as fetcher:
        urls = [site.url(host=host) for host in ("127.0.0.1", "127.0.0.2")]
        pages = await asyncio.gather(*(fetcher.get(Asking(url=url)) for url in urls))
    assert all(isinstance(page, Page) for page in pages)


async def test_waiting_for_ones_turn_does_not_count_as_time_of_the_request(site: Site) -> None:
    site.page()
    async with fetching(seconds_between=0.4, timeout_seconds=0.3) as fetcher:
        pages = await asyncio.gather(*(fetcher.get(Asking(url=site.url())) for _ in range(2)))
    assert len(pages) == 2


async def test_whoever_gives_up_waiting_does_not_block_the_host(site: Site) -> None:
    site.page()
    async with fetching(seconds_between=0.2) as fetcher:
        await fetcher.get(Asking(url=site.url()))
        waiting = asyncio.create_task(fetcher.get(Asking(url=site.url())))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert isinstance(await fetcher.get(Asking(url=site.url())), Page)
    assert len(site.asked) == 2
