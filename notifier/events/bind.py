"""Binding: what a claimed delivery says, decided at the last moment from what the person still wants.

Runs inside the claiming transaction. An unsubscribe, a correction or a change of mind since the fan-out
counts; a delivery with nothing left to say is cancelled. The bound set of events is the evidence of who was
told what.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.delivery.model import Bound, Claimed, Letter, Unwritten
from notifier.delivery.outbox import REPLIES_MAILING
from notifier.events import store, variants
from notifier.events.bind_replies import bind_replies
from notifier.events.compositions import Compositions, Content
from notifier.events.decide import still_useful
from notifier.events.digests import digest_rhythms
from notifier.events.letters import LetterTemplate
from notifier.events.messages import mail_words
from notifier.events.model import Event
from notifier.events.naming import named
from notifier.events.overtaking import as_they_stand
from notifier.events.overview import followed_topics, overview
from notifier.events.post import Post, Recipient, nonces
from notifier.events.replies import why_words
from notifier.events.staff.mail import bind_staff, staff_mailings
from notifier.events.wanting import Wanted, wanted
from notifier.events.words import Asked, OverviewPart
from notifier.subscriptions import store as subscriptions
from notifier.subscriptions.model import Rhythm, Subscription
from notifier.subscriptions.topics import Topic

_WEEKLY = Rhythm.WEEKLY


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
        self._rules = post.rules
        self._link_hours = link_hours
        self._staff = staff
        self._compositions = Compositions()

    async def __call__(self, conn: AsyncConnection, claimed: Sequence[Claimed], now: datetime) -> Bound:
        """Bind each delivery to what its subscriber still wants."""
        replies = [one for one in claimed if one.mailing_id == REPLIES_MAILING]
        letters = await bind_replies(conn, replies, post=self._post, link_hours=self._link_hours, now=now)
        alerts = [one for one in claimed if one.mailing_id != REPLIES_MAILING]
        inner = await staff_mailings(conn, {one.mailing_id for one in alerts})
        to_staff = [one for one in alerts if one.mailing_id in inner]
        alerts = [one for one in alerts if one.mailing_id not in inner]
        letters += await bind_staff(conn, to_staff, post=self._post, addresses=self._staff, now=now)
        letters += await self._alerts(conn, alerts, now)
        said = {letter.delivery_id for letter in letters}
        cancelled = [one.delivery_id for one in claimed if one.delivery_id not in said]
        return Bound(letters=letters, cancelled=cancelled)

    async def _alerts(
        self, conn: AsyncConnection, claimed: Sequence[Claimed], now: datetime
    ) -> list[Unwritten]:
        if not claimed:
            return []
        rhythms = await digest_rhythms(conn, {one.mailing_id for one in claimed})
        found = await wanted(conn, claimed)
        written = await store.load(conn, sorted({seq for one in found for seq in one.seqs}))
        events = await as_they_stand(conn, written)
        useful = self._useful(found, events, rhythms, now)
        asked = await subscriptions.load(conn, sorted({one.subscription_id for one in useful}))
        known = await nonces(conn, [one.claimed.subscriber_id for one in useful])
        today = self._rules.local_date(now)
        contents = await self._contents(conn, useful, events, asked, rhythms, today)
        await variants.bind(
            conn,
            [
                (one.claimed.delivery_id, one.claimed.mailing_id, one.seqs, content.language)
                for one, content in zip(useful, contents, strict=True)
            ],
        )
        names = await named(conn, list(asked.values()), self._post.service)
        letters: list[Unwritten] = []
        for one, content in zip(useful, contents, strict=True):
            cause = asked[one.subscription_id]
            to = Recipient(address=cause.address, nonce=known[one.claimed.subscriber_id])
            why = partial(self._why, cause, names)
            write = partial(self._alert, one, events, content, to=to, why=why, now=now)
            letters.append(Unwritten(delivery_id=one.claimed.delivery_id, write=write))
        return letters

    def _useful(
        self,
        found: Sequence[Wanted],
        events: Mapping[int, Event],
        rhythms: Mapping[int, Rhythm],
        now: datetime,
    ) -> list[Wanted]:
        """Leave out what came too late on its way, or was overtaken; with nothing left, it is cancelled."""

        def useful(one: Wanted, seq: int) -> bool:
            event, gathered = events.get(seq), one.claimed.mailing_id in rhythms
            return event is not None and still_useful(
                event.kind, event.payload, rules=self._rules, now=now, in_digest=gathered
            )

        kept = [replace(one, seqs=tuple(seq for seq in one.seqs if useful(one, seq))) for one in found]
        return [one for one in kept if one.seqs]

    async def _contents(
        self,
        conn: AsyncConnection,
        found: Sequence[Wanted],
        events: Mapping[int, Event],
        asked: Mapping[int, Subscription],
        rhythms: Mapping[int, Rhythm],
        today: date,
    ) -> list[Content]:
        """Return what each delivery says, each in its reader's language, where there is a catalogue of it."""
        contents = [
            Content(
                language=self._post.languages.named(asked[one.subscription_id].language),
                seqs=one.seqs,
                deadlines=tuple(events[seq].payload.deadline for seq in one.seqs),
                today=today,
                rhythm=rhythms.get(one.claimed.mailing_id, Rhythm.AT_ONCE),
            )
            for one in found
        ]
        weekly = [one for one, content in zip(found, contents, strict=True) if content.rhythm is _WEEKLY]
        topics = await followed_topics(conn, {one.claimed.subscriber_id for one in weekly}) if weekly else {}
        views: dict[tuple[str, frozenset[Topic]], tuple[OverviewPart, ...]] = {}
        for place, one in enumerate(found):
            content = contents[place]
            if content.rhythm is not _WEEKLY:
                continue
            key = (content.language, topics[one.claimed.subscriber_id])
            if key not in views:  # whoever follows the same things in the same language shares one
                with self._post.languages.speaking(content.language):
                    views[key] = await overview(conn, key[1], today=today, service=self._post.service)
            contents[place] = replace(content, overview=views[key])
        return contents

    def _alert(
        self,
        one: Wanted,
        events: Mapping[int, Event],
        content: Content,
        *,
        to: Recipient,
        why: Callable[[], str],
        now: datetime,
    ) -> Letter:
        told = [events[seq] for seq in one.seqs]
        with self._post.languages.speaking(content.language):
            return self._post.letter(
                one.claimed,
                self._compositions.of(content, lambda: self._compose(told, content)),
                to,
                why=why(),
                link=self._post.stop_url(one.claimed, to),
                now=now,
                about=tuple(event.public_id for event in told),
            )

    def _compose(self, events: Sequence[Event], content: Content) -> LetterTemplate:
        words = mail_words(
            events,
            today=content.today,
            service=self._post.service,
            rhythm=content.rhythm,
            overview=content.overview,
        )
        return self._post.compose(words)

    def _why(self, asked: Subscription, names: Mapping[int, Asked]) -> str:
        day = self._rules.local_date(asked.asked_at)
        return why_words(names[asked.id], on=day, service=self._post.service, rhythm=asked.rhythm)
