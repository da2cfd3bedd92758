"""The front page and the lists as a browser gets them, over a real socket."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from aiohttp.test_utils import TestClient

from notifier.db import Database
from notifier.procedures.model import MilestoneKind
from tests.web.reading import html, words
from tests.web.web_cast import NOW, StillClock, between, ip1783, step, take


@pytest.mark.usefixtures("seeded")
class TestFrontPage:
    async def test_shows_what_is_open_by_its_schedule_with_the_days_left(self, client: TestClient) -> None:
        said = words(await html(client, "/"))
        opened = said.split("Open for comment now")[1].split("Coming up")[0]
        assert "Radiofrequency ablation for palliation of painful spinal metastases" in opened
        assert "Until Friday 11 November 2022 (NICE usually closes at 5pm) 28 days left" in opened
        assert "By NICE's schedule; not seen open by us." in opened

    async def test_leaves_out_what_is_suspended_and_what_has_closed(
        self, client: TestClient, clock: StillClock
    ) -> None:
        assert "wearable monitor" not in await html(client, "/")
        clock.instant = NOW.replace(month=11, day=11, hour=16, minute=59)
        assert "last day" in await html(client, "/")
        clock.instant = clock.instant + timedelta(minutes=1)
        assert "Nothing is open for comment at the moment." in await html(client, "/")

    async def test_shows_a_moved_date_as_old_and_new(self, client: TestClient) -> None:
        changed = words(await html(client, "/")).split("Changed lately")[1]
        assert (
            "Expected publication: was 16 November 2022 → now 11 January 2023 Seen on 10 October 2022"
            in changed
        )

    async def test_windows_for_some_people_stand_apart(self, client: TestClient, db: Database) -> None:
        appeal = step("Appeal", MilestoneKind.WINDOW, between(date(2022, 10, 3), date(2022, 10, 28)))
        await take(db, replace(ip1783(), reference="GID-TA7", milestones=(appeal,)))
        said = words(await html(client, "/"))
        assert "For some people only" in said
        assert "Appeal, until Friday 28 October 2022" in said

    async def test_names_its_feeds_for_readers(self, client: TestClient) -> None:
        page = await html(client, "/")
        assert (
            '<link rel="alternate" type="application/atom+xml" title="All topics" href="/feeds/all.atom">'
            in page
        )
        for path in ("/feeds/all.atom", "/calendar/all.ics", "/subscribe"):
            assert f'href="{path}"' in page
            assert (await client.get(path)).status == 200


async def test_an_empty_service_has_a_front_page_too(client: TestClient) -> None:
    said = words(await html(client, "/"))
    assert "0 topics" in said
    assert "Nothing is open for comment at the moment. Coming up No exact dates are known." in said


@pytest.mark.usefixtures("seeded")
class TestLists:
    async def test_a_draft_is_nowhere(self, client: TestClient) -> None:
        for path in ("/", "/procedures", "/search?q=seen", "/search?q=GID-IPG99999", "/feeds/all.atom"):
            async with client.get(path) as answer:
                assert answer.status == 200
                assert "Not to be seen yet" not in await answer.text()
        for path in ("/procedures/GID-IPG99999", "/id/9999", "/feeds/GID-IPG99999.atom"):
            assert (await client.get(path)).status == 404
        assert "Not to be seen" not in await html(client, "/subscribe?to=GID-IPG99999", 422)

    async def test_every_topic_is_listed_with_its_next_date(self, client: TestClient) -> None:
        said = words(await html(client, "/procedures"))
        assert "5 topics, each with its next date." in said
        assert "IP1783 Interventional procedure consultation: Friday 14 October to Friday 11 November" in said
        assert "NG1842 Expected publication: June 2023, day not set" in said
        assert "MT550 Suspended" in said

    async def test_a_long_list_has_pages(self, client: TestClient, db: Database) -> None:
        for number in range(100):
            await take(db, replace(ip1783(), reference=f"GID-Z{number}"))
        assert "Page 1 of 2" in words(await html(client, "/procedures"))
        assert "wearable monitor" in await html(client, "/procedures") + await html(
            client, "/procedures?page=2"
        )
        for page in ("0", "3", "x", "-1", "9" * 30):
            assert (await client.get(f"/procedures?page={page}")).status == 404

    @pytest.mark.parametrize(
        "query", ["IP1783", "1783", "ipg749", "gid-ipg10158", "SPINAL metastases", "ablation ip"]
    )
    async def test_search_finds_by_words_id_and_reference(self, client: TestClient, query: str) -> None:
        said = words(await html(client, f"/search?q={query}"))
        assert "1 topic for" in said
        assert "Radiofrequency ablation" in said

    @pytest.mark.parametrize("query", ["%25", "_", "zzz", "%07%07", "<script>alert(1)</script>"])
    async def test_search_takes_its_words_as_they_are(self, client: TestClient, query: str) -> None:
        page = await html(client, f"/search?q={query}")
        assert "Radiofrequency" not in page
        assert "<script>" not in page

    async def test_an_id_number_lists_all_that_have_it(self, client: TestClient) -> None:
        said = words(await html(client, "/id/1842"))
        assert "Examplinib" in said
        assert "invented condition" in said
        assert "One topic has this number." in words(await html(client, "/id/1783"))
        assert "No topic here has the ID number “77”." in words(await html(client, "/id/77", 404))
