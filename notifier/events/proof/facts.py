"""Reading all that explains why somebody was told of an event, or was not: in one place, in one reading."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier import holds
from notifier.delivery.tables import delivery
from notifier.events.interest import has_reminders, kind_bit, kinds_of, preset_of
from notifier.events.interest import reminding as with_reminders
from notifier.events.model import Event, EventKind
from notifier.events.overtaking import overtaken_at
from notifier.events.proof import records
from notifier.events.proof.finding import title_of
from notifier.events.proof.lifetimes import is_over
from notifier.events.proof.mailings import mailings_of
from notifier.events.proof.model import About, Facts, Following, Pause, Person, Suppressed
from notifier.events.proof.people import Asked, who_had, with_moves
from notifier.events.tables import event as event_table
from notifier.events.tables import event_topic, variant_event
from notifier.procedures import store as procedures
from notifier.procedures.due import Rules
from notifier.subscriptions.bulk.consent import IMPORTED
from notifier.subscriptions.model import Rhythm, SubscriptionState
from notifier.subscriptions.suppression import standing
from notifier.subscriptions.tables import (
    subscriber,
    subscription,
    subscription_history,
    suppression,
    topic,
)
from notifier.subscriptions.tokens import Signer
from notifier.subscriptions.topics import TopicKind

_PRESETS = {"deadlines": "deadlines and results", "openings": "openings only", "every-step": "every step"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Who answers, and when: the service's rules of time, its keys, and the host that takes its mail."""

    signer: Signer
    rules: Rules
    relay: str
    now: datetime
    machine_now: datetime


async def read_facts(conn: AsyncConnection, event: Event, address_key: str, asking: Asking) -> Facts:
    """Return all that is known about an event and whoever has, or had, an address."""
    asked = Asked.of(address_key, asking.signer)
    query = select(subscriber.c.id, subscriber.c.address, subscriber.c.address_hash)
    whose = query.where(subscriber.c.id.in_(await who_had(conn, asked)))
    found = [
        Person(subscriber_id=row.id, address=row.address, address_hash=row.address_hash)
        for row in await conn.execute(whose.order_by(subscriber.c.id))
    ]
    persons = {one.subscriber_id: one for one in await with_moves(conn, found, asked)}
    if persons:
        persons = await _with_records(conn, event, persons, asking)
        followings = await followings_of(conn, event, persons)
        persons = {id_: replace(one, followings=followings.get(id_, ())) for id_, one in persons.items()}
    return Facts(
        about=await about(conn, event),
        people=tuple(persons.values()),
        suppressed=await suppressed_now(conn, asked.hash, asking.now),
        held=tuple(one.sentence for one in await holds.standing(conn, machine_now=asking.machine_now)),
        relay=asking.relay,
        zone=asking.rules.zone,
        now=asking.now,
        forgotten=is_over(event.recorded_at, now=asking.now),
    )


async def about(conn: AsyncConnection, event: Event) -> About:
    """Return what matters of an event, and whether it was taken back."""
    taken_back = select(func.min(event_table.c.recorded_at)).where(
        event_table.c.corrects_seq == event.seq, event_table.c.kind == EventKind.CORRECTION
    )
    return About(
        seq=event.seq,
        public_id=event.public_id,
        title=title_of(event),
        kind=event.kind,
        recorded_at=event.recorded_at,
        no_mail=event.no_mail,
        corrected_at=await conn.scalar(taken_back),
        overtaken_at=await overtaken_at(conn, event),
    )


async def followings_of(
    conn: AsyncConnection, event: Event, subscriber_ids: Collection[int]
) -> Mapping[int, tuple[Following, ...]]:
    """Return everything that these people ever asked for, as it bears on the event."""
    belongs = exists().where(
        event_topic.c.event_seq == event.seq, event_topic.c.topic_id == subscription.c.topic_id
    )
    query = (
        select(subscription, topic.c.kind, topic.c.value, belongs.label("follows_it"))
        .join(topic, topic.c.id == subscription.c.topic_id)
        .where(subscription.c.subscriber_id.in_(subscriber_ids))
        .order_by(subscription.c.id)
    )
    rows = (await conn.execute(query)).all()
    names = await topic_names(conn, [(row.kind, row.value) for row in rows])
    lines = await _history(conn, [row.id for row in rows])
    found: defaultdict[int, list[Following]] = defaultdict(list)
    for row in rows:
        one = _following(row, event, names[row.kind, row.value], lines.get(row.id, ()))
        found[row.subscriber_id].append(one)
    return {id_: tuple(many) for id_, many in found.items()}


async def topic_names(
    conn: AsyncConnection, topics: Collection[tuple[str, str]]
) -> Mapping[tuple[str, str], str]:
    """Return what each topic, as its kind and value, is called by those who run the service."""
    ids = [int(value) for kind, value in topics if kind == TopicKind.PROCEDURE]
    known = await procedures.load(conn, ids)
    names: dict[tuple[str, str], str] = {}
    for kind, value in topics:
        if kind == TopicKind.PROCEDURE:
            one = known.get(int(value))
            names[kind, value] = one.shown_id if one is not None else f"procedure {value}"
        else:
            names[kind, value] = "everything" if kind == TopicKind.ALL else f"{kind} “{value}”"
    return names


