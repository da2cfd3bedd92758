"""What a claimed delivery could say is found by its own events, however many there were before."""

from sqlalchemy import event
from sqlalchemy.engine import Engine

from notifier.db import Database
from notifier.events.offers import offers
from notifier.subscriptions.model import Rhythm
from notifier.subscriptions.topics import procedure_topic
from tests.cast import BEGIN, IP1783, fan_out, follow, london, read, stored, sweep


async def test_nobody_reads_the_whole_history_of_what_a_person_follows(sqlite_db: Database) -> None:
    plans: list[str] = []
    ran: list[tuple[str, object]] = []

    def note(_c: object, _u: object, statement: str, parameters: object, _x: object, _m: bool) -> None:
        ran.append((statement, parameters))

    async with sqlite_db.read() as conn:
        event.listen(Engine, "before_cursor_execute", note)
        try:
            await offers(conn, [1, 2, 3])
        finally:
            event.remove(Engine, "before_cursor_execute", note)
        for statement, parameters in ran:
            if statement.startswith("SELECT"):
                lines = await conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
                plans.append("; ".join(line.detail for line in lines))
    assert len(plans) == 2
    for plan in plans:
        assert "event_topic USING INDEX sqlite_autoindex_event_topic_1 (event_seq=?)" in plan
        assert "subscription USING INDEX uq_subscription_active (topic_id=? AND subscriber_id=?)" in plan


async def test_the_fastest_of_several_followings_and_the_oldest_of_them_are_offered(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    ada = await follow(db, "Ada", rhythm=Rhythm.WEEKLY)
    await follow(db, "Ada", procedure_topic((await stored(db)).id))
    opening = london(2022, 10, 14)
    await sweep(db, opening)
    await fan_out(db, opening)
    async with db.read() as conn:
        [offered] = (await offers(conn, [1])).values()
    assert {(one.cause, one.rhythm) for one in offered.values()} == {(ada.subscription_id, Rhythm.AT_ONCE)}
