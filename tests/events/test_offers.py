"""What a claimed delivery could say is found by its own people and events, however many there were before."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.db import Database, Rank
from notifier.events import variants
from notifier.events.claimed import read_events, read_mailings
from notifier.events.offers import gathered_for, gathered_of, offers, read_readers
from notifier.events.variants import Variant
from notifier.subscriptions.model import Rhythm
from notifier.subscriptions.topics import procedure_topic
from tests.cast import BEGIN, IP1783, Person, fan_out, follow, london, read, stored, sweep

OPENING = london(2022, 10, 14)


@asynccontextmanager
async def plans(conn: AsyncConnection) -> AsyncIterator[list[str]]:
    """Collect SQLite's plan of each statement that runs in the block."""
    ran: list[tuple[str, object]] = []
    found: list[str] = []

    def note(_c: object, _u: object, statement: str, parameters: object, _x: object, _m: bool) -> None:
        if not statement.startswith("BEGIN"):
            ran.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    for statement, parameters in ran:
        lines = await conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        found.append("; ".join(line.detail for line in lines))


async def _told(db: Database) -> Person:
    """Let Ada follow IP1783 twice, and tell its opening."""
    await read(db, IP1783, now=BEGIN)
    ada = await follow(db, "Ada", rhythm=Rhythm.WEEKLY)
    await follow(db, "Ada", procedure_topic((await stored(db)).id))
    await sweep(db, OPENING)
    await fan_out(db, OPENING)
    return ada


async def test_people_are_found_by_what_they_follow_and_not_by_all_that_is_told(sqlite_db: Database) -> None:
    await _told(sqlite_db)
    async with sqlite_db.read() as conn:
        events = await read_events(conn, [1])
        async with plans(conn) as found:
            await read_readers(conn, [1, 2, 3], events)
    [plan] = found
    assert "SEARCH p USING INTEGER PRIMARY KEY" in plan
    assert "SEARCH s USING INDEX ix_subscription_subscriber (subscriber_id=?)" in plan
    assert "TEMP B-TREE" not in plan


async def test_what_was_gathered_is_found_by_its_people(sqlite_db: Database) -> None:
    async with sqlite_db.read() as conn, plans(conn) as found:
        await gathered_for(conn, [1, 2, 3], mailing_id=1)
        await gathered_of(conn, [1, 2, 3], first=1, last=9)
    of_digest, of_moment = found
    assert "SEARCH g USING INDEX sqlite_autoindex_gathered_1 (subscriber_id=?)" in of_digest
    assert "sqlite_autoindex_gathered_1 (subscriber_id=? AND event_seq>? AND event_seq<?)" in of_moment


async def test_the_facts_of_mailings_and_events_are_found_by_their_numbers(sqlite_db: Database) -> None:
    await _told(sqlite_db)
    async with sqlite_db.read() as conn, plans(conn) as found:
        await read_mailings(conn, [1])
        await read_events(conn, [1])
    for plan in found:
        for table in ("m", "me", "s", "g", "e", "et", "c", "l"):
            assert f"SCAN {table};" not in f"{plan};".replace(" USING", ";")


async def test_which_content_a_delivery_carries_is_written_by_its_row(sqlite_db: Database) -> None:
    await _told(sqlite_db)
    async with sqlite_db.write(Rank.OUTCOMES) as conn, plans(conn) as found:
        await variants.bind(conn, [(Variant(1, (1,), "en"), [1])])
    known, *_new, bound = found
    assert "variant_1 (mailing_id=? AND events_key=? AND language=?)" in known
    assert "SEARCH delivery USING INTEGER PRIMARY KEY" in bound
    assert "SCAN delivery" not in bound


async def test_the_fastest_of_several_followings_and_the_oldest_of_them_are_offered(db: Database) -> None:
    ada = await _told(db)
    async with db.read() as conn:
        events = await read_events(conn, [1])
        readers = await read_readers(conn, [ada.subscriber_id], events)
    [offer] = offers([1], readers[0].follows, events).values()
    assert offer.rhythm is Rhythm.AT_ONCE
    assert readers[0].follows[offer.cause].subscription_id == ada.subscription_id
