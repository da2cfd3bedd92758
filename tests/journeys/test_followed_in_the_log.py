"""One id leads through the log from a date's alarm to the accepted mail, and nobody is named on the way."""

import asyncio
import json
import logging
import sys
from pathlib import Path
from typing import Any

import feedparser
import pytest

from notifier.demo.inbox import Inbox
from tests.journeys.house import IP1783, open_house, ship_ip1783

ADA, BEN = "ada@patients.example", "ben+alerts@charity.example"
PEOPLE = (ADA, BEN)
DUE = "2022-10-14T07:59:59"


@pytest.fixture
async def home(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Path:
    """Two people follow IP1783, and what was logged while they signed up names neither."""
    ship_ip1783(tmp_path)
    with caplog.at_level(logging.INFO):
        async with open_house(tmp_path, "2022-09-20T09:00") as house:
            for address in PEOPLE:
                await house.sign_up(address, to=IP1783)
    ours = [vars(record) for record in caplog.records if record.name.startswith("notifier")]
    assert "sign_up" in {one["message"] for one in ours}
    assert nobody_in(repr(ours))  # the mail server of the tests logs recipients; it is none of ours
    return tmp_path


def nobody_in(text: str) -> bool:
    return not any(part in text for part in (*PEOPLE, "patients.example", "charity.example"))


async def served(home: Path) -> list[str]:
    """Serve from a second before the opening until both are told. Return the log's lines."""
    inbox = Inbox()
    await inbox.start()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.journeys.logged",
        str(home),
        str(inbox.port),
        DUE,
        stderr=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    try:
        for address in PEOPLE:
            await inbox.first_to(address, seconds=20)
        await asyncio.sleep(0.2)  # the last outcomes are recorded within 50 ms
    finally:
        process.terminate()
        _, errors = await process.communicate()
        await inbox.stop()
    assert process.returncode == 0
    return errors.decode().splitlines()


async def event_id(home: Path) -> str:
    """Return the id of the opening as any reader of the feed has it."""
    async with open_house(home, "2022-10-14T08:05:00") as house:
        _, feed, _ = await house.get(f"/feeds/{IP1783}.atom")
    (entry,) = [one for one in feedparser.parse(feed).entries if "14 October" in one.title]
    return str(entry.id)[-32:]


async def test_one_id_leads_from_the_alarm_to_the_accepted_mail(home: Path) -> None:
    lines = await served(home)
    wanted = await event_id(home)
    way: list[dict[str, Any]] = [json.loads(line) for line in lines if wanted in line]
    assert {one["event"] for one in way} == {"announced", "expanded", "claimed", "delivered"}
    announced, expanded = way[0], way[1]
    assert (announced["event"], announced["kind"]) == ("announced", "opened")
    assert announced["due_at"] == "2022-10-14T08:00:00+00:00"
    assert (expanded["mailing"], expanded["deliveries"]) == (announced["mailing"], 2)
    assert sum(one["letters"] for one in way if one["event"] == "claimed") == 2
    assert sum(one["accepted"] for one in way if one["event"] == "delivered") == 2


async def test_no_address_stands_in_the_log(home: Path) -> None:
    lines = await served(home)
    assert all(json.loads(line)["level"] == "info" for line in lines), lines
    assert nobody_in("".join(lines))
    assert all("@" not in line for line in lines)
