"""Binding: what a claimed delivery says, decided at the last moment from what the person still wants.

Runs inside the claiming transaction. An unsubscribe, a correction or a change of mind since the fan-out
counts; a delivery with nothing left to say is cancelled. The bound set of events is the evidence of who was
told what.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.delivery.model import Bound, Claimed, Letter
from notifier.delivery.outbox import REPLIES_MAILING
from notifier.events import store, variants
from notifier.events.bind_replies import bind_replies
from notifier.events.decide import still_useful
from notifier.events.language import spoken_tag
from notifier.events.letters import LetterTemplate
from notifier.events.messages import mail_words
from notifier.events.model import Event
from notifier.events.naming import named
from notifier.events.post import Post, Recipient, nonces
from notifier.events.replies import why_words
from notifier.events.staff.mail import bind_staff, staff_mailings
from notifier.events.wanting import Wanted, wanted
from notifier.events.words import Asked
from notifier.subscriptions import store as subscriptions
from notifier.subscriptions.model import Subscription

KEPT_TEMPLATES = 256
"""Composed mails kept in memory; each is some ten kilobytes."""


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
        self._templates: OrderedDict[tuple[str, tuple[int, ...], date], LetterTemplate] = OrderedDict()

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

    async def _alerts(self, conn: AsyncConnection, claimed: Sequence[Claimed], now: datetime) -> list[Letter]:
        if not claimed:
            return []
        found = await wanted(conn, claimed)
        events = await store.load(conn, sorted({seq for one in found for seq in one.seqs}))
        useful = self._useful(found, events, now)
        asked = await subscriptions.load(conn, sorted({one.subscription_id for one in useful}))
        known = await nonces(conn, [one.claimed.subscriber_id for one in useful])
        await variants.bind(
            conn,
            [
                (one.claimed.delivery_id, one.claimed.mailing_id, one.seqs, self._language(one, asked))
                for one in useful
            ],
        )
        names = await named(conn, list(asked.values()), self._post.service)
        letters = []
        for one in useful:
            with self._post.languages.speaking(self._language(one, asked)):
                nonce = known[one.claimed.subscriber_id]
                letters.append(self._alert(one, events, asked[one.subscription_id], nonce, names, now))
        return letters

    def _language(self, one: Wanted, asked: Mapping[int, Subscription]) -> str:
        """Return the language in which somebody is written to: theirs, where there is a catalogue of it."""
        return self._post.languages.named(asked[one.subscription_id].language)

    def _useful(self, found: Sequence[Wanted], events: Mapping[int, Event], now: datetime) -> list[Wanted]:
        """Leave out what came too late on its way; with nothing left, the delivery is cancelled."""
        useful = {
            seq
            for seq, event in events.items()
            if still_useful(event.kind, event.payload, rules=self._rules, now=now)
        }
        kept = [replace(one, seqs=tuple(seq for seq in one.seqs if seq in useful)) for one in found]
        return [one for one in kept if one.seqs]

    def _alert(
        self,
        one: Wanted,
        events: Mapping[int, Event],
        asked: Subscription,
        nonce: str,
        names: Mapping[int, Asked],
        now: datetime,
    ) -> Letter:
        post, to = self._post, Recipient(address=asked.address, nonce=nonce)
        template = self._template(tuple(events[seq] for seq in one.seqs), self._rules.local_date(now))
        return post.letter(
            one.claimed,
            template,
            to,
            why=why_words(names[asked.id], on=self._rules.local_date(asked.asked_at), service=post.service),
            link=post.stop_url(one.claimed, to),
            now=now,
            about=tuple(events[seq].public_id for seq in one.seqs),
        )

    def _template(self, events: tuple[Event, ...], today: date) -> LetterTemplate:
        """Compose once per language, set of events and day, because texts may say "tomorrow"."""
        key = (spoken_tag(), tuple(event.seq for event in events), today)
        found = self._templates.get(key)
        if found is None:
            found = self._post.compose(mail_words(events, today=today, service=self._post.service))
            self._templates[key] = found
            if len(self._templates) > KEPT_TEMPLATES:
                self._templates.popitem(last=False)
        self._templates.move_to_end(key)
        return found
