"""Binding replies: the mails that answer what somebody asked for on a page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.delivery.model import Claimed, Letter, Unwritten
from notifier.events.choices import chosen_words
from notifier.events.naming import named
from notifier.events.post import Post, Recipient
from notifier.events.replies import already_words, confirm_words, why_reply_words
from notifier.events.replies_preferences import (
    access_words,
    new_address_words,
    why_access_words,
    why_new_address_words,
)
from notifier.events.words import Asked, ReplyWords
from notifier.subscriptions import reply_store
from notifier.subscriptions.access import LINK_LASTS
from notifier.subscriptions.model import LinkRow, Reply, ReplyKind, Subscription, SubscriptionState
from notifier.subscriptions.tables import subscriber
from notifier.subscriptions.tokens import Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """What one reply says, why it came, and where its one link leads."""

    words: ReplyWords
    why: str
    link: str


async def bind_replies(
    conn: AsyncConnection, claimed: Sequence[Claimed], *, post: Post, link_hours: int, now: datetime
) -> Unwritten:
    """Return the replies that are still asked for; the others are to be cancelled."""
    if not claimed:
        return Unwritten(delivery_ids=(), write=lambda _: [])
    claimed_at = max(one.claimed_at for one in claimed)
    found = await reply_store.load(conn, [one.part for one in claimed], machine_now=claimed_at)
    known = await _nonces(conn, [one.subscriber_id for one in claimed])
    about = [reply.subscription for reply in found.values() if reply.subscription is not None]
    names = await named(conn, about, post.service)
    writer = _Writer(post=post, names=names, hours=link_hours, today=post.rules.local_date(now))
    ids: list[int] = []
    letters: list[Callable[[], Letter]] = []
    for one in claimed:
        reply = found[one.part]
        to = Recipient(address=reply.address, nonce=known[one.subscriber_id])
        with post.languages.speaking(reply.language):
            said = writer.say(reply, stop=post.stop_url(one, to)) if to.address else None
        if said is not None:
            ids.append(one.delivery_id)
            letters.append(partial(_letter, one, said, to, language=reply.language, post=post, now=now))
    return Unwritten(delivery_ids=ids, write=lambda places: [letters[place]() for place in places])


async def _nonces(conn: AsyncConnection, subscriber_ids: Sequence[int]) -> Mapping[int, str]:
    """Return what each subscriber's links are made with."""
    query = select(subscriber.c.id, subscriber.c.nonce).where(subscriber.c.id.in_(subscriber_ids))
    return {row.id: row.nonce for row in await conn.execute(query)}


def _letter(
    one: Claimed, said: "_Said", to: Recipient, *, language: str, post: Post, now: datetime
) -> Letter:
    with post.languages.speaking(language):
        return post.letter(one, post.compose(said.words), to, why=said.why, link=said.link, now=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Writer:
    """Finds the words of each reply; None for one that nobody waits for any more."""

    post: Post
    names: Mapping[int, Asked]
    hours: int
    today: date

    def say(self, reply: Reply, *, stop: str) -> _Said | None:
        match reply:
            case Reply(kind=ReplyKind.CONFIRM, subscription=Subscription() as asked):
                return self._confirm(asked)
            case Reply(kind=ReplyKind.ALREADY, subscription=Subscription() as asked):
                return self._already(asked, stop)
            case Reply(kind=ReplyKind.ACCESS, link=LinkRow() as row):
                return self._access(row)
            case Reply(kind=ReplyKind.NEW_ADDRESS, link=LinkRow() as row):
                return self._new_address(row)
        return None

    def _confirm(self, asked: Subscription) -> _Said | None:
        if asked.state is not SubscriptionState.PENDING:
            return None
        chosen = chosen_words(
            asked.kinds, asked.rhythm, reminders=asked.reminders, daily_at=self.post.rules.announce_at
        )
        words = confirm_words(
            self.names[asked.id], service=self.post.service, chosen=chosen, hours=self.hours
        )
        link = self._link("confirm", Purpose.CONFIRM, LinkRow(id=asked.id, nonce=asked.nonce))
        return _Said(words=words, why=self._why(asked), link=link)

    def _already(self, asked: Subscription, stop: str) -> _Said | None:
        if asked.state is not SubscriptionState.ACTIVE:
            return None
        words = already_words(self.names[asked.id], service=self.post.service)
        return _Said(words=words, why=self._why(asked), link=stop)

    def _access(self, row: LinkRow) -> _Said:
        service = self.post.service
        return _Said(
            words=access_words(service=service, lasts=LINK_LASTS),
            why=why_access_words(on=self.today, service=service),
            link=self._link("preferences/open", Purpose.ACCESS, row),
        )

    def _new_address(self, row: LinkRow) -> _Said:
        service = self.post.service
        return _Said(
            words=new_address_words(service=service, hours=self.hours),
            why=why_new_address_words(on=self.today, service=service),
            link=self._link("new-address", Purpose.NEW_ADDRESS, row),
        )

    def _why(self, asked: Subscription) -> str:
        return why_reply_words(self.names[asked.id], on=self.today, service=self.post.service)

    def _link(self, page: str, purpose: Purpose, row: LinkRow) -> str:
        token = self.post.signer.sign(purpose, row.id, row.nonce)
        return f"{self.post.service.public_url}/{page}/{token}"
