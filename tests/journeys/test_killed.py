"""SIGKILL between any two commits of a milestone's way, and restart: nothing lost, nothing said twice.

What may be doubled is bounded: a mail taken by the server whose record was lost with the process comes again
under the same Message-ID, at most `uncommitted` of them and one per connection.
"""

import asyncio
import shutil
from collections import Counter
from pathlib import Path

import feedparser
import pytest

from notifier.demo.inbox import Inbox
from tests.journeys.house import IP1783, open_house, ship_ip1783
from tests.journeys.killable import serve
from tests.journeys.warm import Child

PEOPLE = tuple(f"person{number}@patients.example" for number in range(1, 13))
DUE = "2022-10-14T07:59:59"
LATER = "2022-10-14T08:05:00"
SIDES = ("before", "after")
AT_ONCE = 4
"""Processes that are killed side by side."""


@pytest.fixture
async def ready(tmp_path: Path) -> Path:
    """A home in which twelve people follow IP1783, the evening before the consultation opens."""
    home = tmp_path / "ready"
    home.mkdir()
    ship_ip1783(home)
    async with open_house(home, "2022-09-20T09:00") as house:
        for address in PEOPLE:
            await house.sign_up(address, to=IP1783)
    return home


async def test_killed_at_any_commit_everybody_is_told_and_told_once(ready: Path) -> None:
    commits = await _commits_of_an_unharmed_run(ready)
    assert commits >= 6
    places = asyncio.Semaphore(AT_ONCE)

    async def one(number: int, side: str) -> None:
        async with places:
            await _killed_once(ready, number, side)

    async with asyncio.TaskGroup() as runs:
        for number in range(1, commits + 1):
            for side in SIDES:
                runs.create_task(one(number, side))


async def _commits_of_an_unharmed_run(ready: Path) -> int:
    inbox = Inbox()
    await inbox.start()
    home = _copy(ready, "unharmed")
    child = Child(serve, home, inbox.port, DUE, 0, "after")
    await _all_told(inbox)
    await asyncio.sleep(0.2)  # the last outcomes are recorded within 50 ms
    child.terminate()
    commits = await child.hear()
    assert await child.wait() == 0
    await inbox.stop()
    assert len(inbox.mails) == len(PEOPLE)
    return int(commits)


async def _killed_once(ready: Path, number: int, side: str) -> None:
    inbox = Inbox()
    await inbox.start()
    home = _copy(ready, f"{side}-{number}")
    killed = Child(serve, home, inbox.port, DUE, number, side)
    try:
        async with asyncio.timeout(20):
            await killed.wait()
    except TimeoutError:  # a shorter run than the unharmed one: there was no such commit
        killed.kill()
        await killed.wait()
    async with open_house(home, LATER, inbox=inbox) as house:
        await _all_told(inbox)
        await house.replay(until="2022-10-15T00:00")
        _, feed, _ = await house.get(f"/feeds/{IP1783}.atom")
    await inbox.stop()
    openings = [
        entry
        for entry in feedparser.parse(feed).entries
        if "Comments scheduled for 14 October" in entry.title
    ]
    assert len(openings) == 1, (number, side)
    _nobody_twice_but_by_the_same_message(inbox)


def _nobody_twice_but_by_the_same_message(inbox: Inbox) -> None:
    mails: dict[str, Counter[str]] = {}
    for mail in inbox.mails:
        mails.setdefault(mail.recipient, Counter())[str(mail.message["Message-ID"])] += 1
    assert set(mails) == set(PEOPLE)
    for address, ids in mails.items():
        assert len(ids) == 1, address
        assert max(ids.values()) <= 2, address


async def _all_told(inbox: Inbox) -> None:
    for address in PEOPLE:
        await inbox.first_to(address, seconds=20)


def _copy(ready: Path, name: str) -> Path:
    return shutil.copytree(ready, ready.parent / name)
