"""Binding: what a claimed delivery says, decided at the last moment from what the person still wants.

Runs inside the claiming transaction. An unsubscribe, a correction or a change of mind since the fan-out
counts; a delivery with nothing left to say is cancelled. The bound set of events is the evidence of who was
told what.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.delivery.model import Bound, Claimed, Letter
from notifier.delivery.outbox import REPLIES_MAILING
from notifier.events import store, variants
from notifier.events.decide import still_useful
from notifier.events.letters import LetterTemplate, Personal, compose
from notifier.events.messages import mail_words
from notifier.events.model import Event
from notifier.events.replies import (
    already_words,
    asked_for_all,
    asked_for_one,
    confirm_words,
    why_reply_words,
    why_words,
)
from notifier.events.staff.mail import StaffPost, bind_staff, staff_mailings
from notifier.events.wanting import Wanted, wanted
from notifier.events.words import Asked
from notifier.procedures import store as procedures
from notifier.procedures.due import Rules
from notifier.settings import Service
from notifier.subscriptions import store as subscriptions
from notifier.subscriptions.model import Reply, ReplyKind, Subscription, SubscriptionState
from notifier.subscriptions.tables import subscriber
from notifier.subscriptions.tokens import Purpose, Signer
from notifier.subscriptions.topics import TopicKind

KEPT_TEMPLATES = 256
"""Composed mails kept in memory; each is some ten kilobytes."""


class MailBinder:
    """Turns claimed deliveries into letters (the `Binder` of `delivery/model.py`)."""

    def __init__(
        self,
        *,
        service: Service,
        sender: str,
        reply_to: str | None,
        signer: Signer,
        rules: Rules,
        link_hours: int,
        staff: StaffPost | None = None,
    ) -> None:
        self._service = service
        self._sender = sender
        self._reply_to = reply_to
        self._signer = signer
        self._rules = rules
        self._link_hours = link_hours
        self._staff = staff
        self._host = sender.rpartition("@")[2]
        self._templates: OrderedDict[tuple[tuple[int, ...], date], LetterTemplate] = OrderedDict()

    async def __call__(self, conn: AsyncConnection, claimed: Sequence[Claimed], now: datetime) -> Bound:
        """Bind each delivery to what its subscriber still wants."""
        replies = [one for one in claimed if one.mailing_id == REPLIES_MAILING]
        letters = await self._replies(conn, replies, now)
        alerts = [one for one in claimed if one.mailing_id != REPLIES_MAILING]
        if self._staff is not None:
            inner = await staff_mailings(conn, {one.mailing_id for one in alerts})
            to_staff = [one for one in alerts if one.mailing_id in inner]
            alerts = [one for one in alerts if one.mailing_id not in inner]
            letters += await bind_staff(conn, to_staff, post=self._staff, now=now)
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
        nonces = await _nonces(conn, [one.claimed.subscriber_id for one in useful])
        await variants.bind(
            conn, [(one.claimed.delivery_id, one.claimed.mailing_id, one.seqs) for one in useful]
        )
        named = await self._named(conn, list(asked.values()))
        return [
            self._alert(
                one, events, asked[one.subscription_id], nonces[one.claimed.subscriber_id], named, now
            )
            for one in useful
        ]

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
        named: Mapping[int, Asked],
        now: datetime,
    ) -> Letter:
        template = self._template(tuple(events[seq] for seq in one.seqs), self._rules.local_date(now))
        why = why_words(named[asked.id], on=self._rules.local_date(asked.asked_at), service=self._service)
        letter = self._letter(
            one.claimed, template, asked.address, nonce, why, self._stop_url(one.claimed, nonce), now
        )
        return replace(letter, about=tuple(events[seq].public_id for seq in one.seqs))

    def _template(self, events: tuple[Event, ...], today: date) -> LetterTemplate:
        """Compose once per set of events and day, because texts may say "tomorrow"."""
        key = (tuple(event.seq for event in events), today)
        found = self._templates.get(key)
        if found is None:
            words = mail_words(events, today=today, service=self._service)
            found = compose(words, service=self._service, sender=self._sender, reply_to=self._reply_to)
            self._templates[key] = found
            if len(self._templates) > KEPT_TEMPLATES:
                self._templates.popitem(last=False)
        self._templates.move_to_end(key)
        return found

    async def _replies(
        self, conn: AsyncConnection, claimed: Sequence[Claimed], now: datetime
    ) -> list[Letter]:
        if not claimed:
            return []
        found = await subscriptions.replies(conn, [one.part for one in claimed])
        nonces = await _nonces(conn, [one.subscriber_id for one in claimed])
        named = await self._named(conn, [reply.subscription for reply in found.values()])
        return [
            self._reply(one, found[one.part], nonces[one.subscriber_id], named, now)
            for one in claimed
            if _still_asked(found[one.part])
        ]

    def _reply(
        self, one: Claimed, reply: Reply, nonce: str, named: Mapping[int, Asked], now: datetime
    ) -> Letter:
        asked = reply.subscription
        if reply.kind is ReplyKind.CONFIRM:
            words = confirm_words(named[asked.id], service=self._service, hours=self._link_hours)
            token = self._signer.sign(Purpose.CONFIRM, asked.id, asked.nonce)
            link = f"{self._service.public_url}/confirm/{token}"
        else:
            words = already_words(named[asked.id], service=self._service)
            link = self._stop_url(one, nonce)
        template = compose(words, service=self._service, sender=self._sender, reply_to=self._reply_to)
        why = why_reply_words(named[asked.id], on=self._rules.local_date(now), service=self._service)
        return self._letter(one, template, asked.address, nonce, why, link, now)

    def _letter(
        self,
        claimed: Claimed,
        template: LetterTemplate,
        address: str,
        nonce: str,
        why: str,
        link: str,
        now: datetime,
    ) -> Letter:
        message = self._signer.sign(Purpose.MESSAGE, claimed.delivery_id, nonce)
        personal = Personal(
            recipient=address,
            message_id=f"<{message}@{self._host}>",
            sent_at=now.astimezone(self._rules.zone),
            why_line=why,
            link_url=link,
        )
        return Letter(
            delivery_id=claimed.delivery_id,
            subscriber_id=claimed.subscriber_id,
            attempts=claimed.attempts,
            doubtful=claimed.doubtful,
            sender=self._sender,
            recipient=address,
            content=template.fill(personal),
        )

    def _stop_url(self, claimed: Claimed, nonce: str) -> str:
        return (
            f"{self._service.public_url}/stop/{self._signer.sign(Purpose.STOP, claimed.delivery_id, nonce)}"
        )

    async def _named(self, conn: AsyncConnection, asked: Sequence[Subscription]) -> dict[int, Asked]:
        """Return how what each subscription follows is named in a mail."""
        ids = [int(one.topic.value) for one in asked if one.topic.kind is TopicKind.PROCEDURE]
        found = await procedures.load(conn, ids)
        named: dict[int, Asked] = {}
        for one in asked:
            if one.topic.kind is TopicKind.PROCEDURE:
                about = found[int(one.topic.value)]
                named[one.id] = asked_for_one(about.title, about.shown_id)
            else:
                named[one.id] = asked_for_all(self._service)
        return named


def _still_asked(reply: Reply) -> bool:
    wanted = SubscriptionState.PENDING if reply.kind is ReplyKind.CONFIRM else SubscriptionState.ACTIVE
    return reply.subscription.state is wanted


async def _nonces(conn: AsyncConnection, subscriber_ids: Sequence[int]) -> dict[int, str]:
    query = select(subscriber.c.id, subscriber.c.nonce).where(subscriber.c.id.in_(subscriber_ids))
    return {row.id: row.nonce for row in await conn.execute(query)}
