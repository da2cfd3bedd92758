"""What each claimed delivery may still say: what its person follows now, and what has been taken back since.

An alert that was taken back is said to nobody any more. Whoever was sent it hears of that as a correction,
whichever kinds of event they chose; everybody else hears of the change as such (promises §1.5).
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.delivery.model import Claimed, DeliveryState
from notifier.delivery.tables import delivery
from notifier.events.model import EventKind
from notifier.events.offers import Offers, gather, offers
from notifier.events.tables import event, event_topic, mailing_event, variant, variant_event
from notifier.subscriptions.model import Rhythm, SubscriptionState
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What decides beside a person's own wishes.

    `gone` are the events taken back since, `told` which deliveries go to people who were sent an alert that
    is taken back, `asked` by which subscription a person still follows what a correction is about.
    """

    corrections: Mapping[int, Sequence[_Correction]]
    gone: frozenset[int]
    told: frozenset[tuple[int, int]]
    asked: Mapping[tuple[int, int], int]


async def wanted(conn: AsyncConnection, claimed: Sequence[Claimed]) -> list[Wanted]:
    """Return what each delivery may say; one with nothing left is not among them.

    What a person by now wants in a digest is not said at once: it is gathered for that here.
    """
    offered = await offers(conn, [one.delivery_id for one in claimed])
    known = await _known(conn, claimed, {seq for each in offered.values() for seq in each})
    found: list[Wanted] = []
    later: list[tuple[int, int, Rhythm]] = []
    for one in claimed:
        mine = offered.get(one.delivery_id, {})
        said = _sayable(one, mine, known)
        waits = set() if one.doubtful else {seq for seq in said if seq in mine and mine[seq].rhythm}
        later += [(one.subscriber_id, seq, mine[seq].rhythm) for seq in sorted(waits)]
        now = {seq: cause for seq, cause in said.items() if seq not in waits}
        if now:
            found.append(Wanted(claimed=one, seqs=tuple(sorted(now)), subscription_id=min(now.values())))
    await gather(conn, later)
    return found


def _sayable(one: Claimed, mine: Offers, known: _Known) -> dict[int, int]:
    """Return the events that may be said to this person, each with the subscription that asked for it."""
    own = known.corrections.get(one.mailing_id, ())
    said = {seq: offer.cause for seq, offer in mine.items() if seq not in known.gone}
    for each in own:
        said.pop(each.seq, None)
    corrected: set[int] = set()
    for each in own:
        cause = known.asked.get((one.subscriber_id, each.seq))
        misled = (one.delivery_id, each.corrects) in known.told
        if misled and cause is not None and each.procedure_id not in corrected:
            corrected.add(each.procedure_id)
            said = {seq: asked for seq, asked in said.items() if seq not in each.twins}
            said[each.seq] = cause
    return said


async def _known(conn: AsyncConnection, claimed: Sequence[Claimed], seqs: Collection[int]) -> _Known:
    corrections = await _corrections(conn, {one.mailing_id for one in claimed})
    every = [one for many in corrections.values() for one in many]
    told = await _told(conn, claimed, {one.corrects for one in every})
    people = {one.subscriber_id for one in claimed}
    asked = await _still_following(conn, people, {one.seq for one in every}) if told else {}
    return _Known(corrections=corrections, gone=await _taken_back(conn, seqs), told=told, asked=asked)


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


async def _taken_back(conn: AsyncConnection, seqs: Collection[int]) -> frozenset[int]:
    """Return those of the events that a later correction takes back."""
    query = select(event.c.corrects_seq).where(
        event.c.corrects_seq.in_(seqs), event.c.kind == EventKind.CORRECTION
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
        .select_from(variant_event)
        .join(variant, variant.c.id == variant_event.c.variant_id)
        .join(
            earlier,
            (earlier.c.mailing_id == variant.c.mailing_id) & (earlier.c.variant_id == variant.c.id),
        )
        .join(mine, (mine.c.subscriber_id == earlier.c.subscriber_id) & (mine.c.id != earlier.c.id))
        .where(mine.c.id.in_([one.delivery_id for one in claimed]), sent)
        .where(earlier.c.subscriber_id.in_([one.subscriber_id for one in claimed]))
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
