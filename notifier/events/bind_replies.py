"""Binding replies: the mails that answer what somebody asked for on a page."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.delivery.model import Claimed, Letter
from notifier.events.naming import named
from notifier.events.post import Post, Recipient, nonces
from notifier.events.replies import already_words, confirm_words, why_reply_words
from notifier.events.words import Asked
from notifier.subscriptions import store as subscriptions
from notifier.subscriptions.model import Reply, ReplyKind, SubscriptionState
from notifier.subscriptions.tokens import Purpose


async def bind_replies(
    conn: AsyncConnection, claimed: Sequence[Claimed], *, post: Post, link_hours: int, now: datetime
) -> list[Letter]:
    """Return the letters of replies that are still asked for; the others are to be cancelled."""
    if not claimed:
        return []
    found = await subscriptions.replies(conn, [one.part for one in claimed])
    known = await nonces(conn, [one.subscriber_id for one in claimed])
    names = await named(conn, [reply.subscription for reply in found.values()], post.service)
    letters = []
    for one in claimed:
        reply = found[one.part]
        if _still_asked(reply):
            with post.languages.speaking(reply.subscription.language):
                nonce = known[one.subscriber_id]
                letters.append(_reply(one, reply, nonce, names, post=post, hours=link_hours, now=now))
    return letters


def _reply(
    one: Claimed,
    reply: Reply,
    nonce: str,
    names: Mapping[int, Asked],
    *,
    post: Post,
    hours: int,
    now: datetime,
) -> Letter:
    asked = reply.subscription
    to = Recipient(address=asked.address, nonce=nonce)
    if reply.kind is ReplyKind.CONFIRM:
        words = confirm_words(names[asked.id], service=post.service, hours=hours)
        token = post.signer.sign(Purpose.CONFIRM, asked.id, asked.nonce)
        link = f"{post.service.public_url}/confirm/{token}"
    else:
        words = already_words(names[asked.id], service=post.service)
        link = post.stop_url(one, to)
    why = why_reply_words(names[asked.id], on=post.rules.local_date(now), service=post.service)
    return post.letter(one, post.compose(words), to, why=why, link=link, now=now)


def _still_asked(reply: Reply) -> bool:
    wanted = SubscriptionState.PENDING if reply.kind is ReplyKind.CONFIRM else SubscriptionState.ACTIVE
    return reply.subscription.state is wanted
