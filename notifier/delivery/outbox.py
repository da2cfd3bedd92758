"""Deliveries in the database: claimed by guarded UPDATEs, recorded in groups, never lost (decision 0006).

Hot statements are SQL text, once per dialect where they must differ, each with one JSON parameter at most.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.db import DialectText
from notifier.delivery.model import Claimed, DeliveryState, Lane, Letter
from notifier.delivery.tables import attempt, delivery

REPLIES_MAILING = 0
"""The one mailing of all replies to people's own requests; laid down with the schema."""

_CLAIM = DialectText(
    # The index gives the rows of several lanes in order as well, each lane's from its own beginning.
    sqlite="""
UPDATE delivery SET state = 'sending', owner_id = :owner
WHERE id IN (SELECT id FROM delivery
             WHERE state = 'pending' AND lane IN (SELECT value FROM json_each(:lanes)) AND next_at <= :now
             ORDER BY lane, next_at, id LIMIT :n)
RETURNING lane, id, mailing_id, subscriber_id, part, attempts, doubtful
""",
    # MATERIALIZED: an inlined sub-select with SKIP LOCKED can claim more rows than its LIMIT. LATERAL: no
    # index gives the rows of several lanes in order; each lane is read only if those before it had too few.
    postgresql="""
WITH c AS MATERIALIZED (
    SELECT ready.id FROM jsonb_array_elements_text(CAST(:lanes AS jsonb)) WITH ORDINALITY AS l(lane, place)
    CROSS JOIN LATERAL (
        SELECT id FROM delivery
        WHERE state = 'pending' AND lane = CAST(l.lane AS integer) AND next_at <= :now
        ORDER BY next_at, id LIMIT :n FOR UPDATE SKIP LOCKED
    ) AS ready
    LIMIT :n
)
UPDATE delivery SET state = 'sending', owner_id = :owner FROM c WHERE delivery.id = c.id
RETURNING lane, delivery.id, mailing_id, subscriber_id, part, attempts, doubtful
""",
    instants=("now",),
)

_ACCEPT = DialectText(
    # The unary plus keeps SQLite from choosing the owner's index: 4.5 µs a row instead of 133.
    sqlite="""
UPDATE delivery SET state = 'accepted', attempts = attempts + 1, done_at = :now,
                    code = j.value ->> 1, reply = j.value ->> 2
FROM json_each(:outcomes) AS j
WHERE delivery.id = j.value ->> 0 AND +owner_id = :owner AND +state = 'sending'
""",
    postgresql="""
UPDATE delivery SET state = 'accepted', attempts = attempts + 1, done_at = :now,
                    code = CAST(j.value ->> 1 AS integer), reply = j.value ->> 2
FROM jsonb_array_elements(CAST(:outcomes AS jsonb)) AS j(value)
WHERE delivery.id = CAST(j.value ->> 0 AS bigint) AND owner_id = :owner AND state = 'sending'
""",
    instants=("now",),
)


async def enqueue(conn: AsyncConnection, *, subscriber_id: int, part: int, machine_now: datetime) -> int:
    """Queue a reply to somebody's own request; `part` is the reply's id. Return the delivery's id."""
    result = await conn.execute(
        insert(delivery)
        .values(
            mailing_id=REPLIES_MAILING,
            subscriber_id=subscriber_id,
            part=part,
            lane=Lane.REPLIES,
            next_at=machine_now,
        )
        .returning(delivery.c.id)
    )
    found: int = result.scalar_one()
    return found


async def claim(
    conn: AsyncConnection,
    *,
    owner_id: int,
    limit: int,
    machine_now: datetime,
    lanes: Sequence[Lane] = tuple(Lane),
) -> Sequence[Claimed]:
    """Lease up to `limit` deliveries of these lanes that are ready to this owner, the most urgent first."""
    urgent_first = [int(lane) for lane in sorted(lanes)]
    parameters = {"owner": owner_id, "lanes": json.dumps(urgent_first), "now": machine_now, "n": limit}
    rows = sorted(map(tuple, await conn.execute(_CLAIM.on(conn), parameters)))
    return [Claimed._make((*row[1:], machine_now)) for row in rows]


