"""What each claimed delivery may still say: what its person follows now, and what has been taken back since.

An alert that was taken back is said to nobody any more. Whoever was sent it hears of that as a correction,
whichever kinds of event they chose; everybody else hears of the change as such (promises §1.5).

Who follows alike is told alike: that is decided once for all of them.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.delivery.model import Claimed, DeliveryState
from notifier.delivery.tables import delivery
from notifier.events.claimed import EventFacts, Mailing, read_events
from notifier.events.model import EventKind
from notifier.events.offers import (
    Follow,
    Offer,
    Reader,
    gather,
    gathered_for,
    gathered_of,
    offers,
    read_readers,
)
from notifier.events.tables import variant, variant_event


class Wanted(NamedTuple):
    """What one delivery may say to its reader: events, and the oldest subscription that asked for them."""

    claimed: Claimed
    reader: Reader
    seqs: tuple[int, ...]
    cause: Follow


class _Share(NamedTuple):
    """What is said now and what waits for a digest, of what somebody is offered. `cause` is a place."""

    seqs: tuple[int, ...]
    cause: int
    waits: tuple[tuple[int, int], ...]


class WantedNow(NamedTuple):
    """What claimed deliveries may say, those with nothing left out, and the facts of all their events."""

    found: Sequence[Wanted]
    events: Mapping[int, EventFacts]


async def wanted(
    conn: AsyncConnection, claimed: Sequence[Claimed], mailings: Mapping[int, Mailing]
) -> WantedNow:
    """Return what each delivery may say; one with nothing left is not among them.

    What a person by now wants in a digest is not said at once: it is gathered for that here.
    """
    candidates = await _candidates(conn, claimed, mailings)
    every = {seq for one in mailings.values() for seq in one.seqs}
    events = await read_events(conn, every.union(*set(candidates.values())))
    if not events:
        return WantedNow((), {})
    readers = await read_readers(conn, [one.subscriber_id for one in claimed], events)
    told = await _told(conn, claimed, mailings, events)
    shares = _Shares(mailings, events, told)
    found: list[Wanted] = []
    later: list[tuple[int, int, int]] = []
    for place, reader in readers.items():
        one = claimed[place]
        share = shares.of(one, candidates.get(place, ()), reader.follows)
        later += [(one.subscriber_id, *wait) for wait in share.waits]
        if share.seqs:
            found.append(Wanted(one, reader, share.seqs, reader.follows[share.cause]))
    await gather(conn, later)
    return WantedNow(found, events)


async def _candidates(
    conn: AsyncConnection, claimed: Sequence[Claimed], mailings: Mapping[int, Mailing]
) -> Mapping[int, tuple[int, ...]]:
    """Return which events each delivery could be about, by its place: a moment's, or what a digest gathered.

    What was gathered for somebody belongs to their digest, whatever they chose since.
    """
    found = {place: mailings[one.mailing_id].seqs for place, one in enumerate(claimed)}
    for mailing_id in sorted({one.mailing_id for one in claimed}):
        places = [place for place, one in enumerate(claimed) if one.mailing_id == mailing_id]
        people = [claimed[place].subscriber_id for place in places]
        mailing = mailings[mailing_id]
        if mailing.rhythm is not None:
            mine = await gathered_for(conn, people, mailing_id=mailing_id)
            found |= {places[at]: tuple(sorted(seqs)) for at, seqs in mine.items()}
        elif mailing.gathered:
            first, last = mailing.seqs[0], mailing.seqs[-1]
            kept = await gathered_of(conn, people, first=first, last=last)
            for at, seqs in kept.items():
                found[places[at]] = tuple(seq for seq in mailing.seqs if seq not in seqs)
    return found


class _Shares:
    """Decides what is said to whoever is offered something. `told`: see `_told`."""

    def __init__(
        self,
        mailings: Mapping[int, Mailing],
        events: Mapping[int, EventFacts],
        told: frozenset[tuple[int, int]],
    ) -> None:
        self._mailings = mailings
        self._events = events
        self._told = told
        self._corrections = {id_: _corrections(one.seqs, events) for id_, one in mailings.items()}
        self._alike: dict[object, _Share] = {}

    def of(self, one: Claimed, seqs: tuple[int, ...], follows: Sequence[Follow]) -> _Share:
        """Return what is said to one reader. Ids differ from one to the next, and so does when they asked."""
        corrections = self._corrections[one.mailing_id]
        misled = tuple(seq for seq in corrections if self._is_misled(one, seq)) if corrections else ()
        likeness = (one.mailing_id, seqs, misled, one.doubtful > 0, *[follow[1:5] for follow in follows])
        share = self._alike.get(likeness)
        if share is None:
            share = self._alike[likeness] = self._share(one, seqs, misled, follows)
        return share

    def _is_misled(self, one: Claimed, correction: int) -> bool:
        return (one.delivery_id, self._events[correction].corrects) in self._told

    def _share(
        self, one: Claimed, seqs: Sequence[int], misled: Sequence[int], follows: Sequence[Follow]
    ) -> _Share:
        offered = offers([seq for seq in seqs if seq in self._events], follows, self._events)
        said = self._sayable(one, offered, misled, follows)
        in_digest = self._mailings[one.mailing_id].rhythm is not None
        waits: set[int] = set()
        if not in_digest and not one.doubtful:  # in a digest everything is wanted now
            waits = {seq for seq in said if seq in offered and offered[seq].rhythm}
        now = {seq: cause for seq, cause in said.items() if seq not in waits}
        return _Share(
            seqs=tuple(sorted(now)),
            cause=min(now.values(), default=0),
            waits=tuple((seq, int(offered[seq].rhythm)) for seq in sorted(waits)),
        )

    def _sayable(
        self, one: Claimed, offered: Mapping[int, Offer], misled: Sequence[int], follows: Sequence[Follow]
    ) -> dict[int, int]:
        """Return the events that may be said to a person, each with the place of what asked for it."""
        said = {seq: offer.cause for seq, offer in offered.items() if not self._events[seq].taken_back}
        for seq in self._corrections[one.mailing_id]:
            said.pop(seq, None)
        corrected: set[int] = set()
        for seq in misled:
            event = self._events[seq]
            cause = _still_following(follows, event)
            if cause is None or event.procedure_id in corrected:
                continue  # several alerts of one procedure may be taken back at once; it is said once
            corrected.add(event.procedure_id)
            twins = self._twins(event.procedure_id)
            said = {other: asked for other, asked in said.items() if other not in twins}
            said[seq] = cause
        return said

    def _twins(self, procedure_id: int) -> frozenset[int]:
        """Return the events that say the change of a correction to everybody else."""
        return frozenset(
            seq
            for mailing in self._mailings.values()
            for seq in mailing.seqs
            if (event := self._events.get(seq)) is not None
            and event.procedure_id == procedure_id
            and event.corrects is not None
            and event.kind is not EventKind.CORRECTION
        )


def _corrections(seqs: Iterable[int], events: Mapping[int, EventFacts]) -> tuple[int, ...]:
    """Return the corrections among a mailing's events."""
    return tuple(
        seq
        for seq in seqs
        if (event := events.get(seq)) is not None
        and event.kind is EventKind.CORRECTION
        and event.corrects is not None
    )


def _still_following(follows: Sequence[Follow], event: EventFacts) -> int | None:
    """Return by what a person still follows what a correction is about, whatever kinds they chose."""
    return next((place for place, one in enumerate(follows) if one.topic_id in event.topics), None)


async def _told(
    conn: AsyncConnection,
    claimed: Sequence[Claimed],
    mailings: Mapping[int, Mailing],
    events: Mapping[int, EventFacts],
) -> frozenset[tuple[int, int]]:
    """Return which deliveries go to people who were sent before what a correction takes back, and what."""
    corrections = [seq for one in mailings.values() for seq in _corrections(one.seqs, events)]
    if not corrections:
        return frozenset()
    return await _sent_before(conn, claimed, {events[seq].corrects for seq in corrections})


async def _sent_before(
    conn: AsyncConnection, claimed: Sequence[Claimed], corrected: Collection[int | None]
) -> frozenset[tuple[int, int]]:
    mine, earlier = delivery.alias(), delivery.alias()
    perhaps = (earlier.c.doubtful > 0, earlier.c.taken_back > 0)
    sent = or_(earlier.c.state.in_((DeliveryState.ACCEPTED, DeliveryState.SENDING)), *perhaps)
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
