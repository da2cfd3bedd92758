"""What the tables hold of one event's mails: who was queued, who gathers, what was tried and what came back.

Everything is asked by mailing and then by person, in the order of the index of deliveries, so that a hundred
thousand of them are read a page at a time.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.db import Database
from notifier.delivery.model import DeliveryState
from notifier.delivery.tables import attempt, delivery
from notifier.events.decide import still_useful
from notifier.events.interest import kind_bit
from notifier.events.model import Event, EventKind
from notifier.events.proof.mailings import MailingState, mailings_of
from notifier.events.proof.model import Attempt, CameBack, Gathering, Person, Sending
from notifier.events.proof.words import CAME_BACK
from notifier.events.slots import next_slot
from notifier.events.tables import (
    event_topic,
    expansion,
    gathered,
    mailing_event,
    variant_event,
)
from notifier.procedures.due import Rules
from notifier.subscriptions.model import Rhythm, SubscriptionState
from notifier.subscriptions.tables import bounce, subscriber, subscription

PAGE = 1_000
"""People who are read at a time."""


async def people(
    db: Database, event: Event, rules: Rules, *, now: datetime, only: Collection[int] | None = None
) -> AsyncIterator[Sequence[Person]]:
    """Yield everybody whom an event was queued for, and then everybody it is gathered for, a page at a time.

    Who has two mails that were to carry it comes twice. No reading lasts longer than a page.
    """
    async with db.read() as conn:
        mailings = await mailings_of(conn, event.seq)
    for one in mailings:
        after = 0
        while True:
            async with db.read() as conn:
                page = await page_of(conn, event, one, rules, after=after, only=only)
            if not page:
                break
            yield page
            after = page[-1].subscriber_id
    after = 0
    while True:
        async with db.read() as conn:
            page = await gathering(conn, event, rules, now=now, after=after, only=only)
        if not page:
            return
        yield page
        after = page[-1].subscriber_id


async def page_of(
    conn: AsyncConnection,
    event: Event,
    of: MailingState,
    rules: Rules,
    *,
    after: int = 0,
    only: Collection[int] | None = None,
) -> Sequence[Person]:
    """Return the next people to whom a mailing carries the event, each with that one mail."""
    rows = (await conn.execute(_deliveries(event, of, after, only))).all()
    tried = await _attempts(conn, [row.id for row in rows if row.attempts])
    came_back = await _came_back(conn, [row.id for row in rows if row.state == DeliveryState.ACCEPTED])
    return [
        Person(
            subscriber_id=row.subscriber_id,
            address=row.address,
            address_hash=row.address_hash,
            sendings=(_sending(row, event, of, rules, tried.get(row.id, ()), came_back.get(row.id, ())),),
        )
        for row in rows
    ]


async def gathering(
    conn: AsyncConnection,
    event: Event,
    rules: Rules,
    *,
    now: datetime,
    after: int = 0,
    only: Collection[int] | None = None,
) -> Sequence[Person]:
    """Return the next people for whose digest the event is kept, and not mailed yet."""
    query = (
        select(gathered.c.subscriber_id, gathered.c.rhythm, subscriber.c.address, subscriber.c.address_hash)
        .join(subscriber, subscriber.c.id == gathered.c.subscriber_id)
        .where(gathered.c.event_seq == event.seq, gathered.c.mailing_id.is_(None))
        .where(gathered.c.subscriber_id > after, *_only(gathered.c.subscriber_id, only))
        .order_by(gathered.c.subscriber_id)
        .limit(PAGE)
    )
    return [
        Person(
            subscriber_id=row.subscriber_id,
            address=row.address,
            address_hash=row.address_hash,
            gathering=Gathering(
                rhythm=Rhythm(row.rhythm), slot_at=next_slot(Rhythm(row.rhythm), now, rules).at
            ),
        )
        for row in await conn.execute(query)
    ]


def _deliveries(
    event: Event, of: MailingState, after: int, only: Collection[int] | None
) -> Select[tuple[Any, ...]]:
    said = exists().where(
        variant_event.c.variant_id == delivery.c.variant_id, variant_event.c.event_seq == event.seq
    )
    unsaid = delivery.c.variant_id.is_(None) & _meant(event, of)
    return (
        select(delivery, subscriber.c.address, subscriber.c.address_hash, subscriber.c.mail_after)
        .add_columns(expansion.c.done_at.label("queued_at"))
        .join(subscriber, subscriber.c.id == delivery.c.subscriber_id)
        .outerjoin(
            expansion,
            (expansion.c.mailing_id == delivery.c.mailing_id)
            & (expansion.c.lo < delivery.c.subscriber_id)
            & (expansion.c.hi >= delivery.c.subscriber_id),
        )
        .where(delivery.c.mailing_id == of.id, delivery.c.subscriber_id > after)
        .where(or_(said, unsaid), *_only(delivery.c.subscriber_id, only))
        .order_by(delivery.c.subscriber_id)
        .limit(PAGE)
    )


def _meant(event: Event, of: MailingState) -> ColumnElement[bool]:
    """Whether a mail whose content was never settled was to carry the event.

    A mailing holds the events of a moment, and not everybody wants all of them: a digest is for whom the
    event was gathered, any other mailing for who followed it, and did not gather it.
    """
    mine = (gathered.c.subscriber_id == delivery.c.subscriber_id) & (gathered.c.event_seq == event.seq)
    follows = [
        subscription.c.subscriber_id == delivery.c.subscriber_id,
        subscription.c.topic_id == event_topic.c.topic_id,
        event_topic.c.event_seq == event.seq,
        subscription.c.since_seq < event.seq,
        or_(subscription.c.state == SubscriptionState.ACTIVE, subscription.c.ended_seq >= event.seq),
    ]
    if event.kind is not EventKind.CORRECTION:  # that goes to who was told, whatever kinds they chose
        follows.append(subscription.c.kinds.bitwise_and(kind_bit(event.kind, event.payload)) != 0)
    of_moment = exists().where(mailing_event.c.mailing_id == of.id, mailing_event.c.event_seq == event.seq)
    for_digest = exists().where(mine, gathered.c.mailing_id == of.id)
    return or_(for_digest, of_moment & ~exists().where(mine) & exists().where(*follows))


def _only(column: ColumnElement[int], ids: Collection[int] | None) -> list[ColumnElement[bool]]:
    return [] if ids is None else [column.in_(ids)]


def _sending(
    row: Row[Any],
    event: Event,
    of: MailingState,
    rules: Rules,
    tried: Sequence[Attempt],
    came_back: Sequence[CameBack],
) -> Sending:
    attempts = tuple(tried)
    if row.state == DeliveryState.ACCEPTED:  # success is kept in the delivery itself
        attempts += (Attempt(n=row.attempts, at=row.done_at, code=row.code, reply=row.reply or ""),)
    useful = row.done_at is None or still_useful(
        event.kind, event.payload, rules=rules, now=row.done_at, in_digest=of.is_digest
    )
    return Sending(
        delivery_id=row.id,
        state=DeliveryState(row.state),
        queued_at=row.queued_at,
        attempts=attempts,
        doubtful=row.doubtful,
        taken_back=row.taken_back,
        next_at=row.next_at,
        mail_after=row.mail_after,
        done_at=row.done_at,
        stopped_at=of.stopped_at,
        useful=useful,
        came_back=tuple(came_back),
    )


async def _attempts(conn: AsyncConnection, ids: Sequence[int]) -> Mapping[int, Sequence[Attempt]]:
    found: defaultdict[int, list[Attempt]] = defaultdict(list)
    query = select(attempt).where(attempt.c.delivery_id.in_(ids)).order_by(attempt.c.delivery_id, attempt.c.n)
    for row in await conn.execute(query):
        found[row.delivery_id].append(Attempt(n=row.n, at=row.at, code=row.code, reply=row.reply))
    return found


async def _came_back(conn: AsyncConnection, ids: Sequence[int]) -> Mapping[int, Sequence[CameBack]]:
    found: defaultdict[int, list[CameBack]] = defaultdict(list)
    query = (
        select(bounce)
        .where(bounce.c.delivery_id.in_(ids), bounce.c.kind.in_(CAME_BACK))
        .order_by(bounce.c.at, bounce.c.id)
    )
    for row in await conn.execute(query):
        found[row.delivery_id].append(CameBack(at=row.at, kind=row.kind, code=row.code))
    return found
