"""Due instants in the database: the schedule that the alarm clock is set by."""

from datetime import date, datetime, timedelta

from sqlalchemy import update

from notifier.db import Database, Rank
from notifier.procedures import due_store
from notifier.procedures.due import DueState, Edge
from notifier.procedures.tables import due
from tests.cast import BEGIN, IP1783, consultation, dues, london, meeting, read, rows, snapshot

OPENING = london(2022, 10, 14)


async def _ready(db: Database, now: datetime, limit: int = 100) -> list[tuple[str, str]]:
    """Return milestone and edge of what is ready, in order."""
    async with db.read() as conn:
        found = [await due_store.row(conn, row.id) for row in await due_store.ready(conn, now, limit)]
    return [(one.milestone_key, one.instant.edge.value) for one in found]


async def test_a_schedule_is_stored_as_the_instants_at_which_it_speaks(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    found = await dues(db)
    assert {key: one.instant.due_at for key, one in found.items()} == {
        ("ipac-1", "reached", date(2022, 9, 8)): london(2022, 9, 8),
        ("consultation", "opens", date(2022, 10, 14)): london(2022, 10, 14),
        ("consultation", "closing:7", date(2022, 11, 4)): london(2022, 11, 4),
        ("consultation", "closing:1", date(2022, 11, 10)): london(2022, 11, 10),
        ("consultation", "closes", date(2022, 11, 11)): london(2022, 11, 11, 17),
        ("ipac-2", "reached", date(2023, 1, 12)): london(2023, 1, 12),
        ("publication", "reached", date(2023, 3, 29)): london(2023, 3, 29),
        ("publication", "not_yet", date(2023, 3, 30)): london(2023, 3, 30),
    }
    assert {one.state for one in found.values()} == {DueState.PENDING}
    assert {one.instant.zone for one in found.values()} == {"Europe/London"}


async def test_what_is_due_is_ready_earliest_first_and_from_its_very_instant(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    assert await _ready(db, london(2022, 9, 8) - timedelta(microseconds=1)) == []
    assert await _ready(db, london(2022, 9, 8)) == [("ipac-1", "reached")]
    assert await _ready(db, OPENING) == [("ipac-1", "reached"), ("consultation", "opens")]
    assert await _ready(db, OPENING, limit=1) == [("ipac-1", "reached")]


async def test_a_settled_instant_is_ready_no_more_and_keeps_its_end(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    async with db.write(Rank.ANNOUNCE) as conn:
        ids = [row.id for row in await due_store.ready(conn, OPENING, 100)]
        await due_store.settle(conn, ids[:1], DueState.ANNOUNCED)
        await due_store.settle(conn, ids, DueState.SKIPPED)
    states = [one["state"] for one in await rows(db, due)][:2]
    assert states == [DueState.ANNOUNCED, DueState.SKIPPED]
    assert await _ready(db, OPENING) == []


async def test_a_pushed_instant_asks_again_later_and_stays_due_since_its_own_instant(db: Database) -> None:
    await read(db, snapshot(meeting("ipac-1", date(2022, 9, 8))), now=BEGIN)
    now = london(2022, 9, 8)
    async with db.write(Rank.ANNOUNCE) as conn:
        [row] = await due_store.ready(conn, now, 100)
        await due_store.push(conn, [row.id], now + timedelta(hours=1))
        assert await due_store.next_attempt(conn) == now + timedelta(hours=1)
        assert await due_store.oldest_unannounced(conn, now) == now
    assert await _ready(db, now + timedelta(minutes=59)) == []
    assert await _ready(db, now + timedelta(hours=1)) == [("ipac-1", "reached")]


async def test_the_alarm_is_set_by_the_earliest_pending_instant(db: Database) -> None:
    async with db.read() as conn:
        assert await due_store.next_attempt(conn) is None
    await read(db, IP1783, now=BEGIN)
    async with db.read() as conn:
        assert await due_store.next_attempt(conn) == london(2022, 9, 8)
        assert await due_store.oldest_unannounced(conn, BEGIN) is None


async def test_a_due_row_knows_since_when_its_dates_are_known(db: Database) -> None:
    known = await read(db, IP1783, now=BEGIN)
    async with db.read() as conn:
        rows_ready = await due_store.ready(conn, OPENING, 100)
        found = await due_store.row(conn, rows_ready[-1].id)
    assert found.instant.edge is Edge.OPENS
    assert (found.procedure_id, found.known_since) == (known.procedure_id, BEGIN)


async def test_only_procedures_with_something_to_come_are_armed(db: Database) -> None:
    past = snapshot(meeting("ipac-1", date(2022, 8, 1)), number=1)
    await read(db, past, now=BEGIN)
    coming = await read(db, IP1783, now=BEGIN)
    held = await read(db, snapshot(consultation(date(2022, 10, 14), date(2022, 11, 11)), number=2), now=BEGIN)
    async with db.write(Rank.HOUSEKEEPING) as conn:
        mine = [one.id for one in (await due_store.of_procedure(conn, held.procedure_id))]
        await conn.execute(update(due).where(due.c.id.in_(mine)).values(state=DueState.HELD))
        first = await due_store.armed_procedures(conn, after=0, limit=1)
        others = await due_store.armed_procedures(conn, after=first[-1], limit=10)
        assert [*first, *others] == [coming.procedure_id, held.procedure_id]
