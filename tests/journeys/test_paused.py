"""All sending is paused and resumed by the real command beside a running service, which goes on otherwise."""

import asyncio
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from notifier.app import Notifier
from notifier.clock import ReplayClock
from notifier.demo.inbox import Inbox
from tests.cast import follow
from tests.journeys.house import IP1783, House, free_port, open_house, settings_for, ship_ip1783, utc

BEFORE, DUE = "2022-10-01T09:00", "2022-10-14T08:05"
CONFIG = """\
[service]
name = "Procedure alerts"
operator = "Example Charity"
postal_address = "1 Example Street, London"
contact = "help@alerts.example"
privacy_contact = "privacy@alerts.example"
relation = "third-party"
public_url = "https://alerts.example"

[mail]
sender = "alerts@alerts.example"
reply_to = "help@alerts.example"

[database]
path = "notifier.db"
"""


@pytest.fixture
async def home(tmp_path: Path) -> Path:
    """A home in which eighty people follow everything, before the consultation opens."""
    ship_ip1783(tmp_path)
    (tmp_path / "notifier.toml").write_text(CONFIG)
    async with open_house(tmp_path, BEFORE) as house:
        for number in range(80):
            await follow(house.notifier.db, f"reader-{number}", now=utc(BEFORE))
    return tmp_path


@asynccontextmanager
async def serving(home: Path, start: str, **mail: Any) -> AsyncIterator[House]:
    """Serve from `home`, with changed settings of mail."""
    inbox = Inbox()
    await inbox.start()
    settings = settings_for(home, web_port=free_port(), smtp_port=inbox.port)
    settings = settings.model_copy(update={"mail": settings.mail.model_copy(update=mail)})
    clock = ReplayClock(utc(start))
    notifier = Notifier(settings, clock=clock)
    await notifier.start()
    async with aiohttp.ClientSession() as browser:
        try:
            yield House(home=home, notifier=notifier, clock=clock, inbox=inbox, browser=browser)
        finally:
            await notifier.stop()
            await inbox.stop()


async def command(home: Path, *words: str) -> str:
    """Run `notifier …` in a process of its own, and return what it prints."""
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("notifier")),
        *words,
        "--config",
        "notifier.toml",
        cwd=home,
        env={name: value for name, value in os.environ.items() if not name.startswith("NOTIFIER")},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    return output.decode()


async def arrived(house: House, number: int, *, seconds: float = 30) -> None:
    async with asyncio.timeout(seconds):
        while len(house.inbox.mails) < number:  # noqa: ASYNC110 - what is waited for tells nobody
            await asyncio.sleep(0.02)


async def stands_still(house: House) -> int:
    """Give what is under way two seconds, then see that nothing more arrives. Return how many are there."""
    await asyncio.sleep(2)
    number = len(house.inbox.mails)
    await asyncio.sleep(1)
    assert len(house.inbox.mails) == number
    return number


async def test_a_pause_in_the_middle_of_a_mailing_stops_mail_alone_and_loses_nobody(home: Path) -> None:
    async with serving(home, DUE, per_second=10) as house:
        await arrived(house, 5)
        said = await command(home, "pause", "--reason", "the relay moves", "--by", "anna")
        assert said.startswith("All mail is paused until you run `notifier resume`.")
        assert 5 <= await stands_still(house) < 80
        assert (await house.get("/feeds/all.atom"))[1].count(b"<entry>") >= 1
        status, health, _ = await house.get("/health", Accept="application/json")
        assert status == 200
        assert b"All mail has been paused since" in health
        assert b"Paused by anna: the relay moves. Mail waits; so do the links" in health
        assert "pause: Paused by anna: the relay moves." in await command(home, "holds")
        await house.post("/subscribe", address="new@x.example", to=IP1783, preset="deadlines")

        before = await stands_still(house)  # the confirmation waits too
        assert (await command(home, "resume")).startswith("Resumed")
        await arrived(house, before + 1, seconds=4)
        await arrived(house, 81)
        assert b"paused" not in (await house.get("/health", Accept="application/json"))[1]
        assert set(Counter(mail.recipient for mail in house.inbox.mails).values()) == {1}


async def test_a_date_that_comes_during_a_pause_is_announced_and_mailed_when_the_pause_ends_by_itself(
    home: Path,
) -> None:
    end = datetime.now(UTC) + timedelta(seconds=9)
    said = await command(home, "pause", "--until", end.isoformat(), "--reason", "a test")
    assert said.startswith("All mail is paused until")
    async with serving(home, DUE) as house:
        assert (await house.get("/feeds/all.atom"))[1].count(b"<entry>") >= 1
        assert house.inbox.mails == []
        await arrived(house, 80, seconds=30)
        assert datetime.now(UTC) >= end
    assert "Nothing is held." in await command(home, "holds")


async def test_the_daily_brake_stops_a_mailing_alarms_and_goes_on_the_next_day(home: Path) -> None:
    async with serving(home, DUE, per_day=75) as house:
        await arrived(house, 75)
        assert await stands_still(house) == 75
        health = (await house.get("/health", Accept="application/json"))[1]
        assert b"As many mails as a day may have were sent today; the rest waits until midnight." in health
        assert b"notifier release brake" in health
        house.clock.leap(utc("2022-10-15T06:00"))
        await arrived(house, 80)
        assert b"brake" not in (await house.get("/health", Accept="application/json"))[1]
        assert set(Counter(mail.recipient for mail in house.inbox.mails).values()) == {1}
