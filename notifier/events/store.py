"""Events in the database: written once with their topics, read back as the values of `model.py`."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import RowMapping, exists, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier import sequence
from notifier.events.drafts import Draft
from notifier.events.model import Basis, Event, EventKind, Payload
from notifier.events.tables import event, event_topic, mailing_event
from notifier.subscriptions import store as subscriptions
from notifier.subscriptions.topics import Topic

PART = 100
"""Events that are written by one statement; the loop goes on in between."""

_PAYLOAD = TypeAdapter(Payload)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """By what an event is known: its number in here, and the id in all that leaves us and in the log."""

    seq: int
    public_id: str


async def public_ids(conn: AsyncConnection, mailing_id: int) -> Sequence[str]:
    """Return the ids of a mailing's events, in order."""
    query = (
        select(event.c.public_id)
        .join(mailing_event, mailing_event.c.event_seq == event.c.seq)
        .where(mailing_event.c.mailing_id == mailing_id)
        .order_by(event.c.seq)
    )
    return (await conn.scalars(query)).all()


async def known(conn: AsyncConnection, occurrence_keys: Sequence[str]) -> frozenset[str]:
    """Return those of the keys that have been announced already."""
    query = select(event.c.occurrence_key).where(event.c.occurrence_key.in_(occurrence_keys))
    return frozenset(await conn.scalars(query))


async def write(conn: AsyncConnection, drafts: Sequence[Draft], *, now: datetime) -> Sequence[Named]:
    """Write events and their topics as the last act of a transaction. Return their names, in order."""
    topics = await subscriptions.topic_ids(conn, {topic for one in drafts for topic in one.topics})
    seqs = await sequence.take(conn, len(drafts))
    names = [Named(seq=seq, public_id=uuid.uuid4().hex) for seq in seqs]
    numbered = list(zip(names, drafts, strict=True))
    for first in range(0, len(numbered), PART):
        part = numbered[first : first + PART]
        await conn.execute(insert(event), [_values(name, one, now) for name, one in part])
        of_topics = [
            {"event_seq": name.seq, "topic_id": topics[topic], "kind_bit": one.kind_bit}
            for name, one in part
            for topic in one.topics
        ]
        await conn.execute(insert(event_topic), of_topics)
    return names


async def load(conn: AsyncConnection, seqs: Sequence[int]) -> dict[int, Event]:
    """Return events by their numbers."""
    rows = (await conn.execute(select(event).where(event.c.seq.in_(seqs)))).mappings()
    return {row["seq"]: event_of(row) for row in rows}


async def latest(conn: AsyncConnection, topic: Topic, *, limit: int) -> tuple[Event, ...]:
    """Return the newest events of a topic, newest first."""
    topic_id = await subscriptions.find_topic(conn, topic)
    query = (
        select(event)
        .join(event_topic, event_topic.c.event_seq == event.c.seq)
        .where(event_topic.c.topic_id == topic_id)
        .order_by(event_topic.c.event_seq.desc())
        .limit(limit)
    )
    return tuple(event_of(row) for row in (await conn.execute(query)).mappings())


async def recorded_at(conn: AsyncConnection, occurrence_keys: Sequence[str]) -> Mapping[str, datetime]:
    """Return when the events with these keys were recorded; one that never was is not among them."""
    query = select(event.c.occurrence_key, event.c.recorded_at)
    rows = await conn.execute(query.where(event.c.occurrence_key.in_(occurrence_keys)))
    return {row.occurrence_key: row.recorded_at for row in rows}


async def restarts(conn: AsyncConnection, procedure_ids: Sequence[int]) -> Mapping[int, int]:
    """Return how often it was said of procedures that work on them went on again; those it was said of."""
    query = (
        select(event.c.procedure_id, func.count().label("times"))
        .where(event.c.procedure_id.in_(procedure_ids), event.c.kind == EventKind.RESTARTED)
        .group_by(event.c.procedure_id)
    )
    return {row.procedure_id: row.times for row in await conn.execute(query)}


async def unamended(conn: AsyncConnection, occurrence_keys: Sequence[str]) -> Mapping[str, Event]:
    """Return the events with these keys that nothing has corrected or confirmed since, oldest first."""
    later = event.alias()
    amended = exists().where(later.c.corrects_seq == event.c.seq)
    query = select(event).where(event.c.occurrence_key.in_(occurrence_keys), ~amended)
    rows = (await conn.execute(query.order_by(event.c.seq))).mappings()
    return {row["occurrence_key"]: event_of(row) for row in rows}


def event_of(row: RowMapping) -> Event:
    """Turn a row of the event table into its value."""
    return Event(
        seq=row["seq"],
        public_id=row["public_id"],
        kind=EventKind(row["kind"]),
        basis=Basis(row["basis"]),
        procedure_id=row["procedure_id"],
        payload=_PAYLOAD.validate_json(row["payload"]),
        occurred_at=row["occurred_at"],
        recorded_at=row["recorded_at"],
        corrects_seq=row["corrects_seq"],
        no_mail=row["no_mail"],
    )


def _values(name: Named, draft: Draft, now: datetime) -> dict[str, object]:
    return {
        "seq": name.seq,
        "public_id": name.public_id,
        "occurrence_key": draft.occurrence_key,
        "kind": draft.kind,
        "kind_bit": draft.kind_bit,
        "basis": draft.basis,
        "procedure_id": draft.procedure_id,
        "payload": _PAYLOAD.dump_json(draft.payload).decode(),
        "occurred_at": draft.occurred_at,
        "recorded_at": now,
        "corrects_seq": draft.corrects_seq,
        "no_mail": draft.no_mail,
    }
