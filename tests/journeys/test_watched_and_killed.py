"""SIGKILL before any commit of a reading and of what follows from it, and restart: told, and told once.

The service was down over an opening; it comes up, asks the page before it says anything, finds the
consultation open and tells people. That day has every kind of commit: the reading, the check, the waking, the
event, the fan-out and the outcome.
"""

import asyncio
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import feedparser

from notifier.demo.inbox import Inbox
from notifier.settings import SourceSettings, Watching
from tests.journeys.house import House, open_house, subject
from tests.journeys.warm import Child
from tests.journeys.watched_stories import OPENED
from tests.journeys.watching_child import serve
from tests.journeys.web_body import WebBody, project_page, running_body

ADA = "ada@patients.example"
UP = "2022-10-14T08:30:00"
AT_ONCE = 4
"""Processes that are killed side by side."""


async def test_killed_before_any_commit_an_opening_is_found_and_told_once(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    ready.mkdir()
    async with running_body() as body:
        async with open_house(ready, "2022-10-13T12:00", **_watched(body)) as house:
            await house.live(until="2022-10-13T12:01")
            await house.sign_up(ADA, to="all", preset="every-step")
        body.show(project_page(timeline=(OPENED,)))
        commits = await _commits_of_an_unharmed_run(ready, body)
        assert commits >= 8
        places = asyncio.Semaphore(AT_ONCE)

        async def one(number: int) -> None:
            async with places:
                await _killed_once(ready, body, number)

        async with asyncio.TaskGroup() as runs:
            for number in range(1, commits + 1):
                runs.create_task(one(number))


def _watched(body: WebBody) -> dict[str, Any]:
    return {
        "sources": [SourceSettings(name="ip1783", url=body.url(), every_minutes=1440)],
        "watching": Watching(seconds_between=0, allow_private=("127.0.0.0/8",)),
    }


async def _commits_of_an_unharmed_run(ready: Path, body: WebBody) -> int:
    inbox = Inbox()
    await inbox.start()
    child = Child(serve, _copy(ready, "unharmed"), inbox.port, UP, 0, body.url())
    await inbox.first_to(ADA, seconds=30)
    await asyncio.sleep(0.3)  # the last outcomes are recorded within 50 ms
    child.terminate()
    commits = await child.hear()
    assert await child.wait() == 0
    await inbox.stop()
    return int(commits)


async def _killed_once(ready: Path, body: WebBody, number: int) -> None:
    inbox = Inbox()
    await inbox.start()
    home = _copy(ready, f"killed-{number}")
    killed = Child(serve, home, inbox.port, UP, number, body.url())
    try:
        async with asyncio.timeout(20):
            await killed.wait()
    except TimeoutError:  # a shorter run than the unharmed one: there was no such commit
        killed.kill()
        await killed.wait()
    async with open_house(home, "2022-10-14T08:32:00", inbox=inbox, **_watched(body)) as house:
        await house.live(until="2022-10-14T18:00")
        await _told_once(house, number)
    await inbox.stop()


async def _told_once(house: House, number: int) -> None:
    mails = house.mails_to(ADA)
    assert {subject(mail).partition(":")[0] for mail in mails} == {"Comment by 11 Nov"}, number
    doubles = Counter(str(mail.message["Message-ID"]) for mail in mails)
    assert len(doubles) == 1, number  # taken by the server and not noted before the kill: the same mail again
    assert doubles.total() <= 2, number
    _, feed, _ = await house.get("/feeds/all.atom")
    assert len(feedparser.parse(feed).entries) == 1, number


def _copy(ready: Path, name: str) -> Path:
    return shutil.copytree(ready, ready.parent / name)
