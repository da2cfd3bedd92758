"""The task that asks the sources: who is asked when, what is rung, and that it stops."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest

from notifier.db import Database, Rank
from notifier.procedures import check_store, source_store
from notifier.procedures.due import CheckedAs
from notifier.procedures.tables import due, procedure
from notifier.sources.web_source import WebSource
from notifier.sources.web_watch import WebWatch, forget_the_unwatched
from tests.cast import RULES, london, rows
from tests.journeys.web_body import project_page
from tests.sources.watch_cast import Scene, reading

NINE = london(2022, 10, 14)
READ = london(2022, 10, 13, 20)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


class Watched:
    """A watch over some sources, and how often it rang."""

    def __init__(self, scene: Scene, *sources: WebSource) -> None:
        self.rung = 0
        self.scene = scene
        self.watch = WebWatch(
            scene.reader, sources, clock=scene.clock, rules=RULES, seconds_between=0, learnt=self._ring
        )

    def _ring(self) -> None:
        self.rung += 1

    async def look(self, at: datetime | None = None) -> float:
        """Look at the plan at an instant."""
        if at is not None:
            self.scene.clock.instant = at
        return await self.watch.look()


@asynccontextmanager
async def watching(db: Database, *, hours: int = 24) -> AsyncIterator[Watched]:
    """Watch IP1783's page, read once in the evening before its consultation opens."""
    async with reading(db, READ) as scene:
        watched = Watched(scene, scene.source(hours=hours))
        await watched.look()
        yield watched


async def test_a_source_is_asked_at_once_and_then_at_its_pace(db: Database) -> None:
    async with watching(db, hours=2) as watched:
        assert watched.scene.body.statuses() == [200]
        assert await watched.watch.next_at() == READ + 2 * HOUR
        assert await watched.look() == (2 * HOUR).total_seconds()
        assert await watched.look(READ + 2 * HOUR - MINUTE) == 60
        assert watched.scene.body.statuses() == [200]
        assert await watched.look(READ + 2 * HOUR) == 0
        assert watched.scene.body.statuses() == [200, 304]


async def test_it_rings_when_something_may_have_been_learnt_and_only_then(db: Database) -> None:
    async with watching(db) as watched:
        assert watched.rung == 1
        await watched.look()
        assert watched.rung == 1
        await watched.look(READ + 24 * HOUR)
        assert watched.rung == 2


async def test_a_source_is_asked_once_before_its_date_speaks(db: Database) -> None:
    async with watching(db) as watched:
        assert await watched.look(NINE - 30 * MINUTE) == (25 * MINUTE).total_seconds()
        await watched.look(NINE - 5 * MINUTE)
        await watched.look(NINE - 4 * MINUTE)
        assert watched.scene.body.statuses() == [200, 304]


async def test_a_source_that_fails_is_asked_after_a_minute_two_and_four(db: Database) -> None:
    async with watching(db) as watched:
        watched.scene.body.fail(500)
        at = NINE - 5 * MINUTE
        for wait in (1, 2, 4):
            await watched.look(at)
            assert await watched.watch.next_at() == at + wait * MINUTE
            at += wait * MINUTE
        assert "answered 500" in watched.watch.problems[0]


async def test_a_problem_is_over_when_the_source_is_read(db: Database) -> None:
    async with watching(db) as watched:
        watched.scene.body.fail(500)
        await watched.look(READ + 24 * HOUR)
        assert len(watched.watch.problems) == 1
        watched.scene.body.show("still no page")
        await watched.look(READ + 25 * HOUR)
        [problem] = watched.watch.problems
        assert "a NICE project page" in problem
        watched.scene.body.show(project_page())
        await watched.look(READ + 30 * HOUR)
        assert watched.watch.problems == []


async def test_a_date_is_marked_whose_source_may_not_be_asked_in_time(db: Database) -> None:
    async with watching(db, hours=12) as watched:
        watched.scene.body.fail(500)
        for minutes in (60, 59, 57, 53, 45, 29):  # twice as long each time: the next is after nine
            await watched.look(NINE - minutes * MINUTE)
        assert await watched.watch.next_at() == NINE + 3 * MINUTE
        asked = len(watched.scene.body.statuses())
        await watched.look(NINE - 5 * MINUTE)
        assert len(watched.scene.body.statuses()) == asked == 7
        [opens] = [row for row in await rows(db, due) if row["edge"] == "opens"]
        assert (opens["checked_as"], opens["checked_at"]) == (CheckedAs.UNREADABLE, NINE - 5 * MINUTE)


async def test_nobody_is_asked_about_a_date_that_an_operator_released(db: Database) -> None:
    async with watching(db) as watched:
        watched.scene.body.fail(500)
        await watched.look(NINE - 5 * MINUTE)
        ids = [row["milestone_id"] for row in await rows(db, due)]
        async with db.write(Rank.WEB) as conn:
            await check_store.let_go(conn, ids)
        watched.scene.clock.instant = NINE
        async with db.read() as conn:
            assert await check_store.waiting(conn, until=NINE + HOUR) == []


async def test_one_source_that_fails_keeps_no_other_waiting(db: Database) -> None:
    async with reading(db, READ, living=("web:ip1783", "web:gone")) as scene:
        watched = Watched(scene, scene.source("/nowhere", name="gone"), scene.source())
        await watched.look()
        async with db.read() as conn:
            known = await source_store.known(conn)
    assert known["web:ip1783"].failures == 0
    assert known["web:gone"].failures == 1
    assert "404 Not Found" in watched.watch.problems[0]


async def test_without_sources_there_is_nothing_to_ask(db: Database) -> None:
    async with reading(db, READ) as scene:
        watched = Watched(scene)
        assert await watched.watch.next_at() is None
        assert await watched.look() > 0
        assert watched.rung == 0


@pytest.mark.parametrize("milliseconds", [0, 1, 2, 3, 5, 8, 100])
async def test_it_stops_at_once_whether_it_waits_or_looks(sqlite_db: Database, milliseconds: int) -> None:
    async with watching(sqlite_db) as watched:
        running = asyncio.create_task(watched.watch.run())
        await asyncio.sleep(milliseconds / 1000)
        watched.watch.stop()
        done, _ = await asyncio.wait({running}, timeout=5)
        assert done == {running}


async def test_the_procedures_of_a_source_that_is_watched_no_more_are_nobody_s(db: Database) -> None:
    async with watching(db) as watched:
        source = watched.scene.source()
    await forget_the_unwatched(db, [source])
    assert [row["source_key"] for row in await rows(db, procedure)] == [source.key]
    await forget_the_unwatched(db, [])
    assert [row["source_key"] for row in await rows(db, procedure)] == [None]
