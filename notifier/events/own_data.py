"""All that is kept about one person, read for that person: one use case, one transaction, nothing written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.db import Database
from notifier.delivery.outbox import REPLIES_MAILING
from notifier.delivery.tables import delivery
from notifier.events.mailed import mailed_to
from notifier.events.model import Payload
from notifier.events.preferences import Hand
from notifier.events.tables import event, variant_event
from notifier.subscriptions import store
from notifier.subscriptions.model import Subscription
from notifier.subscriptions.tables import (
    address_change,
    bounce,
    reply,
    subscriber,
    subscription_history,
)

_PAYLOAD = TypeAdapter(Payload)


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """One line of a history: when, what happened, and more about it."""

    at: datetime
    what: str
    more: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnMail:
    """One mail: what it told or answered, and what became of it. `at` is None while it is under way."""

    at: datetime | None
    about: tuple[str, ...]
    state: str
    server_said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnData:
    """All of it. `histories` are by subscription; `new_addresses` wait for their confirmation."""

    address: str
    language: str
    reminders: bool
    since: datetime
    asked: tuple[Subscription, ...]
    histories: Mapping[int, tuple[Noted, ...]]
    mails: tuple[OwnMail, ...]
    came_back: tuple[Noted, ...]
    new_addresses: tuple[str, ...]


async def own_data(db: Database, hand: Hand) -> OwnData:
    """Return what is kept about whose page it is.

    Raises:
        AccessOver: the page has ended.
    """
    async with db.read() as conn:
        subscriber_id = await hand.session.enter(conn)
        who = (await conn.execute(select(subscriber).where(subscriber.c.id == subscriber_id))).one()
        asked = await store.every_of(conn, subscriber_id)
        return OwnData(
            address=who.address,
            language=who.language,
            reminders=who.reminders,
            since=who.created_at,
            asked=asked,
            histories={one.id: await _history(conn, one.id) for one in asked},
            mails=await _mails(conn, subscriber_id),
            came_back=await _came_back(conn, subscriber_id),
            new_addresses=await _new_addresses(conn, subscriber_id),
        )


async def _history(conn: AsyncConnection, subscription_id: int) -> tuple[Noted, ...]:
    columns = subscription_history.c
    query = select(columns.at, columns.what, columns.detail)
    rows = await conn.execute(query.where(columns.subscription_id == subscription_id).order_by(columns.id))
    return tuple(Noted(at=row.at, what=row.what, more=row.detail) for row in rows)


async def _mails(conn: AsyncConnection, subscriber_id: int) -> tuple[OwnMail, ...]:
    query = select(delivery).where(mailed_to(subscriber_id)).order_by(delivery.c.id)
    rows = (await conn.execute(query)).all()
    titles = await _titles(conn, subscriber_id)
    answers = await _answers(conn, subscriber_id)
    return tuple(
        OwnMail(
            at=row.done_at,
            about=answers.get(row.part, ())
            if row.mailing_id == REPLIES_MAILING
            else titles.get(row.variant_id, ()),
            state=row.state,
            server_said=" ".join(str(one) for one in (row.code, row.reply) if one),
        )
        for row in rows
    )


async def _titles(conn: AsyncConnection, subscriber_id: int) -> Mapping[int, tuple[str, ...]]:
    """Return the titles of the events that each variant mailed to somebody holds."""
    query = (
        select(delivery.c.variant_id, event.c.payload)
        .join(variant_event, variant_event.c.variant_id == delivery.c.variant_id)
        .join(event, event.c.seq == variant_event.c.event_seq)
        .where(mailed_to(subscriber_id))
        .order_by(event.c.seq)
    )
    found: dict[int, tuple[str, ...]] = {}
    for row in await conn.execute(query):
        title = _PAYLOAD.validate_json(row.payload).entry_title
        found[row.variant_id] = (*found.get(row.variant_id, ()), title)
    return found


async def _answers(conn: AsyncConnection, subscriber_id: int) -> Mapping[int, tuple[str, ...]]:
    """Return what kind of form each reply answered."""
    query = select(reply.c.id, reply.c.kind).where(reply.c.subscriber_id == subscriber_id)
    return {row.id: (f"answer to a form: {row.kind}",) for row in await conn.execute(query)}


async def _came_back(conn: AsyncConnection, subscriber_id: int) -> tuple[Noted, ...]:
    query = select(bounce).where(bounce.c.subscriber_id == subscriber_id).order_by(bounce.c.id)
    return tuple(
        Noted(at=row.at, what=row.kind, more=" ".join(one for one in (row.code, row.diagnostic) if one))
        for row in await conn.execute(query)
    )


async def _new_addresses(conn: AsyncConnection, subscriber_id: int) -> tuple[str, ...]:
    query = select(address_change.c.address).where(
        address_change.c.subscriber_id == subscriber_id,
        address_change.c.done_at.is_(None),
        address_change.c.address.is_not(None),
    )
    found: Sequence[str] = (await conn.scalars(query)).all()
    return tuple(found)
