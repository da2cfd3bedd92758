"""The rules of time through the running service, its clock moved: what a follower is told, and when.

Each story is a schedule as its coordinator saves it, and what is saved later. What is told is read from the
mails themselves: the local date and hour that they carry, and how their subjects begin.
"""

from pathlib import Path
from zoneinfo import ZoneInfo

import feedparser
import pytest

from notifier.demo.inbox import Inbox, Mail
from tests.journeys.house import House, open_house, subject
from tests.journeys.stories import CONSULTED, DOWNTIMES, STORIES, Downtime, Story, saved

ADA = "ada@patients.example"
LONDON = ZoneInfo("Europe/London")


@pytest.mark.parametrize("story", STORIES, ids=str)
async def test_a_follower_is_told_what_was_promised_at_the_promised_hour(
    story: Story, tmp_path: Path
) -> None:
    folder = tmp_path / "procedures"
    folder.mkdir()
    if story.known:
        saved(story.start, *story.known).write(folder)
    async with open_house(tmp_path, story.start) as house:
        await house.sign_up(ADA, to="all", preset="every-step")
        await house.replay(*story.then, until=story.until)
        assert _told(house.mails_to(ADA)) == story.told
        if story.feed is not None:
            assert await _feed(house) == story.feed


@pytest.mark.parametrize("gap", DOWNTIMES, ids=str)
async def test_after_downtime_what_is_late_says_so_and_no_reminder_follows_the_close(
    gap: Downtime, tmp_path: Path
) -> None:
    (tmp_path / "procedures").mkdir()
    CONSULTED.write(tmp_path / "procedures")
    inbox = Inbox()
    await inbox.start()
    async with open_house(tmp_path, "2022-10-01T09:00", inbox=inbox) as house:
        await house.sign_up(ADA, to="all", preset="every-step")
        await house.replay(until=gap.down)
        before, entries = len(house.mails_to(ADA)), len(await _feed(house))
    async with open_house(tmp_path, gap.up, inbox=inbox) as house:
        await house.replay(until=gap.until)
        mails, feed = house.mails_to(ADA)[before:], (await _feed(house))[entries:]
    await inbox.stop()
    assert _told(mails) == gap.told
    assert feed == gap.feed
    assert all(gap.says in " ".join(mail.text.split()) for mail in mails[:1])


def _told(mails: list[Mail]) -> tuple[str, ...]:
    return tuple(f"{_when(mail)} {subject(mail).rpartition(':')[0]}" for mail in mails)


def _when(mail: Mail) -> str:
    there = mail.message["Date"].datetime.astimezone(LONDON)
    return f"{there:%a} {there.day} {there:%b %H:%M}"


async def _feed(house: House) -> tuple[str, ...]:
    _, body, _ = await house.get("/feeds/all.atom")
    return tuple(entry.title.partition(":")[0] for entry in reversed(feedparser.parse(body).entries))
