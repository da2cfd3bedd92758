"""Two processes at work on one procedure at the same time; SQLite has one writer, PostgreSQL many."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import URL, text

from notifier.db import Database, Rank
from notifier.events import hand
from notifier.events.model import EventKind
from notifier.events.tables import event
from notifier.procedures import change_store, due_store, writing
from notifier.procedures.change_store import Patience, SettledChange
from notifier.procedures.hand import Hand
from notifier.procedures.model import Milestone
from notifier.procedures.revise import Change, ChangeKind
from notifier.procedures.store import milestone_as_text
from notifier.procedures.tables import change
from notifier.sources.intake import Taken
from tests.cast import (
    BEGIN,
    IP1783,
    RULES,
    VOICE,
    consultation,
    london,
    publication,
    read,
    rows,
    snapshot,
    stored,
    sweep,
)

FIRST, SECOND, THIRD = (publication(day) for day in (date(2023, 3, 29), date(2023, 5, 24), date(2023, 7, 12)))
PLANNED = snapshot(consultation(date(2022, 10, 14), date(2022, 11, 11)))
LATER = snapshot(consultation(date(2022, 10, 21), date(2022, 11, 18)))
NINE = london(2022, 10, 14)
HALF_AN_HOUR, HOUR = timedelta(minutes=30), timedelta(hours=1)
PATIENT_SECONDS = 10


@pytest.fixture
async def shared(postgresql_url: URL) -> AsyncIterator[Database]:
    """A database that several processes can write to at the same time."""
    database = Database(postgresql_url)
    yield database
    await database.dispose()


def moved(old: Milestone, new: Milestone) -> Change:
    return Change(kind=ChangeKind.MOVED, subject="publication", old=old, new=new)


async def _see(db: Database, procedure_id: int, found: Change, *, revision: int, now: datetime) -> bool:
    """Let a reading see a change, in a transaction of its own."""
    async with db.write(Rank.HOUSEKEEPING) as conn:
        patience = Patience(settles_at=now + HALF_AN_HOUR)
        return await change_store.wait(
            conn, procedure_id, found, revision=revision, now=now, patience=patience
        )


async def _waits_for_a_lock_or_ends(db: Database, task: asyncio.Task[object]) -> None:
    """Return when a task has come as far as it can by itself."""
    async with asyncio.timeout(PATIENT_SECONDS):
        while not task.done():
            async with db.write(Rank.HOUSEKEEPING) as conn:
                if await conn.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
                    return
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("new", "news"),
    [
        pytest.param(THIRD, [("announced", FIRST, SECOND), ("pending", SECOND, THIRD)], id="it moves on"),
        pytest.param(FIRST, [("announced", FIRST, SECOND), ("pending", SECOND, FIRST)], id="it moves back"),
    ],
)
async def test_a_change_is_news_of_its_own_when_what_waited_is_told_at_that_moment(
    shared: Database, new: Milestone, news: list[tuple[str, Milestone, Milestone]]
) -> None:
    id_ = (await read(shared, IP1783, now=BEGIN)).procedure_id
    await _see(shared, id_, moved(FIRST, SECOND), revision=2, now=BEGIN)
    now = BEGIN + HOUR
    async with shared.write(Rank.ANNOUNCE) as conn:
        [told] = (await change_store.take(conn, [id_], now=now, rules=RULES))[id_]
        seeing = asyncio.create_task(_see(shared, id_, moved(SECOND, new), revision=3, now=now))
        await _waits_for_a_lock_or_ends(shared, seeing)
        assert not seeing.done()
    assert await seeing is False
    assert told.change.new == SECOND
    assert [(row["state"], row["old"], row["new"]) for row in await rows(shared, change)] == [
        (state, milestone_as_text(old), milestone_as_text(to)) for state, old, to in news
    ]


async def test_a_change_that_moves_on_while_it_is_taken_is_told_when_it_has_settled(
    shared: Database,
) -> None:
    id_ = (await read(shared, IP1783, now=BEGIN)).procedure_id
    await _see(shared, id_, moved(FIRST, SECOND), revision=2, now=BEGIN)
    now = BEGIN + HOUR

    async def take() -> Sequence[SettledChange]:
        async with shared.write(Rank.ANNOUNCE) as conn:
            return (await change_store.take(conn, [id_], now=now, rules=RULES))[id_]

    async with shared.write(Rank.HOUSEKEEPING) as conn:
        patience = Patience(settles_at=now + HALF_AN_HOUR)
        await change_store.wait(conn, id_, moved(SECOND, THIRD), revision=3, now=now, patience=patience)
        taking = asyncio.create_task(take())
        await _waits_for_a_lock_or_ends(shared, taking)
        assert not taking.done()
    assert await taking == []
    [waits] = await rows(shared, change)
    assert (waits["state"], waits["new"]) == ("pending", milestone_as_text(THIRD))


@dataclass(frozen=True, slots=True)
class Halfway:
    """A reading that has stopped in its transaction until it may go on."""

    task: asyncio.Task[Taken]
    go_on: asyncio.Event

    async def beside(self, db: Database, other: Coroutine[Any, Any, object]) -> None:
        """Let something else happen at the same time, as far as it gets before the reading goes on."""
        task = asyncio.create_task(other)
        await _waits_for_a_lock_or_ends(db, task)
        self.go_on.set()
        await asyncio.gather(self.task, task)


@pytest.fixture
async def halfway(shared: Database, monkeypatch: pytest.MonkeyPatch) -> Halfway:
    """A reading that moves the consultation by a week; it stops before it writes."""
    await read(shared, PLANNED, now=BEGIN)
    compared, go_on, apply = asyncio.Event(), asyncio.Event(), writing.apply

    async def apply_slowly(*args: Any, **more: Any) -> int:
        compared.set()
        await go_on.wait()
        return await apply(*args, **more)

    monkeypatch.setattr(writing, "apply", apply_slowly)
    task = asyncio.create_task(read(shared, LATER, now=NINE))
    await compared.wait()
    return Halfway(task, go_on)


@pytest.fixture
async def nearly_stored(shared: Database, monkeypatch: pytest.MonkeyPatch) -> Halfway:
    """A reading that moves the consultation by a week; it has written all, and stops before it commits."""
    await read(shared, PLANNED, now=BEGIN)
    written, go_on, apply = asyncio.Event(), asyncio.Event(), due_store.apply

    async def apply_and_wait(*args: Any) -> None:
        await apply(*args)
        written.set()
        await go_on.wait()

    monkeypatch.setattr(due_store, "apply", apply_and_wait)
    task = asyncio.create_task(read(shared, LATER, now=NINE))
    await written.wait()
    return Halfway(task, go_on)


async def test_a_date_that_moves_at_its_very_instant_is_not_announced(
    shared: Database, nearly_stored: Halfway
) -> None:
    await nearly_stored.beside(shared, sweep(shared, NINE))
    assert await rows(shared, event) == []
    assert (await stored(shared, PLANNED)).milestones[0].dates.start == date(2022, 10, 21)


@pytest.mark.parametrize("name", [None, "consultation"])
async def test_an_operators_hold_outlives_a_reading_at_the_same_time(
    shared: Database, halfway: Halfway, name: str | None
) -> None:
    by = Hand(by="Cora", reason="The body asked us to wait.", at=NINE)
    await halfway.beside(shared, hand.hold(shared, VOICE, PLANNED.reference, name, by=by))
    found = await stored(shared, PLANNED)
    [one] = found.milestones
    assert one.dates.start == date(2022, 10, 21)
    assert (found.held, one.held) == (name is None, name is not None)


async def test_what_is_due_is_announced_though_a_reading_is_being_stored(
    shared: Database, halfway: Halfway
) -> None:
    await halfway.beside(shared, sweep(shared, NINE))
    assert [row["kind"] for row in await rows(shared, event)] == [EventKind.OPENED]
    assert (await stored(shared, PLANNED)).milestones[0].dates.start == date(2022, 10, 21)
