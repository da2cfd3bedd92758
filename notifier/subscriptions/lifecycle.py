"""Signing up, confirming and ending: the use cases. Each is one transaction.

Somebody who types an address gets the same answer whatever we know of it; only the mailbox learns more.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from email_validator import EmailNotValidError, validate_email
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier import sequence
from notifier.db import Database, Rank
from notifier.subscriptions import course, store
from notifier.subscriptions.fence import Answer, Fence
from notifier.subscriptions.model import (
    InvalidAddress,
    NameBeyondAscii,
    ReplyKind,
    Rhythm,
    Subscription,
    SubscriptionState,
)
from notifier.subscriptions.suppression import is_suppressed
from notifier.subscriptions.tokens import Purpose, Signer
from notifier.subscriptions.topics import Topic


class LinkState(StrEnum):
    """What a confirmation link is good for now."""

    GOOD = "good"
    DONE = "done"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkView:
    """A confirmation link, looked at; nothing happens by looking."""

    state: LinkState
    subscription: Subscription | None = None


def normal_address(text: str) -> str:
    """Return the address as it is written to, its domain in ASCII.

    Raises:
        InvalidAddress: it is none.
        NameBeyondAscii: its name before the @ needs a mail system (SMTPUTF8, RFC 6531) that cannot be counted
            on between here and there.
    """
    try:
        found = validate_email(text, check_deliverability=False)
    except EmailNotValidError as error:
        raise InvalidAddress(str(error)) from error
    if found.ascii_email is None:
        raise NameBeyondAscii("The part before the @ has letters that we cannot send to yet.")
    return found.ascii_email


async def sign_up(
    db: Database,
    *,
    address: str,
    topic: Topic,
    kinds: int,
    fence: Fence,
    rhythm: Rhythm = Rhythm.AT_ONCE,
    reminders: bool = True,
    language: str = "en",
) -> Answer:
    """Ask the owner of an address to confirm that they want this; nothing else is sent until they do.

    `kinds` are those of the preset with its reminders. `reminders` counts only for an address that follows
    nothing yet: else anybody could switch them for its owner, who does that with a link of their own.
    An address that is new here is written to in `language` from then on.

    Raises:
        InvalidAddress: no mail can be sent to it.
    """
    normal = normal_address(address)
    key = normal.casefold()
    now = fence.now
    async with db.write(Rank.WEB) as conn:
        # Which mail it will be is not known yet, but both kinds are counted together.
        refusal = await fence.refusal(conn, key, ReplyKind.CONFIRM)
        if refusal is not None:
            return refusal
        subscriber_id = await store.subscriber_id(
            conn, address=normal, address_key=key, now=now, language=language
        )
        if not await store.active_of(conn, subscriber_id):
            await store.set_reminders(conn, subscriber_id, on=reminders)
        topic_id = await store.topic_id(conn, topic)
        until = fence.machine_now + timedelta(hours=fence.limits.link_hours)
        found = await store.current(conn, subscriber_id, topic_id)
        if found is None:
            new = await course.ask(
                conn,
                subscriber_id=subscriber_id,
                topic_id=topic_id,
                kinds=kinds,
                now=now,
                confirm_until=until,
                rhythm=rhythm,
            )
            found = await store.get(conn, new)
        elif found.state is SubscriptionState.PENDING:
            await course.ask_again(conn, found.id, kinds=kinds, now=now, confirm_until=until, rhythm=rhythm)
        if found is not None:
            already = found.state is SubscriptionState.ACTIVE
            kind = ReplyKind.ALREADY if already else ReplyKind.CONFIRM
            await fence.answer(conn, key, kind, subscriber_id=subscriber_id, subscription_id=found.id)
    return Answer.QUEUED


async def look_at_link(
    db: Database, *, text: str, signer: Signer, now: datetime, machine_now: datetime
) -> LinkView:
    """Say what a confirmation link would do."""
    async with db.read() as conn:
        return await _view(conn, text, signer, now, machine_now)


async def confirm(
    db: Database,
    *,
    text: str,
    signer: Signer,
    wording: str,
    now: datetime,
    machine_now: datetime,
    kinds: int | None = None,
) -> LinkView:
    """Confirm by link, once; doing it again changes nothing and says so.

    `wording` is what was shown above the button, and `kinds` what it said will come (None: as asked).
    """
    async with db.write(Rank.WEB) as conn:
        view = await _view(conn, text, signer, now, machine_now)
        if view.state is LinkState.GOOD and view.subscription is not None:
            since = await sequence.settled(conn)
            await course.activate(
                conn, view.subscription, since_seq=since, wording=wording, now=now, kinds=kinds
            )
        return view


async def _view(
    conn: AsyncConnection, text: str, signer: Signer, now: datetime, machine_now: datetime
) -> LinkView:
    token = signer.read(Purpose.CONFIRM, text)
    found = None if token is None else await store.get(conn, token.row_id)
    if token is None or found is None or not signer.believes(token, found.nonce):
        return LinkView(state=LinkState.UNKNOWN)
    twin = await _followed(conn, found)
    if twin is not None:
        return LinkView(state=LinkState.DONE, subscription=twin)
    if found.state is SubscriptionState.ENDED or machine_now > found.confirm_until:
        return LinkView(state=LinkState.EXPIRED, subscription=found)
    if await is_suppressed(conn, signer.address_hash(found.address.casefold()), now=now):
        return LinkView(state=LinkState.EXPIRED, subscription=found)
    return LinkView(state=LinkState.GOOD, subscription=found)


async def _followed(conn: AsyncConnection, asked: Subscription) -> Subscription | None:
    """Return the subscription by which what was asked for is followed: this one, or another."""
    following = await store.active_of(conn, asked.subscriber_id)
    return next((one for one in following if one.topic == asked.topic), None)