def preset_words(kinds: int) -> str:
    """Return what was chosen, in words."""
    preset = preset_of(kinds)
    return _PRESETS[preset] if preset is not None else "an earlier choice of alerts"


async def _with_records(
    conn: AsyncConnection, event: Event, persons: Mapping[int, Person], asking: Asking
) -> dict[int, Person]:
    """Add the mails, what is gathered, and what is not fanned out yet."""
    found = dict(persons)
    for mailing in await mailings_of(conn, event.seq):
        for one in await records.page_of(conn, event, mailing, asking.rules, only=persons):
            mine = found[one.subscriber_id]
            found[one.subscriber_id] = replace(mine, sendings=(*mine.sendings, *one.sendings))
        for id_ in persons:
            if mailing.stopped_at is None and mailing.holds_back(id_):
                found[id_] = replace(found[id_], unqueued=mailing.not_before)
        for id_, at in await _left_out(conn, event, mailing.id, persons):
            found[id_] = replace(found[id_], left_out_at=at)
    for one in await records.gathering(conn, event, asking.rules, now=asking.now, only=persons):
        found[one.subscriber_id] = replace(found[one.subscriber_id], gathering=one.gathering)
    return found


async def _left_out(
    conn: AsyncConnection, event: Event, mailing_id: int, subscriber_ids: Collection[int]
) -> Sequence[tuple[int, datetime]]:
    """Return who was sent a mail of this mailing that does not hold the event, and when."""
    said = exists().where(
        variant_event.c.variant_id == delivery.c.variant_id, variant_event.c.event_seq == event.seq
    )
    query = (
        select(delivery.c.subscriber_id, delivery.c.done_at)
        .where(delivery.c.mailing_id == mailing_id, delivery.c.subscriber_id.in_(subscriber_ids))
        .where(delivery.c.variant_id.is_not(None), delivery.c.done_at.is_not(None), ~said)
    )
    return [(row.subscriber_id, row.done_at) for row in await conn.execute(query)]


def _following(row: Row[Any], event: Event, what: str, lines: Sequence[Row[Any]]) -> Following:
    bit = kind_bit(event.kind, event.payload)
    later = [line for line in lines if line.what == "changed" and line.at > event.recorded_at]
    preset = preset_of(row.kinds)
    unreminded = preset is not None and has_reminders(preset) and row.kinds != kinds_of(preset)
    return Following(
        what=what,
        follows_it=bool(row.follows_it),
        chosen=bool(row.kinds & bit),
        preset=preset_words(row.kinds),
        without_reminders=unreminded and row.kinds == with_reminders(row.kinds, on=False),
        rhythm=Rhythm(row.rhythm),
        state=SubscriptionState(row.state),
        asked_at=row.asked_at,
        link_until=row.confirm_until,
        confirmed_at=row.confirmed_at,
        imported=any(line.what == IMPORTED for line in lines),
        before=row.since_seq is not None and row.since_seq < event.seq,
        ended_at=row.ended_at,
        ended_reason=row.ended_reason,
        ended_before=_ended_before(row, event),
        pauses=_pauses(lines),
        changed_at=later[0].at if later else None,
        change=later[0].detail if later else "",
    )


def _ended_before(row: Row[Any], event: Event) -> bool:
    if row.ended_seq is not None:
        return bool(row.ended_seq < event.seq)
    return row.ended_at is not None and row.ended_at <= event.recorded_at


def _pauses(lines: Sequence[Row[Any]]) -> tuple[Pause, ...]:
    found: list[Pause] = []
    ended: Row[Any] | None = None
    for line in lines:
        if line.what == "ended":
            ended = line
        elif line.what == "undone" and ended is not None:
            found.append(Pause(ended_at=ended.at, reason=ended.detail, resumed_at=line.at))
            ended = None
    return tuple(found)


async def _history(conn: AsyncConnection, ids: Sequence[int]) -> Mapping[int, Sequence[Row[Any]]]:
    found: defaultdict[int, list[Row[Any]]] = defaultdict(list)
    query = select(subscription_history).where(subscription_history.c.subscription_id.in_(ids))
    for row in await conn.execute(query.order_by(subscription_history.c.id)):
        found[row.subscription_id].append(row)
    return found


async def suppressed_now(conn: AsyncConnection, hash_: str, now: datetime) -> Suppressed | None:
    """Return since when and why an address is not written to; None: it is."""
    query = select(suppression).where(suppression.c.address_hash == hash_, standing(now))
    row = (await conn.execute(query)).one_or_none()
    return None if row is None else Suppressed(reason=row.reason, at=row.at, until=row.until)
