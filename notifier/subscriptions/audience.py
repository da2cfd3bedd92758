"""How many people something is told to."""

from collections.abc import Collection

from sqlalchemy import func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.subscriptions.model import SubscriptionState
from notifier.subscriptions.tables import subscription, topic
from notifier.subscriptions.topics import Topic


async def people(conn: AsyncConnection, topics: Collection[Topic]) -> int:
    """Return how many addresses follow at least one of the topics now, each counted once."""
    if not topics:
        return 0
    wanted = [(one.kind, one.value) for one in topics]
    followed = select(topic.c.id).where(tuple_(topic.c.kind, topic.c.value).in_(wanted))
    query = select(func.count(func.distinct(subscription.c.subscriber_id))).where(
        subscription.c.topic_id.in_(followed), subscription.c.state == SubscriptionState.ACTIVE
    )
    return await conn.scalar(query) or 0
