"""Addresses that are no mailboxes, or whose owner complained: ended, and not written to again."""

from datetime import timedelta

from notifier.db import Database, Rank
from notifier.delivery import outbox
from notifier.delivery.model import DeliveryState
from notifier.delivery.tables import delivery
from notifier.subscriptions import store
from notifier.subscriptions.model import EndReason
from notifier.subscriptions.suppression import is_suppressed, suppress
from notifier.subscriptions.tables import subscriber, subscription, subscription_history, suppression
from notifier.subscriptions.topics import procedure_topic
from notifier.subscriptions.unreachable import NO_MAILBOX, end_address
from tests.cast import MACHINE_NOW, SIGNER, follow, london, rows

LATER = london(2022, 9, 3)
ADA = SIGNER.address_hash("ada@example.org")


async def _end(db: Database, subscriber_id: int, reason: EndReason = EndReason.REFUSED) -> None:
    async with db.write(Rank.OUTCOMES) as conn:
        await end_address(conn, subscriber_id, LATER, signer=SIGNER, reason=reason)


async def test_an_address_that_does_not_exist_follows_nothing_any_more(db: Database) -> None:
    ada = await follow(db, "Ada")
    await follow(db, "Ada", procedure_topic(1))
    await follow(db, "Ben")
    await _end(db, ada.subscriber_id)
    async with db.read() as conn:
        assert await store.active_of(conn, ada.subscriber_id) == ()
    found = [(row["state"], row["ended_reason"]) for row in await rows(db, subscription)]
    assert found == [("ended", EndReason.REFUSED)] * 2 + [("active", None)]
    last = (await rows(db, subscription_history))[-1]
    assert (last["what"], last["detail"]) == ("ended", EndReason.REFUSED)


async def test_it_is_not_written_to_for_24_months(db: Database) -> None:
    ada = await follow(db, "Ada")
    await _end(db, ada.subscriber_id)
    async with db.read() as conn:
        assert await is_suppressed(conn, ADA, now=LATER + NO_MAILBOX - timedelta(seconds=1))
        assert not await is_suppressed(conn, ADA, now=LATER + NO_MAILBOX)
    assert (LATER + NO_MAILBOX).date() == london(2024, 9, 2).date()


async def test_a_complaint_stands_until_it_is_lifted_whatever_bounces_later(db: Database) -> None:
    ada = await follow(db, "Ada")
    await _end(db, ada.subscriber_id, EndReason.COMPLAINED)
    await _end(db, ada.subscriber_id, EndReason.BOUNCED)
    [row] = await rows(db, suppression)
    assert (row["address_hash"], row["reason"], row["until"]) == (ADA, EndReason.COMPLAINED, None)


async def test_the_longer_of_two_suppressions_stands(db: Database) -> None:
    async def again(reason: EndReason, days: int | None) -> tuple[object, object]:
        until = None if days is None else LATER + timedelta(days=days)
        async with db.write(Rank.WEB) as conn:
            await suppress(conn, ADA, reason, now=LATER, until=until)
        [row] = await rows(db, suppression)
        return row["reason"], row["until"]

    assert await again(EndReason.REFUSED, 10) == (EndReason.REFUSED, LATER + timedelta(days=10))
    assert await again(EndReason.BOUNCED, 5) == (EndReason.REFUSED, LATER + timedelta(days=10))
    assert await again(EndReason.BOUNCED, 20) == (EndReason.BOUNCED, LATER + timedelta(days=20))
    assert await again(EndReason.OPERATOR, None) == (EndReason.OPERATOR, None)


async def test_what_waits_to_be_sent_to_it_is_not_sent(db: Database) -> None:
    ada, ben = await follow(db, "Ada"), await follow(db, "Ben")
    async with db.write(Rank.WEB) as conn:
        for one in (ada, ben):
            await outbox.enqueue(conn, subscriber_id=one.subscriber_id, part=1, machine_now=MACHINE_NOW)
    await _end(db, ada.subscriber_id)
    states = {row["subscriber_id"]: row["state"] for row in await rows(db, delivery)}
    assert states == {
        ada.subscriber_id: DeliveryState.CANCELLED,
        ben.subscriber_id: DeliveryState.PENDING,
    }


async def test_an_address_of_staff_is_ended_by_the_settings_alone(db: Database) -> None:
    ada = await follow(db, "Ada")
    async with db.write(Rank.WEB) as conn:
        await conn.execute(subscriber.update().values(channel="staff"))
    await _end(db, ada.subscriber_id)
    assert await rows(db, suppression) == []
    assert [row["state"] for row in await rows(db, subscription)] == ["active"]
