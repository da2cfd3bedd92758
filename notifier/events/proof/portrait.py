"""All that is known of one address: what it follows, its history, its newest mails."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.delivery.outbox import REPLIES_MAILING
from notifier.delivery.tables import delivery
from notifier.events.mailed import mailed_to
from notifier.events.proof.facts import Asking, preset_words, suppressed_now, topic_names
from notifier.events.proof.finding import title_of
from notifier.events.proof.model import Suppressed
from notifier.events.proof.people import Asked, who_had
from notifier.events.store import event_of
from notifier.events.tables import event, expansion, variant_event
from notifier.subscriptions.model import Rhythm
from notifier.subscriptions.tables import reply, subscriber, subscription, subscription_history, topic

MAILS = 20
"""Mails that are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a history."""

    at: datetime
    what: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """One thing that is, or was, followed."""

    what: str
    state: str
    preset: str
    rhythm: Rhythm
    ended_reason: str | None
    history: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail: what it says, or which reply it is; how it stands, and the server's last words.

    `queued_at` is when it was asked for, if it is a reply (machine time).
    """

    about: tuple[str, ...]
    state: str
    queued_at: datetime | None
    at: datetime | None
    code: int | None
    reply: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Portrait:
    """One life of an address: it may have been erased, and have come back as somebody new."""

    address: str | None
    since: datetime
    language: str
    reminders: bool
    things: tuple[Thing, ...]
    mails: tuple[Mail, ...]


async def portraits(
    conn: AsyncConnection, address_key: str, asking: Asking
) -> tuple[Sequence[Portrait], Suppressed | None]:
    """Return every life of an address, the oldest first, and whether it is written to at all."""
    asked = Asked.of(address_key, asking.signer)
    whose = select(subscriber).where(subscriber.c.id.in_(await who_had(conn, asked)))
    people = (await conn.execute(whose.order_by(subscriber.c.id))).all()
    found = [
        Portrait(
            address=row.address,
            since=row.created_at,
            language=row.language,
            reminders=row.reminders,
            things=await _things(conn, row.id),
            mails=await _mails(conn, row.id),
        )
        for row in people
    ]
    return found, await suppressed_now(conn, asked.hash, asking.now)


async def _things(conn: AsyncConnection, subscriber_id: int) -> tuple[Thing, ...]:
    query = select(subscription, topic.c.kind, topic.c.value).join(
        topic, topic.c.id == subscription.c.topic_id
    )
    mine = query.where(subscription.c.subscriber_id == subscriber_id).order_by(subscription.c.id)
    rows = (await conn.execute(mine)).all()
    names = await topic_names(conn, [(row.kind, row.value) for row in rows])
    things = [
        Thing(
            what=names[row.kind, row.value],
            state=row.state,
            preset=preset_words(row.kinds),
            rhythm=Rhythm(row.rhythm),
            ended_reason=row.ended_reason,
            history=await _history(conn, row.id),
        )
        for row in rows
    ]
    return tuple(things)


async def _history(conn: AsyncConnection, subscription_id: int) -> tuple[Line, ...]:
    query = select(subscription_history).where(subscription_history.c.subscription_id == subscription_id)
    rows = await conn.execute(query.order_by(subscription_history.c.id))
    return tuple(Line(at=row.at, what=row.what, detail=row.detail) for row in rows)


async def _mails(conn: AsyncConnection, subscriber_id: int) -> tuple[Mail, ...]:
    """Return the newest mails."""
    query = (
        select(
            delivery, reply.c.kind.label("reply_kind"), reply.c.asked_at, expansion.c.done_at.label("fanned")
        )
        .outerjoin(reply, (delivery.c.mailing_id == REPLIES_MAILING) & (reply.c.id == delivery.c.part))
        .outerjoin(
            expansion,
            (expansion.c.mailing_id == delivery.c.mailing_id)
            & (expansion.c.lo < delivery.c.subscriber_id)
            & (expansion.c.hi >= delivery.c.subscriber_id),
        )
        .where(mailed_to(subscriber_id))
        .order_by(delivery.c.id.desc())
        .limit(MAILS)
    )
    rows = (await conn.execute(query)).all()
    titles = await _titles(conn, {row.variant_id for row in rows if row.variant_id is not None})
    return tuple(
        Mail(
            about=(f"reply: {row.reply_kind}",) if row.reply_kind else tuple(titles.get(row.variant_id, ())),
            state=row.state,
            queued_at=row.asked_at or row.fanned,
            at=row.done_at,
            code=row.code,
            reply=row.reply or "",
        )
        for row in rows
    )


async def _titles(conn: AsyncConnection, variant_ids: Collection[int]) -> dict[int, list[str]]:
    query = (
        select(variant_event.c.variant_id, event)
        .join(event, event.c.seq == variant_event.c.event_seq)
        .where(variant_event.c.variant_id.in_(variant_ids))
        .order_by(variant_event.c.variant_id, event.c.seq)
    )
    found: dict[int, list[str]] = {}
    for row in (await conn.execute(query)).mappings():
        one = event_of(row)
        found.setdefault(row["variant_id"], []).append(f"{one.seq}: {title_of(one)}")
    return found
