"""Days on which watching is not plain sailing: held dates, downtime, restarts, and a second source."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from notifier.demo.inbox import Inbox
from notifier.events.hand import release
from notifier.procedures.hand import hand
from notifier.settings import SourceSettings, Unreadable
from tests.cast import VOICE
from tests.journeys.house import open_house, told
from tests.journeys.watched_stories import (
    AS_PUBLISHED,
    OPENED,
    POSTPONED,
    fails,
    opens,
    shows,
    with_publication,
)
from tests.journeys.watching import (
    ADA,
    health_of,
    last_text,
    on,
    source,
    titles,
    watching,
)
from tests.journeys.web_body import (
    CONSULTATION,
    OPEN_NOW,
    open_consultation,
    project_page,
    running_body,
)


@pytest.fixture
async def inbox() -> AsyncIterator[Inbox]:
    """A mail server that outlives the services that send to it."""
    taken = Inbox()
    await taken.start()
    yield taken
    await taken.stop()


async def test_by_the_policy_of_holding_a_person_decides(tmp_path: Path) -> None:
    async with (
        running_body() as body,
        open_house(
            tmp_path,
            "2022-10-13T12:00",
            sources=[source(body, every_minutes=1440)],
            watching=watching(Unreadable.HOLD),
        ) as house,
    ):
        await house.live(until="2022-10-13T12:01")
        await house.sign_up(ADA, to="all", preset="every-step")
        await house.live(*on(body, ("2022-10-14T07:50", fails(500))), until="2022-10-14T12:30")
        assert (house.mails_to(ADA), await titles(house)) == ([], ())
        assert "1 date is held" in str(await health_of(house))

        asked = len(body.statuses())
        cora = hand("Cora", "the consultation is there, I have seen it", house.clock.now())
        done = await release(house.notifier.db, VOICE, "GID-IPG10158", CONSULTATION[0], by=cora)
        assert done.changed
        await house.live(until="2022-10-14T12:31")
        assert told(house.mails_to(ADA)) == ("Fri 14 Oct 13:30 Due to open today",)
        assert "We could not read NICE's page" in last_text(house)
        assert len(body.statuses()) == asked
        await house.live(until="2022-10-14T18:00")
        assert len(house.mails_to(ADA)) == 1


DOWN = "2022-10-13T12:00"


@pytest.mark.parametrize(
    ("turn", "up", "expected", "says_so"),
    [
        pytest.param(
            AS_PUBLISHED, "2022-10-14T09:30", "Fri 14 Oct 12:00 Due to open today", "", id="not seen"
        ),
        pytest.param(
            opens(),
            "2022-10-14T09:30",
            "Fri 14 Oct 10:30 Comment by 11 Nov",
            "You can now comment",
            id="open",
        ),
        pytest.param(
            opens(), "2022-10-16T09:30", "Sun 16 Oct 10:30 Late: comment by 11 Nov", "2 days late", id="late"
        ),
        pytest.param(
            POSTPONED, "2022-10-14T09:30", "Fri 14 Oct 11:00 Comments now 21 Oct to 18 Nov", "", id="moved"
        ),
        pytest.param(
            fails(500),
            "2022-10-14T09:30",
            "Fri 14 Oct 10:31 Due to open today",
            "We could not read",
            id="failing",
        ),
    ],
)
async def test_after_downtime_the_source_is_asked_before_anything_is_said(
    turn: Any, up: str, expected: str, says_so: str, tmp_path: Path, inbox: Inbox
) -> None:
    async with running_body() as body:
        watched = {"sources": [source(body, every_minutes=1440)], "watching": watching(), "inbox": inbox}
        async with open_house(tmp_path, DOWN, **watched) as house:
            await house.live(until="2022-10-13T12:01")
            await house.sign_up(ADA, to="all", preset="every-step")
        turn(body)
        async with open_house(tmp_path, up, **watched) as house:
            await house.live(until=f"{up[:10]}T18:00")
            assert told(house.mails_to(ADA)) == (expected,)
            assert says_so in last_text(house)
            assert len(await titles(house)) == 1


async def test_stopped_at_any_hour_of_a_full_day_nothing_is_lost_and_nothing_said_twice(
    tmp_path: Path, inbox: Inbox
) -> None:
    """The page moves one date, opens a consultation late, and the service is restarted at each turn."""
    pauses = [
        f"2022-10-14T{time}" for time in ("07:54", "07:56", "08:01", "08:20", "08:38", "09:45", "10:30")
    ]
    page = with_publication("24 May 2023")
    turns = {
        "2022-10-14T07:54": shows(*page),
        "2022-10-14T08:38": lambda body: body.show(project_page(*page, timeline=(OPENED,))),
    }
    async with running_body() as body:
        watched = {"sources": [source(body, every_minutes=1440)], "watching": watching(), "inbox": inbox}
        async with open_house(tmp_path, DOWN, **watched) as house:
            await house.live(until="2022-10-13T12:01")
            await house.sign_up(ADA, to="all", preset="every-step")
        start = "2022-10-14T07:40"
        for pause in [*pauses, "2022-10-14T18:00"]:
            async with open_house(tmp_path, start, **watched) as house:
                await house.live(until=pause)
                entries = await titles(house)
            turns.get(pause, lambda _: None)(body)
            start = pause
        assert told(house.mails_to(ADA)) == (
            "Fri 14 Oct 09:25 Publication now 24 May",
            "Fri 14 Oct 09:40 Comment by 11 Nov",
        )
        assert len(entries) == 2


async def test_a_list_of_open_consultations_confirms_what_a_page_only_scheduled(
    tmp_path: Path, inbox: Inbox
) -> None:
    async with running_body() as body:
        body.show(open_consultation("2022-09-01", "2022-09-30"), at=OPEN_NOW)
        page = source(body, every_minutes=1440)
        lists = SourceSettings(name="open-now", url=body.url(OPEN_NOW), every_minutes=30)
        watched = {"watching": watching(), "inbox": inbox}
        async with open_house(tmp_path, DOWN, sources=[page], **watched) as house:
            await house.live(until="2022-10-13T12:01")
            await house.sign_up(ADA, to="all", preset="every-step")
        async with open_house(tmp_path, "2022-10-14T07:40", sources=[page, lists], **watched) as house:
            opened = partial(body.show, open_consultation("2022-10-14", "2022-11-11"), at=OPEN_NOW)
            await house.live(("2022-10-14T08:20", opened), until="2022-10-14T18:00")
            assert told(house.mails_to(ADA)) == ("Fri 14 Oct 09:40 Comment by 11 Nov",)
            assert "You can now comment" in last_text(house)
