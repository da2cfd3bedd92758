"""How many of the last mails came back: asked at any moment, so answered from small indexes alone."""

from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.bounces.model import BounceKind
from notifier.delivery.fuse import SHARE, WINDOW
from notifier.delivery.model import DeliveryState
from notifier.delivery.tables import delivery
from notifier.subscriptions.tables import bounce

MOST = 100
"""So many are enough to count: more than any share that somebody is told of."""

BOUNCED = (BounceKind.HARD, BounceKind.SOFT, BounceKind.REFUSED)


async def came_back(conn: AsyncConnection, kinds: Collection[BounceKind] = BOUNCED) -> int:
    """Return how many of the last `WINDOW` accepted mails came back in one of these ways, up to `MOST`.

    Only what is proven counts. The latest mail that came back is looked at first, and how many were accepted
    since; the millions of older ones are never read.
    """
    latest = (
        select(bounce.c.delivery_id)
        .where(bounce.c.delivery_id.is_not(None), bounce.c.kind.in_(kinds))
        .distinct()
        .order_by(bounce.c.delivery_id.desc())
        .limit(MOST)
    )
    ids = list(await conn.scalars(latest))
    low, high = 0, len(ids)
    while low < high:
        middle = (low + high) // 2
        if await _accepted_since(conn, ids[middle]) <= WINDOW:
            low = middle + 1
        else:
            high = middle
    return low


async def too_many_without_mailbox(conn: AsyncConnection) -> bool:
    """Whether a larger share of the last mails than is likely came back for want of a mailbox.

    So many at once speak of a server on the way, as refusals do that come at once (`delivery/fuse.py`).
    """
    return await came_back(conn, (BounceKind.HARD,)) > SHARE * WINDOW


async def _accepted_since(conn: AsyncConnection, delivery_id: int) -> int:
    """Return how many mails were accepted since this one, up to one more than `WINDOW`."""
    some = (
        select(delivery.c.id)
        .where(delivery.c.id >= delivery_id, delivery.c.state == DeliveryState.ACCEPTED)
        .order_by(delivery.c.id)
        .limit(WINDOW + 1)
        .subquery()
    )
    return await conn.scalar(select(func.count()).select_from(some)) or 0
