"""How many of the last thousand mails came back."""

from sqlalchemy import insert

from notifier.bounces.share import MOST, came_back
from notifier.db import Database, Rank
from notifier.delivery.fuse import WINDOW
from notifier.delivery.tables import delivery
from notifier.subscriptions.tables import bounce
from tests.delivery.queue_cast import NOW, queue


async def _sent(db: Database, count: int) -> None:
    """Let so many mails be accepted, all to Ada."""
    [first] = await queue(db, "Ada", part=0)
    async with db.write(Rank.EXPAND) as conn:
        values = {"mailing_id": 0, "subscriber_id": 1, "lane": 2, "next_at": NOW, "state": "accepted"}
        await conn.execute(delivery.update().values(state="accepted"))
        await conn.execute(insert(delivery), [values | {"part": n, "id": first + n} for n in range(1, count)])


async def _bounced(db: Database, *deliveries: int | None, kind: str = "hard") -> None:
    async with db.write(Rank.OUTCOMES) as conn:
        for number, one in enumerate(deliveries):
            values = {"fingerprint": f"{kind}{one}{number}", "kind": kind, "delivery_id": one, "at": NOW}
            await conn.execute(insert(bounce).values(values))


async def _count(db: Database) -> int:
    async with db.read() as conn:
        return await came_back(conn)


async def test_each_mail_counts_once_and_only_what_is_proven_to_have_come_back(db: Database) -> None:
    await _sent(db, 20)
    assert await _count(db) == 0
    await _bounced(db, 3, 4, 4, 5)
    await _bounced(db, 6, kind="soft")
    await _bounced(db, 7, kind="refused")
    for kind in ("delayed", "complaint", "autoreply", "unsubscribe", "unknown", "delivered"):
        await _bounced(db, 8, kind=kind)
    await _bounced(db, None, None)
    assert await _count(db) == 5


async def test_what_came_back_before_the_last_thousand_is_past(db: Database) -> None:
    await _sent(db, WINDOW + 10)
    await _bounced(db, 1, 2, 10, 11, 12, WINDOW + 10)
    assert await _count(db) == 3  # 11 is the first of the last thousand


async def test_no_more_is_counted_than_anybody_is_told_of(db: Database) -> None:
    await _sent(db, 300)
    await _bounced(db, *range(1, 301))
    assert await _count(db) == MOST
