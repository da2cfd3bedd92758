"""Binding: what a claimed delivery says, decided at the last moment from what the person still wants.

Runs inside the claiming transaction. An unsubscribe, a correction or a change of mind since the fan-out
counts; a delivery with nothing left to say is cancelled. The bound set of events is the evidence of who was
told what.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.delivery.model import Bound, Claimed, Unwritten
from notifier.delivery.outbox import REPLIES_MAILING
from notifier.events import store, variants
from notifier.events.alerts import AlertWriter, Told
from notifier.events.bind_replies import bind_replies
from notifier.events.claimed import EventFacts, Mailing, read_mailings
from notifier.events.compositions import Content
from notifier.events.decide import still_useful
from notifier.events.model import Event
from notifier.events.naming import named_topics
from notifier.events.overtaking import as_they_stand
from notifier.events.overview import Agenda, followed_topics, overview, read_agenda
from notifier.events.post import Post
from notifier.events.staff.mail import bind_staff
from notifier.events.variants import Variant
from notifier.events.wanting import Wanted, wanted
from notifier.events.words import OverviewPart
from notifier.subscriptions.model import Rhythm
from notifier.subscriptions.topics import Topic

EVENTS_KEPT = 2_000
"""Events kept in memory, some kilobytes each; they never change, and reading one takes 40 µs."""


class MailBinder:
    """Turns claimed deliveries into letters (the `Binder` of `delivery/model.py`)."""

    def __init__(
        self,
        *,
        post: Post,
        link_hours: int,
        staff: tuple[str, ...] = (),
    ) -> None:
        self._post = post
        self._link_hours = link_hours
        self._staff = staff
        self._writer = AlertWriter(post)
        self._read: dict[int, Event] = {}

    async def __call__(self, conn: AsyncConnection, claimed: Sequence[Claimed], now: datetime) -> Bound:
        """Bind each delivery to what its subscriber still wants."""
        replies = [one for one in claimed if one.mailing_id == REPLIES_MAILING]
        others = [one for one in claimed if one.mailing_id != REPLIES_MAILING]
        mailings = await read_mailings(conn, {one.mailing_id for one in others}) if others else {}
        to_staff = [one for one in others if mailings[one.mailing_id].to_staff]
        alerts = [one for one in others if not mailings[one.mailing_id].to_staff] if to_staff else others
        letters = [
            await bind_replies(conn, replies, post=self._post, link_hours=self._link_hours, now=now),
            await bind_staff(conn, to_staff, post=self._post, addresses=self._staff, now=now),
            await self._alerts(conn, alerts, mailings, now),
        ]
        said = {delivery_id for some in letters for delivery_id in some.delivery_ids}
        cancelled = [one.delivery_id for one in claimed if one.delivery_id not in said]
        return Bound(letters=[some for some in letters if some.delivery_ids], cancelled=cancelled)

    async def _alerts(
        self,
        conn: AsyncConnection,
        claimed: Sequence[Claimed],
        mailings: Mapping[int, Mailing],
        now: datetime,
    ) -> Unwritten:
        if not claimed:
            return Unwritten(delivery_ids=(), write=lambda _: [])
        found, facts = await wanted(conn, claimed, mailings)
        events = await self._as_they_stand(conn, found, facts)
        weekly = [one for one in found if mailings[one.claimed.mailing_id].rhythm is Rhythm.WEEKLY]
        topics = await followed_topics(conn, {one.claimed.subscriber_id for one in weekly}) if weekly else {}
        agenda = await read_agenda(conn, self._post.rules.local_date(now)) if weekly else None
        telling = _Telling(self._post, events, mailings, topics, agenda, now)
        said = [(one, told) for one in found if (told := telling.of(one)) is not None]
        telling_it: defaultdict[Told, list[int]] = defaultdict(list)
        for one, told in said:
            telling_it[told].append(one.claimed.delivery_id)
        await variants.bind(conn, [(told.variant, ids) for told, ids in telling_it.items()])
        names = await named_topics(conn, {one.cause.topic_id for one, _ in said}, self._post.service)
        return Unwritten(
            delivery_ids=[one.claimed.delivery_id for one, _ in said],
            write=lambda places: self._writer.write([said[place] for place in places], names, now),
        )

    async def _as_they_stand(
        self, conn: AsyncConnection, found: Sequence[Wanted], facts: Mapping[int, EventFacts]
    ) -> Mapping[int, Event]:
        """Return the events that can be told now, by their numbers. One that was read before is not again."""
        seqs = sorted({seq for seqs in {one.seqs for one in found} for seq in seqs})
        new = [seq for seq in seqs if seq not in self._read]
        if len(self._read) + len(new) > EVENTS_KEPT:
            self._read, new = {}, seqs
        if new:
            self._read |= await store.load(conn, new)
        events = {seq: self._read[seq] for seq in seqs}
        return await as_they_stand(conn, events) if any(facts[seq].changed for seq in seqs) else events


class _Telling:
    """Finds what a delivery tells, each in its reader's language, where there is a catalogue of it.

    `topics` are what the readers of weekly digests follow, and `agenda` what is shown to them of it.
    """

    def __init__(
        self,
        post: Post,
        events: Mapping[int, Event],
        mailings: Mapping[int, Mailing],
        topics: Mapping[int, frozenset[Topic]],
        agenda: Agenda | None,
        now: datetime,
    ) -> None:
        self._post = post
        self._events = events
        self._mailings = mailings
        self._topics = topics
        self._agenda = agenda
        self._now = now
        self._today = post.rules.local_date(now)
        self._told: dict[object, Told | None] = {}
        self._useful: dict[tuple[int, bool], bool] = {}
        self._views: dict[tuple[str, Collection[Topic]], tuple[OverviewPart, ...]] = {}

    def of(self, one: Wanted) -> Told | None:
        """Return what a delivery tells: the same thing for all that tell the same; None: nothing is left."""
        mailing_id, language = one.claimed.mailing_id, one.reader.language
        topics = self._topics.get(one.claimed.subscriber_id, frozenset())
        key = (mailing_id, one.seqs, language, topics)
        if key not in self._told:
            self._told[key] = self._tell(one, topics)
        return self._told[key]

    def _tell(self, one: Wanted, topics: frozenset[Topic]) -> Told | None:
        mailing_id = one.claimed.mailing_id
        rhythm = self._mailings[mailing_id].rhythm
        seqs = tuple(seq for seq in one.seqs if self._is_useful(seq, in_digest=rhythm is not None))
        if not seqs:
            return None  # all of it came too late on its way, or was overtaken
        language = self._post.languages.named(one.reader.language)
        content = Content(
            language=language,
            seqs=seqs,
            deadlines=tuple(self._events[seq].payload.deadline for seq in seqs),
            today=self._today,
            rhythm=rhythm or Rhythm.AT_ONCE,
            overview=self._overview(language, topics) if rhythm is Rhythm.WEEKLY else (),
        )
        told = tuple(self._events[seq] for seq in seqs)
        return Told(variant=Variant(mailing_id, seqs, language), content=content, events=told)

    def _is_useful(self, seq: int, *, in_digest: bool) -> bool:
        found = self._useful.get((seq, in_digest))
        if found is None:
            event = self._events.get(seq)
            found = self._useful[seq, in_digest] = event is not None and still_useful(
                event.kind, event.payload, rules=self._post.rules, now=self._now, in_digest=in_digest
            )
        return found

    def _overview(self, language: str, topics: frozenset[Topic]) -> tuple[OverviewPart, ...]:
        """Return what is open and comes next; whoever follows the same things in a language shares one."""
        if self._agenda is None:
            return ()
        key = (language, topics)
        if key not in self._views:
            with self._post.languages.speaking(language):
                self._views[key] = overview(self._agenda, topics, service=self._post.service)
        return self._views[key]
