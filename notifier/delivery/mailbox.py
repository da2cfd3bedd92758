"""What is on its way to one mailbox: left alone for a while, ended, hurried, put back, or forgotten.

Hot statements are SQL text, once per dialect where they must differ, each with one JSON parameter at most.
"""

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.db import DialectText
from notifier.delivery.model import Claimed, DeliveryState
from notifier.delivery.outbox import REPLIES_MAILING
from notifier.delivery.tables import attempt, delivery

# The subscriber by the delivery's id, as a JSON object: no value of it is taken apart again for each row.
_WAIT = DialectText(
    sqlite="""
UPDATE delivery SET state = 'pending', owner_id = NULL, next_at = s.mail_after
FROM json_each(:claimed) AS j CROSS JOIN subscriber AS s
WHERE s.id = j.value AND s.mail_after > :now AND delivery.id = CAST(j.key AS INTEGER)
RETURNING delivery.id
""",
    postgresql="""
UPDATE delivery SET state = 'pending', owner_id = NULL, next_at = s.mail_after
FROM jsonb_each_text(CAST(:claimed AS jsonb)) AS j
JOIN subscriber AS s ON s.id = CAST(j.value AS bigint) AND s.mail_after > :now
WHERE delivery.id = CAST(j.key AS bigint)
RETURNING delivery.id
""",
    instants=("now",),
)

# The CROSS JOIN makes SQLite go from mailing to mailing by the index of mailing and person; no other index
# leads to all that somebody was sent.
_OF_PERSON = """
SELECT delivery.id FROM mailing CROSS JOIN delivery
WHERE delivery.mailing_id = mailing.id AND delivery.subscriber_id = :who
"""


async def leave_waiting(
    conn: AsyncConnection, claimed: Sequence[Claimed], *, machine_now: datetime
) -> Sequence[Claimed]:
    """Give back, with no attempt counted, what is for people who are left alone. Return the others."""
    people = {one.delivery_id: one.subscriber_id for one in claimed if one.mailing_id != REPLIES_MAILING}
    if not people:
        return claimed
    parameters = {"claimed": json.dumps(people), "now": machine_now}
    waiting = set(await conn.scalars(_WAIT.on(conn), parameters))
    return [one for one in claimed if one.delivery_id not in waiting] if waiting else claimed


async def cancel_waiting(conn: AsyncConnection, subscriber_id: int, *, now: datetime) -> None:
    """End what waits to be sent to somebody."""
    await conn.execute(
        update(delivery)
        .where(delivery.c.subscriber_id == subscriber_id, text("state = 'pending'"))
        .values(state=DeliveryState.CANCELLED, done_at=now)
    )


async def hurry(conn: AsyncConnection, subscriber_id: int, *, machine_now: datetime) -> None:
    """Let what waits for somebody's mailbox wait no longer: their mail goes to another one now."""
    await conn.execute(
        update(delivery)
        .where(delivery.c.subscriber_id == subscriber_id, text("state = 'pending'"))
        .where(delivery.c.next_at > machine_now)
        .values(next_at=machine_now)
    )


async def forget_words(conn: AsyncConnection, subscriber_id: int) -> None:
    """Empty what mail servers said of mail to somebody; their codes stay."""
    ids = list(await conn.scalars(text(_OF_PERSON), {"who": subscriber_id}))
    said = (delivery.c.id.in_(ids), delivery.c.reply.is_not(None))
    await conn.execute(update(delivery).where(*said).values(reply=None))
    await conn.execute(update(attempt).where(attempt.c.delivery_id.in_(ids)).values(reply=""))


async def came_back(conn: AsyncConnection, delivery_id: int, *, next_at: datetime) -> bool:
    """Put back for `next_at` (machine time) what was accepted and came back. Return whether it was accepted.

    The attempt that ended so is kept as evidence; the next one sends the same Message-ID.
    """
    accepted = (delivery.c.id == delivery_id, delivery.c.state == DeliveryState.ACCEPTED)
    kept = select(delivery.c.id, delivery.c.attempts, delivery.c.done_at, delivery.c.code, delivery.c.reply)
    names = ("delivery_id", "n", "at", "code", "reply")
    await conn.execute(insert(attempt).from_select(names, kept.where(*accepted)))
    result = await conn.execute(
        update(delivery)
        .where(*accepted)
        .values(state=DeliveryState.PENDING, next_at=next_at, owner_id=None, done_at=None)
    )
    return result.rowcount == 1
