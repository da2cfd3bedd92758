"""What was accepted and came back goes out again; people who are left alone are sent nothing meanwhile."""

from datetime import datetime, timedelta

from sqlalchemy import update

from notifier.db import Database, Rank
from notifier.delivery import mailbox, outbox, owners
from notifier.delivery.model import Claimed, DeliveryState
from notifier.delivery.tables import attempt, delivery
from notifier.events.tables import mailing
from notifier.subscriptions.tables import subscriber
from tests.cast import rows
from tests.delivery.queue_cast import (
    NOW,
    PostOffice,
    Sending,
    claim,
    crowd,
    queue,
    register,
    stored,
    until_states,
)
from tests.delivery.test_query_plans import plans

LATER = NOW + timedelta(hours=2)


async def _in_a_mailing(db: Database) -> None:
    """Make of all replies an announcement, which nobody asked for this minute."""
    async with db.write(Rank.EXPAND) as conn:
        values = {
            "id": 7,
            "slot_key": "moment:7",
            "kind": "moment",
            "lane": 2,
            "upto_seq": 0,
            "not_before": NOW,
        }
        await conn.execute(mailing.insert().values(values))
        await conn.execute(update(delivery).values(mailing_id=7))


async def _alone(db: Database, name: str, until: datetime | None) -> None:
    async with db.write(Rank.WEB) as conn:
        where = subscriber.c.address == f"{name.lower()}@example.org"
        await conn.execute(update(subscriber).where(where).values(mail_after=until))


async def _claim(db: Database, machine_now: datetime = NOW) -> list[Claimed]:
    lease = await register(db, machine_now=machine_now)
    found = await claim(db, lease, machine_now=machine_now)
    async with db.write(Rank.OUTCOMES) as conn:
        return list(await mailbox.leave_waiting(conn, found, machine_now=machine_now))


async def test_mail_to_somebody_who_is_left_alone_waits_with_no_attempt_counted(db: Database) -> None:
    ada, ben = await queue(db, "Ada", "Ben")
    await _in_a_mailing(db)
    await _alone(db, "Ada", LATER)
    assert [one.delivery_id for one in await _claim(db)] == [ben]
    first, second = await stored(db)
    assert (first["state"], first["next_at"], first["owner_id"]) == (DeliveryState.PENDING, LATER, None)
    assert (first["attempts"], second["state"]) == (0, DeliveryState.SENDING)
    assert await _claim(db, LATER - timedelta(seconds=1)) == []
    assert [one.delivery_id for one in await _claim(db, LATER)] == [ada]


async def test_a_wait_that_is_over_holds_up_nothing(db: Database) -> None:
    [ada] = await queue(db, "Ada")
    await _in_a_mailing(db)
    await _alone(db, "Ada", NOW)
    assert [one.delivery_id for one in await _claim(db)] == [ada]


async def test_an_answer_to_what_somebody_asks_for_does_not_wait(db: Database) -> None:
    [ada] = await queue(db, "Ada")
    await _alone(db, "Ada", LATER)
    assert [one.delivery_id for one in await _claim(db)] == [ada]


async def test_waiting_reads_each_person_by_key_and_touches_only_who_waits(sqlite_db: Database) -> None:
    await crowd(sqlite_db, 60)
    await _in_a_mailing(sqlite_db)
    found = await claim(sqlite_db, await register(sqlite_db))
    async with plans(sqlite_db, "UPDATE") as plan, sqlite_db.write(Rank.OUTCOMES) as conn:
        await mailbox.leave_waiting(conn, found, machine_now=NOW)
    assert "SCAN j" in plan[0]
    assert "SEARCH s USING INTEGER PRIMARY KEY" in plan[0]
    assert "SEARCH delivery USING INTEGER PRIMARY KEY" in plan[0]


async def test_the_sender_leaves_people_alone_and_goes_on_with_the_others(sqlite_db: Database) -> None:
    await queue(sqlite_db, "Ada", "Ben")
    await _in_a_mailing(sqlite_db)
    await _alone(sqlite_db, "Ada", datetime(2999, 1, 1, tzinfo=NOW.tzinfo))
    async with Sending(sqlite_db, PostOffice()):
        await until_states(sqlite_db, "pending", "accepted")


async def test_what_was_accepted_is_put_back_and_the_attempt_that_ended_so_is_kept(db: Database) -> None:
    [ada] = await queue(db, "Ada")
    lease = await register(db)
    await claim(db, lease)
    async with db.write(Rank.OUTCOMES) as conn:
        await outbox.accept(conn, [(ada, 250, "2.0.0 Ok")], owner_id=lease.owner_id, now=NOW)
        assert await mailbox.came_back(conn, ada, next_at=LATER)
        assert not await mailbox.came_back(conn, ada, next_at=LATER)
        assert await owners.take_back(conn, machine_now=LATER) == 0
    [found] = await stored(db)
    assert (found["state"], found["next_at"], found["attempts"]) == (DeliveryState.PENDING, LATER, 1)
    assert found["done_at"] is None
    [kept] = await rows(db, attempt)
    assert (kept["n"], kept["at"], kept["code"], kept["reply"]) == (1, NOW, 250, "2.0.0 Ok")


async def test_only_what_was_accepted_can_come_back(db: Database) -> None:
    [ada] = await queue(db, "Ada")
    for state in ("pending", "sending", "failed", "cancelled"):
        async with db.write(Rank.OUTCOMES) as conn:
            await conn.execute(update(delivery).values(state=state))
            assert not await mailbox.came_back(conn, ada, next_at=LATER), state
    assert await rows(db, attempt) == []


async def test_cancelling_for_one_person_goes_by_the_index_of_what_is_pending(sqlite_db: Database) -> None:
    await crowd(sqlite_db, 60)
    async with plans(sqlite_db, "UPDATE") as plan, sqlite_db.write(Rank.OUTCOMES) as conn:
        await mailbox.cancel_waiting(conn, 1, now=NOW)
    assert "USING INDEX ix_delivery_subscriber" in plan[0]
