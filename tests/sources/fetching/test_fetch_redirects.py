"""Redirects of a real server: another spelling of the page is followed, everything else is only told."""

import socket
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from notifier.sources.fetching.fetcher import Asking, Moved, Page
from tests.sources.fetching.fetch_server import Site, failure, fetching, resolving, serving


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with serving() as one:
        yield one


@pytest.mark.parametrize(
    ("status", "permanent"), [(301, True), (302, False), (303, False), (307, False), (308, True)]
)
async def test_a_redirect_is_told_and_not_followed(site: Site, status: int, permanent: bool) -> None:
    url = site.moved("/guidance/indevelopment/gid-ipg1", "/guidance/ipg749#top", status)
    async with fetching() as fetcher:
        assert await fetcher.get(Asking(url=url)) == Moved(
            location=site.url("/guidance/ipg749"), permanent=permanent
        )
    assert len(site.asked) == 1


async def test_another_spelling_of_the_page_is_followed(site: Site) -> None:
    site.moved("/Page", "/page/")
    site.moved("/page/", site.url("/page"))
    site.page("/page")
    async with fetching() as fetcher:
        page = await fetcher.get(Asking(url=site.url("/Page"), etag='"1"', headers=(("API-Key", "k"),)))
    assert isinstance(page, Page)
    assert page.url == site.url("/page")
    assert [headers["API-Key"] for headers in site.headers] == ["k"] * 3
    assert all(headers["If-None-Match"] == '"1"' for headers in site.headers)


async def test_what_follows_another_spelling_is_judged_from_there(site: Site) -> None:
    site.moved("/Page", "/page")
    site.moved("/page", "/error", 301)
    async with fetching() as fetcher:
        answer = await fetcher.get(Asking(url=site.url("/Page")))
    assert answer == Moved(location=site.url("/error"), permanent=True)


@pytest.mark.parametrize("location", ["/page", "/PAGE"])
async def test_a_circle_is_noticed(site: Site, location: str) -> None:
    site.moved("/page", location)
    site.moved("/PAGE", "/page")
    error = await failure(site.url("/page"))
    assert error.sentence.endswith(" redirects in a circle")


async def test_no_more_than_three_spellings_are_followed(site: Site) -> None:
    for here, there in (("/page", "/Page"), ("/Page", "/PAge"), ("/PAge", "/PAGe"), ("/PAGe", "/PAGE")):
        site.moved(here, there)
    error = await failure(site.url("/page"))
    assert error.sentence.endswith("was reached by 3 redirects and redirects again")
    assert len(site.asked) == 4


@pytest.mark.parametrize("headers", [{}, {"Location": "javascript:alert(1)"}, {"Location": "http://[x/"}])
async def test_a_redirect_to_nowhere_is_told(site: Site, headers: dict[str, str]) -> None:
    error = await failure(site.page("/x", status=302, headers=headers))
    assert error.sentence == f"{site.url('/x')} answered 302 Found without saying where to"


async def test_a_page_may_be_at_www_but_a_key_is_not_carried_there(site: Site, monkeypatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", resolving("127.0.0.1"))
    there = site.url("/x/", "www.a.example")
    site.moved("/x", there)
    site.page("/x/")
    async with fetching() as fetcher:
        asking = Asking(url=site.url("/x", "a.example"))
        page = await fetcher.get(asking)
        assert isinstance(page, Page)
        assert page.url == there
        with_key = await fetcher.get(replace(asking, headers=(("API-Key", "k"),)))
    assert with_key == Moved(location=there, permanent=False)
    assert [headers.get("API-Key") for headers in site.headers] == [None, None, "k"]
