"""What a weekly digest adds: what is open and what comes, of all that its reader follows and no more."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest

from notifier.db import Database
from notifier.events.overview import AHEAD, MOST_ROWS, overview, read_agenda
from notifier.events.words import OverviewPart
from notifier.subscriptions.topics import EVERYTHING, Topic, TopicKind, procedure_topic
from tests.cast import BEGIN, VOICE, consultation, meeting, read, snapshot, stored

TODAY = date(2022, 10, 17)
IPG = Topic(kind=TopicKind.PROCESS, value="ip")
DEVICES = Topic(kind=TopicKind.TECHNOLOGY, value="device")


async def _overview(db: Database, topics: Collection[Topic]) -> dict[str, list[int]]:
    """Return the numbers of the topics in each part."""
    async with db.read() as conn:
        agenda = await read_agenda(conn, TODAY)
    return _shown(overview(agenda, topics, service=VOICE.service))


def _shown(parts: Sequence[OverviewPart]) -> dict[str, list[int]]:
    return {
        part.heading: [int(row.topic.url.rpartition("GID-IPG")[2]) for row in part.rows] for part in parts
    }


OPEN, SOON, MEETS, LATER = 1, 2, 3, 4


@pytest.fixture
async def four(db: Database) -> None:
    """One procedure that is open, one that opens soon, one whose meeting is near, and one for later."""
    meets = snapshot(meeting("a", date(2022, 10, 21)), number=MEETS, process="MTG")
    for one in (
        snapshot(consultation(date(2022, 10, 14), date(2022, 11, 11)), number=OPEN),
        snapshot(consultation(date(2022, 10, 20), date(2022, 11, 20)), number=SOON, process="MTG"),
        replace(meets, facts=replace(meets.facts, technology_type="Device")),
        snapshot(meeting("b", TODAY + AHEAD + timedelta(days=1)), number=LATER),
    ):
        await read(db, one, now=BEGIN)


async def test_whoever_follows_everything_sees_all_of_two_weeks(db: Database, four: None) -> None:
    assert await _overview(db, [EVERYTHING]) == {"Open now": [OPEN], "Next 14 days": [SOON, MEETS]}


@pytest.mark.parametrize(
    ("topics", "shown"),
    [
        ([IPG], {"Open now": [OPEN]}),
        ([DEVICES], {"Next 14 days": [MEETS]}),
        ([IPG, DEVICES], {"Open now": [OPEN], "Next 14 days": [MEETS]}),
        ([Topic(kind=TopicKind.PROCESS, value="nothing")], {}),
        ([], {}),
    ],
)
async def test_others_see_what_they_follow(
    db: Database, four: None, topics: list[Topic], shown: dict[str, list[int]]
) -> None:
    assert await _overview(db, topics) == shown


async def test_a_followed_procedure_is_seen_beside_a_followed_process(db: Database, four: None) -> None:
    soon = await stored(db, snapshot(number=SOON))
    found = await _overview(db, [IPG, procedure_topic(soon.id)])
    assert found == {"Open now": [OPEN], "Next 14 days": [SOON]}


async def test_a_long_part_ends_with_how_many_more_there_are(db: Database) -> None:
    for number in range(MOST_ROWS + 2):
        await read(db, snapshot(meeting("a", date(2022, 10, 20)), number=number), now=BEGIN)
    async with db.read() as conn:
        [part] = overview(await read_agenda(conn, TODAY), [EVERYTHING], service=VOICE.service)
    assert (len(part.rows), part.more and part.more.text) == (MOST_ROWS, "And 2 more")
