"""What each claimed delivery may still say: what its person follows now, and what has been taken back since.

An alert that was taken back is said to nobody any more. Whoever was sent it hears of that as a correction,
whichever kinds of event they chose; everybody else hears of the change as such (promises §1.5).
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.delivery.model import Claimed, DeliveryState
from notifier.delivery.tables import delivery
from notifier.events.model import EventKind
from notifier.events.tables import event, event_topic, mailing_event, variant_event
from notifier.subscriptions.model import SubscriptionState
from notifier.subscriptions.tables import subscription


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What one delivery may say: its events, and the oldest subscription that asked for them."""

    claimed: Claimed
    seqs: tuple[int, ...]
    subscription_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Correction:
    """A correction in a mailing: what it takes back, and the events that say its change to everybody else.

    Several alerts of one procedure may be taken back at once; a person is told so once.
    """

    seq: int
    procedure_id: int
    corrects: int
    twins: frozenset[int]


@dataclass(slots=True)
class _Following:
    """What one person follows of a mailing, and by which subscriptions."""

    seqs: set[int] = field(default_factory=set)
    causes: set[int] = field(default_factory=set)


async def wanted(conn: AsyncConnection, claimed: Sequence[Claimed]) -> list[Wanted]:
    """Return what each delivery may say; one with nothing left is not among them."""
    following = await _following(conn, [one.delivery_id for one in claimed])
    mailings = {one.mailing_id for one in claimed}
    corrections = await _corrections(conn, mailings)
    gone = await _taken_back(conn, mailings)
    told = await _told(conn, claimed, {one.corrects for many in corrections.values() for one in many})
    seqs_of = {one.seq for many in corrections.values() for one in many}
    asked = await _still_following(conn, {one.subscriber_id for one in claimed}, seqs_of) if told else {}
    found: list[Wanted] = []
    for one in claimed:
        mine = following.get(one.delivery_id, _Following())
        seqs = mine.seqs - gone
        seqs -= {each.seq for each in corrections.get(one.mailing_id, ())}
        corrected: set[int] = set()
        for each in corrections.get(one.mailing_id, ()):
            cause = asked.get((one.subscriber_id, each.seq))
            misled = (one.delivery_id, each.corrects) in told
            if misled and cause is not None and each.procedure_id not in corrected:
                corrected.add(each.procedure_id)
                seqs = (seqs - each.twins) | {each.seq}
                mine.causes.add(cause)
        if seqs:
            found.append(Wanted(claimed=one, seqs=tuple(sorted(seqs)), subscription_id=min(mine.causes)))
    return found


async def _following(conn: AsyncConnection, delivery_ids: Sequence[int]) -> Mapping[int, _Following]:
    """Match the events of each delivery's mailing with what its subscriber follows now."""
    query = (
        select(delivery.c.id, mailing_event.c.event_seq, subscription.c.id.label("subscription_id"))
        .join(mailing_event, mailing_event.c.mailing_id == delivery.c.mailing_id)
        .join(event_topic, event_topic.c.event_seq == mailing_event.c.event_seq)
        .join(
            subscription,
            (subscription.c.topic_id == event_topic.c.topic_id)
            & (subscription.c.subscriber_id == delivery.c.subscriber_id),
        )
        .where(delivery.c.id.in_(delivery_ids))
        .where(subscription.c.state == SubscriptionState.ACTIVE)
        .where(subscription.c.kinds.bitwise_and(event_topic.c.kind_bit) != 0)
        .where(subscription.c.since_seq < mailing_event.c.event_seq)
    )
    found: defaultdict[int, _Following] = defaultdict(_Following)
    for row in await conn.execute(query):
        found[row.id].seqs.add(row.event_seq)
        found[row.id].causes.add(row.subscription_id)
    return found


async def _corrections(
    conn: AsyncConnection, mailing_ids: Collection[int]
) -> Mapping[int, Sequence[_Correction]]:
    """Return the corrections in each mailing."""
    query = (
        select(
            mailing_event.c.mailing_id, event.c.seq, event.c.kind, event.c.corrects_seq, event.c.procedure_id
        )
        .join(event, event.c.seq == mailing_event.c.event_seq)
        .where(mailing_event.c.mailing_id.in_(mailing_ids), event.c.corrects_seq.is_not(None))
        .order_by(event.c.seq)
    )
    rows = (await conn.execute(query)).all()
    found: defaultdict[int, list[_Correction]] = defaultdict(list)
    for row in rows:
        if row.kind == EventKind.CORRECTION:
            twins = frozenset(
                other.seq
                for other in rows
                if other.procedure_id == row.procedure_id and other.kind != EventKind.CORRECTION
            )
            one = _Correction(
                seq=row.seq, procedure_id=row.procedure_id, corrects=row.corrects_seq, twins=twins
            )
            found[row.mailing_id].append(one)
    return found


async def _taken_back(conn: AsyncConnection, mailing_ids: Collection[int]) -> frozenset[int]:
    """Return the events of these mailings that a later correction takes back."""
    query = (
        select(mailing_event.c.event_seq)
        .join(event, event.c.corrects_seq == mailing_event.c.event_seq)
        .where(mailing_event.c.mailing_id.in_(mailing_ids), event.c.kind == EventKind.CORRECTION)
    )
    return frozenset(await conn.scalars(query))


async def _told(
    conn: AsyncConnection, claimed: Sequence[Claimed], corrected: Collection[int]
) -> frozenset[tuple[int, int]]:
    """Return which deliveries go to people who were sent one of these events before, and which."""
    if not corrected:
        return frozenset()
    mine, earlier = delivery.alias(), delivery.alias()
    sent = or_(earlier.c.state.in_((DeliveryState.ACCEPTED, DeliveryState.SENDING)), earlier.c.doubtful > 0)
    query = (
        select(mine.c.id, variant_event.c.event_seq)
        .join(earlier, (earlier.c.subscriber_id == mine.c.subscriber_id) & (earlier.c.id != mine.c.id))
        .join(variant_event, variant_event.c.variant_id == earlier.c.variant_id)
        .where(mine.c.id.in_([one.delivery_id for one in claimed]), sent)
        .where(variant_event.c.event_seq.in_(corrected))
    )
    return frozenset((row.id, row.event_seq) for row in await conn.execute(query))


async def _still_following(
    conn: AsyncConnection, subscriber_ids: Collection[int], corrections: Collection[int]
) -> Mapping[tuple[int, int], int]:
    """Return by which subscription each person still follows what a correction is about, whatever kinds."""
    query = (
        select(subscription.c.subscriber_id, event_topic.c.event_seq, func.min(subscription.c.id).label("id"))
        .join(event_topic, event_topic.c.topic_id == subscription.c.topic_id)
        .where(subscription.c.subscriber_id.in_(subscriber_ids), event_topic.c.event_seq.in_(corrections))
        .where(subscription.c.state == SubscriptionState.ACTIVE)
        .group_by(subscription.c.subscriber_id, event_topic.c.event_seq)
    )
    return {(row.subscriber_id, row.event_seq): row.id for row in await conn.execute(query)}
