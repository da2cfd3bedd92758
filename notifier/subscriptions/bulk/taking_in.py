"""Taking in people whose consent was given elsewhere: no mail to confirm, a few hundred in a transaction.

Done again, it changes nothing: who follows a thing already is left as they are. Who stopped or was erased is
refused, unless they consented again after that; and so is who is not to be written to.
"""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier import sequence
from notifier.db import Database, Rank
from notifier.subscriptions.bulk.rows import Problem, Refused, Wanted
from notifier.subscriptions.bulk.writing import Importing, write
from notifier.subscriptions.model import EndReason, SubscriptionState
from notifier.subscriptions.suppression import standing
from notifier.subscriptions.tables import subscriber, subscription, suppression, topic
from notifier.subscriptions.topics import Topic

CHUNK = 200
"""Rows of one transaction: others wait for it some ten milliseconds."""

TRIES = 3
"""How often a chunk is tried on PostgreSQL when somebody signs up at the same moment."""

_NO_OBSTACLE = frozenset((EndReason.OVER, EndReason.NEVER_CONFIRMED))
_OF_THE_ADDRESS = frozenset(
    (EndReason.ERASED, EndReason.REFUSED, EndReason.BOUNCED, EndReason.COMPLAINED, EndReason.OPERATOR)
)
"""What ends all that an address gets, whatever else it is imported for."""


@dataclass(slots=True)
class Taken:
    """What became of the good rows of one chunk."""

    new: int = 0
    there: int = 0
    refused: list[Refused] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What the database knows of the addresses of a chunk, by their keys."""

    people: Mapping[str, Row[Any]]
    subscriptions: Mapping[str, Sequence[Row[Any]]]
    suppressed: Mapping[str, Row[Any]]


async def take_in(
    db: Database, wanted: Sequence[Wanted], importing: Importing, seen: set[int] | None = None
) -> Taken:
    """Take in at most `CHUNK` rows. `seen` is what a dry run would have taken in by now, and is added to."""
    for _ in range(TRIES - 1):
        with contextlib.suppress(IntegrityError):
            return await _try(db, wanted, importing, seen)
    return await _try(db, wanted, importing, seen)


async def _try(db: Database, wanted: Sequence[Wanted], importing: Importing, seen: set[int] | None) -> Taken:
    async with db.write(Rank.HOUSEKEEPING) as conn:
        return await _take_in(conn, wanted, importing, seen)


async def _take_in(
    conn: AsyncConnection, wanted: Sequence[Wanted], importing: Importing, seen: set[int] | None
) -> Taken:
    since = await sequence.settled(conn)
    known = await _look_up(conn, wanted, importing)
    taken = Taken()
    new: dict[tuple[str, Topic], Wanted] = {}
    for one in wanted:
        problem = _obstacle(one, known, importing)
        place = (one.address_key, one.topic)
        if problem is not None:
            taken.refused.append(Refused(row=one.row, problems=(problem,)))
        elif place in new or _is_there(one, known) or (seen is not None and hash(place) in seen):
            taken.there += 1
        else:
            new[place] = one
    taken.new = len(new)
    if seen is not None:
        seen.update(hash(place) for place in new)
    if new and not importing.dry_run:
        waiting = {
            (row.subscriber_id, row.topic_id): row.id
            for rows in known.subscriptions.values()
            for row in rows
            if row.state == SubscriptionState.PENDING
        }
        await write(conn, list(new.values()), known.people, waiting, importing, since_seq=since)
    return taken


async def _look_up(conn: AsyncConnection, wanted: Sequence[Wanted], importing: Importing) -> _Known:
    keys = {one.address_key for one in wanted}
    by_hash = {importing.signer.address_hash(key): key for key in keys}
    query = select(subscriber).where(
        or_(subscriber.c.address_key.in_(keys), subscriber.c.address_hash.in_(by_hash))
    )
    found = (await conn.execute(query)).all()
    owner = {row.id: row.address_key or by_hash[row.address_hash] for row in found}
    asked: dict[str, list[Row[Any]]] = {}
    query = select(subscription, topic.c.kind, topic.c.value).join(
        topic, topic.c.id == subscription.c.topic_id
    )
    for row in await conn.execute(query.where(subscription.c.subscriber_id.in_(owner))):
        asked.setdefault(owner[row.subscriber_id], []).append(row)
    refused = select(suppression).where(suppression.c.address_hash.in_(by_hash), standing(importing.now))
    return _Known(
        people={row.address_key: row for row in found if row.address_key is not None},
        subscriptions=asked,
        suppressed={by_hash[row.address_hash]: row for row in await conn.execute(refused)},
    )


def _is_there(one: Wanted, known: _Known) -> bool:
    return any(
        row.state == SubscriptionState.ACTIVE and (row.kind, row.value) == (one.topic.kind, one.topic.value)
        for row in known.subscriptions.get(one.address_key, ())
    )


def _obstacle(one: Wanted, known: _Known, importing: Importing) -> Problem | None:
    """Return why somebody is not to be written to, if they are not."""
    barred = known.suppressed.get(one.address_key)
    if barred is not None:
        until = "" if barred.until is None else f" until {_day(barred.until, importing)}"
        since = _day(barred.at, importing)
        return Problem(what=f"{one.address} is not written to since {since}{until}: {barred.reason}")
    for row in known.subscriptions.get(one.address_key, ()):
        if row.state != SubscriptionState.ENDED or row.ended_reason is None or row.ended_at is None:
            continue
        reason = EndReason(row.ended_reason)
        same = (row.kind, row.value) == (one.topic.kind, one.topic.value)
        day = row.ended_at.astimezone(importing.zone).date()
        if reason in _NO_OBSTACLE or day < one.consent_date or not (same or reason in _OF_THE_ADDRESS):
            continue
        return Problem(
            what=f"{one.address}: {reason} on {day}, and the consent of {one.consent_date} is not newer"
        )
    return None


def _day(instant: datetime, importing: Importing) -> str:
    return instant.astimezone(importing.zone).date().isoformat()
