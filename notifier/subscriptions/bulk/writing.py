"""Writing people whose consent was given elsewhere: a few statements for all of a chunk."""

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, bindparam, insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.subscriptions import store
from notifier.subscriptions.bulk.consent import IMPORTED, consent_detail
from notifier.subscriptions.bulk.rows import Kinds, Wanted
from notifier.subscriptions.model import SubscriptionState
from notifier.subscriptions.tables import subscriber, subscription, subscription_history, topic
from notifier.subscriptions.tokens import Signer


@dataclass(frozen=True, slots=True, kw_only=True)
class Importing:
    """How people are taken in: the instance's keys, the kinds of presets, the zone, and now."""

    signer: Signer
    kinds: Kinds
    zone: ZoneInfo
    now: datetime
    machine_now: datetime
    dry_run: bool = False


async def write(
    conn: AsyncConnection,
    new: Sequence[Wanted],
    known: Mapping[str, Row[Any]],
    waiting: Mapping[tuple[int, int], int],
    importing: Importing,
    *,
    since_seq: int,
) -> None:
    """Let people follow what they are imported for, as of the events so far.

    `known` are the rows of addresses that are stored already, by key; `waiting` the subscriptions that wait
    for their confirmation, by person and topic: there is nothing more to wait for.
    """
    topics = {one: await store.topic_id(conn, one) for one in {each.topic for each in new}}
    people = await _people(conn, new, known, importing)
    rows = [_values(one, people[one.address_key], topics[one.topic], importing, since_seq) for one in new]
    await _confirm(conn, rows, waiting)
    fresh = [row for row in rows if (row["subscriber_id"], row["topic_id"]) not in waiting]
    ids = dict(waiting)
    if fresh:
        made = insert(subscription).returning(
            subscription.c.id, subscription.c.subscriber_id, subscription.c.topic_id
        )
        for row in await conn.execute(made, fresh):
            ids[row.subscriber_id, row.topic_id] = row.id
    await conn.execute(
        insert(subscription_history),
        [
            {
                "subscription_id": ids[people[one.address_key].id, topics[one.topic]],
                "at": importing.now,
                "what": IMPORTED,
                "detail": consent_detail(one.consent_source, one.consent_date),
            }
            for one in new
        ],
    )
    for topic_id, count in Counter(row["topic_id"] for row in rows).items():
        more = update(topic).where(topic.c.id == topic_id).values(followers=topic.c.followers + count)
        await conn.execute(more)


async def _people(
    conn: AsyncConnection, new: Sequence[Wanted], known: Mapping[str, Row[Any]], importing: Importing
) -> Mapping[str, Row[Any]]:
    """Return the rows of these addresses, made where they are new; who is known keeps what they chose."""
    found = dict(known)
    strangers = {one.address_key: one for one in new if one.address_key not in found}
    if strangers:
        values = [
            {
                "address": one.address,
                "address_key": key,
                "language": one.language,
                "state": SubscriptionState.ACTIVE,
                "nonce": secrets.token_hex(store.NONCE_BYTES),
                "created_at": importing.now,
                "reminders": one.reminders,
            }
            for key, one in strangers.items()
        ]
        made = insert(subscriber).returning(subscriber.c.id, subscriber.c.address_key, subscriber.c.reminders)
        found |= {row.address_key: row for row in await conn.execute(made, values)}
    back = [found[key].id for key in {one.address_key for one in new} if key in known]
    if back:
        who = subscriber.c.id.in_(back)
        await conn.execute(update(subscriber).where(who).values(state=SubscriptionState.ACTIVE))
    return found


def _values(
    one: Wanted, person: Row[Any], topic_id: int, importing: Importing, since_seq: int
) -> dict[str, Any]:
    consented = datetime.combine(one.consent_date, time(12), importing.zone)
    return {
        "subscriber_id": person.id,
        "topic_id": topic_id,
        "kinds": importing.kinds(one.preset, person.reminders),
        "rhythm": one.rhythm,
        "state": SubscriptionState.ACTIVE,
        "nonce": secrets.token_hex(store.NONCE_BYTES),
        "asked_at": min(consented, importing.now),
        "confirm_until": importing.machine_now,
        "confirmed_at": importing.now,
        "since_seq": since_seq,
    }


async def _confirm(
    conn: AsyncConnection, rows: Sequence[Mapping[str, Any]], waiting: Mapping[tuple[int, int], int]
) -> None:
    """Let what waited for its confirmation be followed, as the import says."""
    mine = [
        {"waits": waiting[row["subscriber_id"], row["topic_id"]], **row}
        for row in rows
        if (row["subscriber_id"], row["topic_id"]) in waiting
    ]
    if mine:
        names = [name for name in rows[0] if name not in ("nonce", "subscriber_id", "topic_id")]
        statement = update(subscription).where(subscription.c.id == bindparam("waits"))
        await conn.execute(
            statement.values({name: bindparam(f"new_{name}") for name in names}),
            [{"waits": one["waits"], **{f"new_{name}": one[name] for name in names}} for one in mine],
        )
