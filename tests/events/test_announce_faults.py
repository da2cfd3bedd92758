"""Announcing when something goes wrong: all of a batch or nothing, and nobody waits for a poisoned row."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.db import Database, Rank
from notifier.events import drafts
from notifier.events.drafts import Draft, Scene
from notifier.events.tables import event, event_topic, expansion, mailing_event
from notifier.procedures import store as procedures
from notifier.procedures.due import DueState
from notifier.procedures.model import Procedure
from notifier.procedures.tables import change, due, procedure
from notifier.sequence import counter
from tests.cast import BEGIN, IP1783, count, follow, london, meeting, publication, read, rows, snapshot, sweep
from tests.refusing import refusing

NOON = london(2022, 9, 8, 12)
GOOD, POISONED, FINE = (snapshot(meeting("ipac-1", date(2022, 9, 8)), number=number) for number in (1, 2, 3))


async def _poison(db: Database) -> None:
    """Give one procedure a status that no version of the code has ever written."""
    async with db.write(Rank.HOUSEKEEPING) as conn:
        poisoned = procedure.c.slug == POISONED.reference
        await conn.execute(update(procedure).where(poisoned).values(status="eaten by mice"))


async def _three_meetings(db: Database) -> None:
    await follow(db, "Ada")
    for one in (GOOD, POISONED, FINE):
        await read(db, one, now=BEGIN)


@pytest.mark.parametrize("table", ["event", "event_topic", "mailing", "expansion"])
async def test_a_write_that_fails_on_the_way_leaves_nothing_behind(db: Database, table: str) -> None:
    await _three_meetings(db)
    before = await rows(db, due), await rows(db, counter)
    async with refusing(db, table):
        with pytest.raises(DBAPIError, match="disk full"):
            await sweep(db, NOON)
        assert (await rows(db, due), await rows(db, counter)) == before
        for each in (event, event_topic, mailing_event, expansion):
            assert await count(db, each) == 0
    assert (await sweep(db, NOON)).events == 3
    assert [row["seq"] for row in await rows(db, event)] == [1, 2, 3]


async def test_a_poisoned_row_is_pushed_an_hour_and_the_others_are_announced(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    await _three_meetings(db)
    await _poison(db)
    assert (await sweep(db, NOON)).events == 2
    assert [row["seq"] for row in await rows(db, event)] == [1, 2]
    [pushed] = [row for row in await rows(db, due) if row["state"] == DueState.PENDING]
    assert pushed["attempt_after"] == NOON + timedelta(hours=1)
    assert pushed["due_at"] == london(2022, 9, 8)
    assert "row_poisoned" in [record.message for record in caplog.records]
    assert (await sweep(db, NOON + timedelta(minutes=59))).events == 0


def _cannot_be_worded(monkeypatch: pytest.MonkeyPatch) -> None:
    of_due = drafts.of_due

    def fail(scene: Scene, *rest: Any) -> Draft:
        if scene.procedure.slug == POISONED.reference:
            raise AttributeError("'NoneType' object has no attribute 'start'")
        return of_due(scene, *rest)

    monkeypatch.setattr(drafts, "of_due", fail)


def _has_lost_its_milestone(monkeypatch: pytest.MonkeyPatch) -> None:
    load = procedures.load

    async def lose(conn: AsyncConnection, ids: Sequence[int]) -> Mapping[int, Procedure]:
        found = await load(conn, ids)
        return {
            id_: replace(one, milestones=()) if one.slug == POISONED.reference else one
            for id_, one in found.items()
        }

    monkeypatch.setattr(procedures, "load", lose)


@pytest.mark.parametrize("fault", [_cannot_be_worded, _has_lost_its_milestone])
async def test_whatever_is_wrong_with_one_row_holds_up_no_other(
    sqlite_db: Database,
    monkeypatch: pytest.MonkeyPatch,
    fault: Callable[[pytest.MonkeyPatch], None],
) -> None:
    await _three_meetings(sqlite_db)
    fault(monkeypatch)
    assert (await sweep(sqlite_db, NOON)).events == 2
    [pushed] = [row for row in await rows(sqlite_db, due) if row["state"] == DueState.PENDING]
    assert pushed["attempt_after"] == NOON + timedelta(hours=1)


async def test_one_poisoned_row_among_many_costs_neither_the_others_nor_their_one_mailing(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    await follow(db, "Ada")
    for number in range(1, 14):
        await read(db, snapshot(meeting("ipac-1", date(2022, 9, 8)), number=number), now=BEGIN)
    await _poison(db)
    done = await sweep(db, NOON)
    assert (done.events, done.mailings) == (12, 1)
    assert [row["seq"] for row in await rows(db, event)] == list(range(1, 13))
    poisoned = [one for one in caplog.records if one.message == "row_poisoned"]
    [pending] = [row["id"] for row in await rows(db, due) if row["state"] == DueState.PENDING]
    assert [one.__dict__["row"] for one in poisoned] == [pending]


async def test_a_row_that_is_cured_is_announced_at_its_next_turn(db: Database) -> None:
    await _three_meetings(db)
    await _poison(db)
    await sweep(db, NOON)
    async with db.write(Rank.HOUSEKEEPING) as conn:
        await conn.execute(update(procedure).values(status="in_progress"))
    assert (await sweep(db, NOON + timedelta(hours=1))).events == 1


async def test_a_poisoned_change_is_pushed_an_hour_and_the_others_are_announced(db: Database) -> None:
    for number in (2, 3):
        await read(db, snapshot(publication(date(2023, 3, 29)), number=number), now=BEGIN)
        await read(db, snapshot(publication(date(2023, 5, 24)), number=number), now=BEGIN)
    await _poison(db)
    assert (await sweep(db, NOON)).events == 1
    [pushed] = [row for row in await rows(db, change) if row["state"] == "pending"]
    assert pushed["settles_at"] == NOON + timedelta(hours=1)
    assert (await sweep(db, NOON)).events == 0


async def test_a_poisoned_row_undoes_only_itself(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    async with db.write(Rank.HOUSEKEEPING) as conn:
        await conn.execute(update(due).where(due.c.edge == "opens").values(edge="half past"))
    assert (await sweep(db, london(2022, 11, 10))).events == 2
    states = {row["edge"]: row["state"] for row in await rows(db, due)}
    assert states["half past"] == DueState.PENDING
    assert states["reached"] == DueState.PENDING  # that of the publication, still to come
    assert states["closing:1"] == DueState.ANNOUNCED


async def test_a_batch_that_is_full_says_that_there_may_be_more(
    sqlite_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notifier.events.announce.BATCH", 2)
    for one in (GOOD, POISONED, FINE):
        await read(sqlite_db, one, now=BEGIN)
    assert [(await sweep(sqlite_db, NOON)).more for _ in range(2)] == [True, False]
    assert await count(sqlite_db, event) == 3


async def test_a_batch_of_changes_that_is_full_says_so_too(
    sqlite_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notifier.events.announce.BATCH", 2)
    for number in range(3):
        await read(sqlite_db, snapshot(publication(date(2023, 3, 29)), number=number), now=BEGIN)
        await read(sqlite_db, snapshot(publication(date(2023, 5, 24)), number=number), now=BEGIN)
    assert [(await sweep(sqlite_db, NOON)).more for _ in range(2)] == [True, False]
    assert await count(sqlite_db, event) == 3


async def test_what_was_told_is_not_told_again_even_if_its_row_asks_again(db: Database) -> None:
    await _three_meetings(db)
    await sweep(db, NOON)
    async with db.write(Rank.HOUSEKEEPING) as conn:
        await conn.execute(update(due).values(state=DueState.PENDING))
    assert (await sweep(db, NOON)).events == 0
    assert {row["state"] for row in await rows(db, due)} == {DueState.ANNOUNCED}
    assert await count(db, event) == 3
