"""What holds for every page, over a real socket. They may look at words and headers, not at code."""

import re
from dataclasses import replace

import pytest
from aiohttp.test_utils import TestClient, TestServer

from notifier.settings import Relation
from notifier.web.app import build
from notifier.web.keys import Site
from tests.web.reading import PAGE, html, words
from tests.web.web_cast import PlainVitals

PAGES = (
    "/",
    "/procedures",
    "/procedures/GID-IPG10158",
    "/procedures/GID-TA20001",
    "/procedures/GID-MT550",
    "/procedures/GID-X1",
    "/search?q=ip",
    "/id/1842",
    "/subscribe",
    "/subscribe?to=GID-IPG10158",
    "/privacy",
    "/accessibility",
    "/contact",
    "/confirm/nothing",
    "/stop/nothing",
    "/no-such-page",
)


@pytest.mark.usefixtures("seeded")
class TestEveryPage:
    @pytest.mark.parametrize("path", PAGES)
    async def test_has_one_heading_landmarks_and_a_way_past_the_navigation(
        self, client: TestClient, path: str
    ) -> None:
        async with client.get(path, headers=PAGE) as answer:
            page = await answer.text()
        assert len(re.findall("<h1[ >]", page)) == 1
        for part in ('<html lang="en-GB">', "<header", "<nav", '<main class="wide" id="main"', "<footer"):
            assert part in page
        assert '<a class="skip" href="#main">' in page
        assert "<script" not in page.replace("&lt;script", "")

    @pytest.mark.parametrize("path", PAGES)
    async def test_says_that_the_body_does_not_run_it(self, client: TestClient, path: str) -> None:
        async with client.get(path, headers=PAGE) as answer:
            page = await answer.text()
        assert "This service is not run by NICE. Dates are provisional and come from NICE" in page

    @pytest.mark.parametrize("path", PAGES)
    async def test_uses_none_of_the_words_that_are_ours_alone(self, client: TestClient, path: str) -> None:
        async with client.get(path, headers=PAGE) as answer:
            said = words(await answer.text())
        assert re.findall(r"\b(milestone|reached|fired|event|snapshot|baseline)s?\b", said, re.I) == []

    @pytest.mark.parametrize("path", [*PAGES, "/robots.txt", "/feeds/all.atom"])
    async def test_carries_the_headers_against_misuse_and_sets_no_cookie(
        self, client: TestClient, path: str
    ) -> None:
        async with client.get(path, headers=PAGE) as answer:
            found = answer.headers
        assert "default-src 'none'" in found["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in found["Content-Security-Policy"]
        assert found["X-Content-Type-Options"] == "nosniff"
        assert found["Referrer-Policy"] == "same-origin"
        assert "Set-Cookie" not in found

    @pytest.mark.parametrize("path", PAGES)
    async def test_loads_nothing_from_elsewhere_and_has_no_inline_style(
        self, client: TestClient, path: str
    ) -> None:
        async with client.get(path, headers=PAGE) as answer:
            page = await answer.text()
        assert re.findall(r'(?:src|action)="(?!/)[^"]*"', page) == []
        assert 'style="' not in page
        assert re.findall(r'<link rel="(?:stylesheet|icon)" href="(?!/static/)', page) == []


async def test_every_page_of_a_replay_says_so(site: Site, vitals: PlainVitals) -> None:
    async with TestClient(TestServer(build(replace(site, replay=True), vitals))) as client:
        for path, status in (("/", 200), ("/subscribe", 200), ("/nowhere", 404), ("/stop/x", 404)):
            said = words(await html(client, path, status))
            assert "Replay. Here it is 10:30am on Friday 14 October 2022." in said


async def test_a_service_of_the_body_itself_does_not_deny_it(site: Site, vitals: PlainVitals) -> None:
    service = site.service.model_copy(update={"relation": Relation.OWN})
    async with TestClient(TestServer(build(replace(site, service=service), vitals))) as client:
        page = await html(client, "/")
    assert "not run by" not in page
    assert "Dates are provisional: NICE's website decides." in words(page)


async def test_links_begin_with_the_path_of_a_proxy(site: Site, vitals: PlainVitals) -> None:
    service = site.service.model_copy(update={"public_url": "https://example.org/alerts"})
    async with TestClient(TestServer(build(replace(site, service=service), vitals))) as client:
        page = await html(client, "/")
    assert re.findall(r'(?:href|src|action)="/(?!alerts)[^"]*"', page) == []


class TestAboutPages:
    async def test_contact_and_privacy_are_filled_from_the_settings(self, client: TestClient) -> None:
        page = await html(client, "/contact")
        assert 'href="mailto:help@alerts.example.org"' in page
        assert "1 High Street<br>Leeds LS1 1AA" in page
        said = words(await html(client, "/privacy"))
        assert "privacy@alerts.example.org" in said
        assert "never confirmed is deleted after 7 days" in said
        assert "follows nothing any more is deleted after 28 days" in said

    async def test_security_txt_says_whom_to_tell_and_until_when(self, client: TestClient) -> None:
        async with client.get("/.well-known/security.txt") as answer:
            assert answer.content_type == "text/plain"
            assert (await answer.text()).splitlines() == [
                "Contact: mailto:help@alerts.example.org",
                "Expires: 2023-04-12T00:00:00Z",
                "Preferred-Languages: en",
                "Canonical: https://alerts.example.org/.well-known/security.txt",
            ]

    async def test_the_stylesheet_may_be_kept_for_good_under_its_own_hash(self, client: TestClient) -> None:
        address = re.search(
            r'rel="stylesheet" href="(/static/site\.[0-9a-f]{12}\.css)"', await html(client, "/")
        )
        assert address is not None
        async with client.get(address[1]) as answer:
            assert answer.status == 200
            assert answer.content_type == "text/css"
            assert "immutable" in answer.headers["Cache-Control"]
        assert (await client.get("/static/site.000000000000.css")).status == 404
