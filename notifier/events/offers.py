"""What each claimed delivery could say: the events of its mailing that its person follows now."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, case, func, literal_column, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.delivery.tables import delivery
from notifier.events.model import EventKind
from notifier.events.tables import event_topic, gathered, mailing_event
from notifier.subscriptions.model import Rhythm
from notifier.subscriptions.tables import subscription

_GATHER = text(
    "INSERT INTO gathered (subscriber_id, event_seq, rhythm) VALUES (:subscriber, :seq, :rhythm) "
    "ON CONFLICT DO NOTHING"
)

Offers = Mapping[int, "Offer"]
"""By the number of the event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One event that one person follows: by which subscription (the oldest), and how soon they want it.

    In a digest everything is wanted now.
    """

    cause: int
    rhythm: Rhythm


async def offers(conn: AsyncConnection, delivery_ids: Sequence[int]) -> Mapping[int, Offers]:
    """Return what each delivery could say, by its id: a moment's events, or what a digest gathered.

    What was gathered for somebody belongs to their digest, whatever they chose since.
    """
    found: defaultdict[int, dict[int, Offer]] = defaultdict(dict)
    for row in await conn.execute(_of_moments(delivery_ids)):
        found[row.id][row.event_seq] = Offer(cause=row.cause, rhythm=Rhythm(row.rhythm))
    for row in await conn.execute(_of_digests(delivery_ids)):
        found[row.id][row.event_seq] = Offer(cause=row.cause, rhythm=Rhythm.AT_ONCE)
    return found


async def gather(conn: AsyncConnection, waits: Sequence[tuple[int, int, Rhythm]]) -> None:
    """Keep (subscriber, event, rhythm) for the next digests; what was gathered before stays as it is."""
    if waits:
        rows = [{"subscriber": who, "seq": seq, "rhythm": int(rhythm)} for who, seq, rhythm in waits]
        await conn.execute(_GATHER, rows)


# Reminders and corrections are sent at once, whatever the rhythm (promises §1.5, §6).
_AT_ONCE = event_topic.c.kind_bit.in_([EventKind.CLOSING_SOON.bit, EventKind.CORRECTION.bit])
_RHYTHM = func.min(case((_AT_ONCE, int(Rhythm.AT_ONCE)), else_=subscription.c.rhythm))


def _of_moments(delivery_ids: Sequence[int]) -> Select[tuple[object, ...]]:
    kept = (gathered.c.subscriber_id == delivery.c.subscriber_id) & (
        gathered.c.event_seq == mailing_event.c.event_seq
    )
    query = (
        select(delivery.c.id, mailing_event.c.event_seq, func.min(subscription.c.id).label("cause"))
        .add_columns(_RHYTHM.label("rhythm"))
        .join(mailing_event, mailing_event.c.mailing_id == delivery.c.mailing_id)
        .join(event_topic, event_topic.c.event_seq == mailing_event.c.event_seq)
        .join(subscription, _matches())
        .outerjoin(gathered, kept)
        .where(delivery.c.id.in_(delivery_ids), gathered.c.event_seq.is_(None))
    )
    return _wanted_now(query).group_by(delivery.c.id, mailing_event.c.event_seq)


def _of_digests(delivery_ids: Sequence[int]) -> Select[tuple[object, ...]]:
    mine = (gathered.c.subscriber_id == delivery.c.subscriber_id) & (
        gathered.c.mailing_id == delivery.c.mailing_id
    )
    query = (
        select(delivery.c.id, gathered.c.event_seq, func.min(subscription.c.id).label("cause"))
        .join(gathered, mine)
        .join(event_topic, event_topic.c.event_seq == gathered.c.event_seq)
        .join(subscription, _matches())
        .where(delivery.c.id.in_(delivery_ids))
    )
    return _wanted_now(query).group_by(delivery.c.id, gathered.c.event_seq)


# The unary plus keeps SQLite from reading all events of everything a person follows, back to their first day.
_TOPIC: ColumnElement[int] = literal_column("+event_topic.topic_id")


def _matches() -> ColumnElement[bool]:
    return (subscription.c.topic_id == _TOPIC) & (subscription.c.subscriber_id == delivery.c.subscriber_id)


def _wanted_now(query: Select[tuple[object, ...]]) -> Select[tuple[object, ...]]:
    return (
        query.where(text("subscription.state = 'active'"))  # a literal: for the index of who follows what
        .where(subscription.c.kinds.bitwise_and(event_topic.c.kind_bit) != 0)
        .where(subscription.c.since_seq < event_topic.c.event_seq)
    )
