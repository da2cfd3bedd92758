"""Due instant → event committed and in the feed, over real HTTP, while the process is up."""

import asyncio
import tempfile
from datetime import date, timedelta
from pathlib import Path

from benchmarks.table import Row, share
from tests.journeys.house import House, open_house

DATES = 100
FIRST = date(2022, 9, 1)
POLL_SECONDS = 0.001

_FILE = """reference = "BENCH-{n}"
title = "Procedure number {n}"
status = "In progress"

[[milestones]]
label = "Committee meeting: 1"
date = "{day}"
"""


async def measure() -> list[Row]:
    """Announce a hundred dates, one after the other, and time each from its due instant."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        (home / "procedures").mkdir()
        days = [FIRST + timedelta(days=n) for n in range(DATES)]
        for n, day in enumerate(days):
            text = _FILE.format(n=n, day=f"{day.day} {day:%B %Y}")
            (home / "procedures" / f"{n}.toml").write_text(text)
        async with open_house(home, "2022-08-30T09:00") as house:
            waits = [await _one(house, day) for day in days]
    milliseconds = [wait * 1000 for wait in waits]
    return [
        {
            "dates": DATES,
            "p50 ms": share(milliseconds, 0.5),
            "p99 ms": share(milliseconds, 0.99),
            "max ms": max(milliseconds),
        }
    ]


async def _one(house: House, day: date) -> float:
    due = house.notifier.rules.announcement(day)
    before = await _etag(house)
    house.clock.leap(due - timedelta(seconds=0.2))
    house.notifier.watch.ring()  # the alarm is set anew after the leap
    await asyncio.sleep(max(0.0, house.clock.seconds_until(due)))
    while await _etag(house) == before:
        await asyncio.sleep(POLL_SECONDS)
    return -house.clock.seconds_until(due)


async def _etag(house: House) -> str:
    async with house.browser.head(f"{house.site}/feeds/all.atom") as answer:
        return answer.headers["ETag"]
