"""A home in which many consultations open on one day, and who follows which."""

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

from benchmarks.readers import Reader, add_readers
from notifier.procedures import store as procedures
from notifier.subscriptions.topics import procedure_topic
from tests.journeys.house import House, open_house

OPENING = date(2022, 10, 14)
BEFORE = "2022-10-14T07:50"
"""UTC, ten minutes before 9am in London."""

DUE = "2022-10-14T08:00"

_PROCEDURE = """\
reference = "{reference}"
title = "Radiofrequency ablation for palliation of painful spinal metastases, part {n}"
status = "In progress"
process = "IP"
link = "https://www.nice.org.uk/guidance/indevelopment/gid-ipg10158"

[[milestones]]
label = "Committee meeting: 1"
date = "8 September 2022"

[[milestones]]
label = "Consultation"
date = "14 October 2022 - 11 November 2022"

[[milestones]]
label = "Committee meeting: 2"
date = "12 January 2023"

[[milestones]]
label = "Expected publication"
date = "29 March 2023"
"""


def reference(n: int) -> str:
    """Return what a consultation's procedure is called; 0 is the one that the crowd follows."""
    return f"BENCH-{n}"


async def prepare(home: Path, *, dates: int, crowd: int) -> None:
    """Make the home: the crowd follows the first procedure, one person each of the others."""
    folder = home / "procedures"
    folder.mkdir(parents=True)
    for n in range(dates + 1):  # ids are given in the order of the names
        text = _PROCEDURE.format(reference=reference(n), n=n)
        (folder / f"{n:05}.toml").write_text(text, encoding="utf-8")
    async with open_house(home, "2022-09-20T09:00") as house:
        topics = [procedure_topic(await _id(house, n)) for n in range(dates + 1)]
        now = house.clock.now()
        alone = [Reader(follows=(topic,)) for topic in topics]
        await add_readers(house.notifier.db, dates, now=now, reader=lambda number: alone[number], first=1)
        if crowd:
            await add_readers(house.notifier.db, crowd, now=now, reader=lambda _: alone[0], first=dates + 1)


def last_event(home: Path) -> int:
    """Return the number of the last event in the home's database; 0 if there is none."""
    with closing(sqlite3.connect(home / "notifier.db")) as conn:
        found: int = conn.execute("SELECT coalesce(max(seq), 0) FROM event").fetchone()[0]
    return found


async def _id(house: House, n: int) -> int:
    async with house.notifier.db.read() as conn:
        found = await procedures.find(conn, reference(n))
    assert found is not None
    return found.id