async def accept(
    conn: AsyncConnection, outcomes: Sequence[tuple[int, int, str]], *, owner_id: int, now: datetime
) -> int:
    """Record (delivery, code, reply) of mails that were taken over. Return how many were still this owner's.

    A late outcome, of a lease that has gone to somebody else, matches no row and overwrites nothing.
    """
    parameters = {"outcomes": json.dumps(outcomes), "owner": owner_id, "now": now}
    return (await conn.execute(_ACCEPT.on(conn), parameters)).rowcount


async def fail(
    conn: AsyncConnection, letter: Letter, *, owner_id: int, code: int | None, reply: str, now: datetime
) -> bool:
    """Record that a delivery ended unaccepted. Return whether it was still this owner's."""
    values = {"state": DeliveryState.FAILED, "done_at": now, "code": code, "reply": reply}
    return await _end_attempt(conn, letter, owner_id, values, code=code, reply=reply, now=now)


async def retry(
    conn: AsyncConnection,
    letter: Letter,
    *,
    owner_id: int,
    next_at: datetime,
    doubtful: bool,
    code: int | None,
    reply: str,
    now: datetime,
) -> bool:
    """Put a delivery back for `next_at` (machine time). Return whether it was still this owner's."""
    values = {
        "state": DeliveryState.PENDING,
        "owner_id": None,
        "next_at": next_at,
        "doubtful": delivery.c.doubtful + int(doubtful),
        "code": code,
        "reply": reply,
    }
    return await _end_attempt(conn, letter, owner_id, values, code=code, reply=reply, now=now)


async def release(
    conn: AsyncConnection, delivery_ids: Sequence[int], *, owner_id: int, next_at: datetime | None = None
) -> None:
    """Give claimed deliveries back unsent, with no attempt counted; ready at once, or at `next_at`."""
    later = {} if next_at is None else {"next_at": next_at}
    await conn.execute(
        update(delivery)
        .where(delivery.c.id.in_(delivery_ids), delivery.c.owner_id == owner_id)
        .where(delivery.c.state == DeliveryState.SENDING)
        .values(state=DeliveryState.PENDING, owner_id=None, **later)
    )


async def release_others(conn: AsyncConnection, known: Collection[int], *, owner_id: int) -> int:
    """Give back whatever this owner has claimed beside the `known` deliveries. Return how many."""
    result = await conn.execute(
        update(delivery)
        .where(text("state = 'sending'"), delivery.c.owner_id == owner_id, delivery.c.id.not_in(known))
        .values(state=DeliveryState.PENDING, owner_id=None)
    )
    return result.rowcount


async def cancel(conn: AsyncConnection, delivery_ids: Sequence[int], *, now: datetime) -> None:
    """End deliveries for which nothing is left to say."""
    await conn.execute(
        update(delivery)
        .where(delivery.c.id.in_(delivery_ids))
        .values(state=DeliveryState.CANCELLED, done_at=now)
    )


async def waiting(conn: AsyncConnection) -> int:
    """Return how many deliveries are not ended."""
    open_states = (DeliveryState.PENDING, DeliveryState.SENDING)
    return await conn.scalar(select(func.count()).where(delivery.c.state.in_(open_states))) or 0


async def next_ready(conn: AsyncConnection) -> datetime | None:
    """Return the earliest `next_at` of what is pending."""
    # Lane by lane the first entry of an index; together, every row of a million in backoff would be read.
    pending = select(func.min(delivery.c.next_at)).where(text("state = 'pending'"))
    instants = [await conn.scalar(pending.where(delivery.c.lane == lane)) for lane in Lane]
    return min((one for one in instants if one is not None), default=None)


async def _end_attempt(
    conn: AsyncConnection,
    letter: Letter,
    owner_id: int,
    values: Mapping[str, object],
    *,
    code: int | None,
    reply: str,
    now: datetime,
) -> bool:
    result = await conn.execute(
        update(delivery)
        .where(delivery.c.id == letter.delivery_id, delivery.c.owner_id == owner_id)
        .where(delivery.c.state == DeliveryState.SENDING)
        .values(attempts=delivery.c.attempts + 1, **values)
    )
    if result.rowcount != 1:
        return False
    await conn.execute(
        insert(attempt).values(
            delivery_id=letter.delivery_id, n=letter.attempts + 1, at=now, code=code, reply=reply
        )
    )
    return True
