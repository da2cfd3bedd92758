"""Exporting who follows what, in the columns that an import takes: a page of people at a time."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.db import Database
from notifier.procedures.tables import procedure
from notifier.subscriptions.bulk.consent import IMPORTED, read_consent
from notifier.subscriptions.model import Rhythm, SubscriptionState, rhythm_name
from notifier.subscriptions.tables import subscriber, subscription, subscription_history, topic
from notifier.subscriptions.topics import TopicKind

PAGE = 1_000
"""Subscriptions that are read at a time."""

SIGNED_UP = "confirmed with the link in a mail"
"""The consent of who signed up here."""

PresetOf = Callable[[int], str]
"""Returns the name of the preset that the kinds of a subscription stand for (`events/interest.py`)."""


async def exported(
    db: Database, preset_of: PresetOf, zone: ZoneInfo
) -> AsyncIterator[Sequence[Mapping[str, str]]]:
    """Yield everything that is followed now, by column; who waits for a confirmation is not in it."""
    async with db.read() as conn:
        slugs = {row.id: row.slug for row in await conn.execute(select(procedure.c.id, procedure.c.slug))}
    after = 0
    while True:
        async with db.read() as conn:
            page = await _page(conn, after)
            consents = await _consents(conn, [row.id for row in page])
        if not page:
            return
        yield [_cells(row, consents.get(row.id), slugs, preset_of, zone) for row in page]
        after = page[-1].id


async def _page(conn: AsyncConnection, after: int) -> Sequence[Row[Any]]:
    query = (
        select(subscription, subscriber.c.address, subscriber.c.language, subscriber.c.reminders)
        .add_columns(topic.c.kind, topic.c.value)
        .join(subscriber, subscriber.c.id == subscription.c.subscriber_id)
        .join(topic, topic.c.id == subscription.c.topic_id)
        .where(subscription.c.id > after, subscription.c.state == SubscriptionState.ACTIVE)
        .where(subscriber.c.address.is_not(None))
        .order_by(subscription.c.id)
        .limit(PAGE)
    )
    return (await conn.execute(query)).all()


async def _consents(conn: AsyncConnection, ids: Sequence[int]) -> Mapping[int, tuple[str, str]]:
    """Return source and day of consent of what was imported, the newest."""
    query = (
        select(subscription_history.c.subscription_id, subscription_history.c.detail)
        .where(subscription_history.c.subscription_id.in_(ids), subscription_history.c.what == IMPORTED)
        .order_by(subscription_history.c.id)
    )
    found = {row.subscription_id: read_consent(row.detail) for row in await conn.execute(query)}
    return {id_: consent for id_, consent in found.items() if consent is not None}


def _cells(
    row: Row[Any],
    consent: tuple[str, str] | None,
    slugs: Mapping[int, str],
    preset_of: PresetOf,
    zone: ZoneInfo,
) -> Mapping[str, str]:
    confirmed = (row.confirmed_at or row.asked_at).astimezone(zone).date().isoformat()
    source, day = consent or (SIGNED_UP, confirmed)
    return {
        "address": row.address,
        "follows": _follows(row, slugs),
        "preset": preset_of(row.kinds),
        "rhythm": rhythm_name(Rhythm(row.rhythm)),
        "language": row.language,
        "consent_source": source,
        "consent_date": day,
        "reminders": "yes" if row.reminders else "no",
    }


def _follows(row: Row[Any], slugs: Mapping[int, str]) -> str:
    if row.kind == TopicKind.PROCEDURE:
        return slugs[int(row.value)]
    return "all" if row.kind == TopicKind.ALL else f"{row.kind}:{row.value}"
