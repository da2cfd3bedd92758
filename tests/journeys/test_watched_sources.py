"""A service that watches a page over the web: what changes is told once, and no fault takes a date back.

The body's website is a real server on loopback; it changes between the readings of the service. What is told
is read from the mails and the feed, as people read them.
"""

from pathlib import Path
from typing import Any

import pytest

from tests.journeys.house import open_house, told
from tests.journeys.watched_stories import (
    AS_PUBLISHED,
    CUT,
    MOVED,
    SORRY,
    STORIES,
    WatchedStory,
    fails,
    leads_to,
    says,
)
from tests.journeys.watching import (
    ADA,
    entry_ids,
    health_of,
    last_text,
    on,
    schedule_of,
    source,
    titles,
    watching,
)
from tests.journeys.web_body import (
    PRODUCT,
    running_body,
)


@pytest.mark.parametrize("story", STORIES, ids=str)
async def test_a_follower_is_told_what_the_page_showed(story: WatchedStory, tmp_path: Path) -> None:
    async with (
        running_body() as body,
        open_house(
            tmp_path,
            story.start,
            sources=[source(body, every_minutes=story.every_minutes)],
            watching=watching(story.unreadable),
        ) as house,
    ):
        await house.live(until=story.start)
        await house.sign_up(ADA, to="all", preset="every-step")
        await house.live(*on(body, *story.turns), until=story.until)
        assert told(house.mails_to(ADA)) == story.told
        for words in story.says:
            assert words in last_text(house)
        entries = await titles(house)
        assert len(set(entries)) == len(entries)
        if story.feed is None:
            assert len(entries) == len(story.told)
        else:
            assert entries == story.feed


START = "2022-10-03T09:00"


FAULTS = [
    pytest.param(fails(500), "500 Internal Server Error", id="an error"),
    pytest.param(fails(404), "404 Not Found", id="a page that is gone"),
    pytest.param(says(""), "sent an empty page", id="an empty page"),
    pytest.param(says(CUT), "is not the whole page", id="a page cut in the middle"),
    pytest.param(says(f"{CUT}</body></html>"), "a Provisional Schedule", id="a page without its schedule"),
    pytest.param(says(SORRY), "a NICE project page", id="an error page that says it is well"),
    pytest.param(leads_to("/guidance/indevelopment"), "leads to", id="a redirect to a front page"),
    pytest.param(leads_to("/accounts/login?back=1"), "leads to", id="a redirect to a login"),
    pytest.param(leads_to("http://127.0.0.2/guidance/ipg749"), "leads to", id="a redirect to another host"),
]


@pytest.mark.parametrize(("fault", "problem"), FAULTS)
async def test_a_fault_of_the_source_takes_no_date_back_and_is_shown(
    fault: Any, problem: str, tmp_path: Path
) -> None:
    async with (
        running_body() as body,
        open_house(tmp_path, START, sources=[source(body)], watching=watching()) as house,
    ):
        await house.live(until=START)
        await house.sign_up(ADA, to="all", preset="every-step")
        before = await schedule_of(house)
        await house.live(*on(body, ("2022-10-03T09:30", fault)), until="2022-10-05T12:00")
        assert house.mails_to(ADA) == []
        assert await titles(house) == ()
        assert await schedule_of(house) == before
        health = await health_of(house)
        assert health["state"] == "attention"
        assert "Source “ip1783” has been unread for" in health["sentence"]
        [seen] = health["sources"]
        assert "ago" in seen["read"]
        assert seen["failing_since"].startswith("2022-10-03T10:00")
        assert problem in seen["sentence"]
        page = (await house.get("/procedures/GID-IPG10158"))[1].decode()
        assert "could not be read since" in page

        await house.live(*on(body, ("2022-10-05T12:00", AS_PUBLISHED)), until="2022-10-05T19:00")
        assert (house.mails_to(ADA), await titles(house)) == ([], ())
        assert (await health_of(house))["state"] == "ok"


async def test_what_has_not_changed_is_said_by_304_and_counts_as_read(tmp_path: Path) -> None:
    async with (
        running_body() as body,
        open_house(tmp_path, START, sources=[source(body)], watching=watching()) as house,
    ):
        await house.live(until=START)
        await house.sign_up(ADA, to="all", preset="every-step")
        await house.live(*on(body, ("2022-10-03T10:10", MOVED)), until="2022-10-03T14:00")
        assert body.statuses() == [200, 304, 200, *[304] * 3]
        assert told(house.mails_to(ADA)) == ("Mon 3 Oct 12:30 Publication now 24 May",)
        [seen] = (await health_of(house))["sources"]
        assert seen["read_at"].startswith("2022-10-03T13:30")


async def test_a_project_that_leads_to_its_guidance_keeps_its_address_and_answers_to_both(
    tmp_path: Path,
) -> None:
    async with (
        running_body() as body,
        open_house(tmp_path, START, sources=[source(body)], watching=watching()) as house,
    ):
        await house.live(*on(body, ("2022-10-03T09:30", MOVED)), until="2022-10-03T12:00")
        await house.sign_up(ADA, to="GID-IPG10158")
        [moved] = await entry_ids(house)
        await house.live(*on(body, ("2022-10-03T12:10", leads_to(PRODUCT))), until="2022-10-04T12:00")
        assert told(house.mails_to(ADA)) == ("Mon 3 Oct 13:30 Published",)
        assert (await titles(house))[-1] == "Published, seen on 3 October 2022"
        assert f"https://127.0.0.1:{body.port}{PRODUCT}" in house.mails_to(ADA)[0].text

        status, _, headers = await house.get("/procedures/IPG749")
        assert (status, headers["Location"].partition("/procedures/")[2]) == (301, "GID-IPG10158")
        status, page, _ = await house.get("/procedures/GID-IPG10158")
        assert status == 200
        assert b"IPG749" in page
        assert moved in await entry_ids(house)
        assert all(one.startswith("tag:alerts.example,") for one in await entry_ids(house))
