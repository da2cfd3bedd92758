"""The link that opens all that an address gets: mailed to it on request, used once, good for minutes.

Mails are forwarded, so their own links open nothing but themselves (promises §4). What the link opened is
carried on by a session: a token in the forms of that page, since there are no cookies here. Every instant is
machine time.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import exists, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.db import Database, Rank
from notifier.subscriptions.fence import Answer, Fence
from notifier.subscriptions.lifecycle import normal_address
from notifier.subscriptions.model import ReplyKind
from notifier.subscriptions.retention import MAIL_CHANNEL
from notifier.subscriptions.store import NONCE_BYTES
from notifier.subscriptions.tables import access, subscriber, subscription
from notifier.subscriptions.tokens import Purpose, Signer

LINK_LASTS = timedelta(minutes=30)
"""From the request of a link to its opening."""

SESSION_LASTS = timedelta(minutes=30)
"""From the opening to the last change on the page."""


class AccessState(StrEnum):
    """What a link, or the page that it opened, is good for now."""

    GOOD = "good"
    USED = "used"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


class AccessOver(Exception):  # noqa: N818 - it names what happened
    """A link or a page that opens nothing now; `state` says why."""

    def __init__(self, state: AccessState) -> None:
        super().__init__(state.value)
        self.state = state


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What a form of the page claims, not yet believed."""

    text: str
    signer: Signer
    machine_now: datetime

    async def enter(self, conn: AsyncConnection) -> int:
        """Return whose page it is.

        Raises:
            AccessOver: nobody's, or not any more.
        """
        row = await _believed(conn, self.text, Purpose.SESSION, self.signer)
        if row.opened_at is None:
            raise AccessOver(AccessState.UNKNOWN)
        if self.machine_now > row.opened_at + SESSION_LASTS:
            raise AccessOver(AccessState.EXPIRED)
        return row.subscriber_id


@dataclass(frozen=True, slots=True, kw_only=True)
class _Access:
    """A row that a link or a session was made for."""

    id: int
    subscriber_id: int
    nonce: str
    until: datetime
    opened_at: datetime | None


async def ask(db: Database, *, address: str, fence: Fence) -> Answer:
    """Mail a fresh link to an address that gets alerts, or did; to any other nothing.

    Raises:
        InvalidAddress: no mail can be sent to it.
    """
    key = normal_address(address).casefold()
    async with db.write(Rank.WEB) as conn:
        confirmed = exists().where(
            subscription.c.subscriber_id == subscriber.c.id, subscription.c.confirmed_at.is_not(None)
        )
        known = await conn.scalar(
            select(subscriber.c.id)
            .where(subscriber.c.address_key == key, subscriber.c.channel == MAIL_CHANNEL)
            .where(confirmed)
        )
        return Answer.UNKNOWN if known is None else await _mail(conn, known, key, fence)


async def mail_link(conn: AsyncConnection, subscriber_id: int, fence: Fence) -> Answer:
    """Mail a fresh link to somebody whose address the asker need not know."""
    key = await conn.scalar(select(subscriber.c.address_key).where(subscriber.c.id == subscriber_id))
    return Answer.UNKNOWN if key is None else await _mail(conn, subscriber_id, key, fence)


async def _mail(conn: AsyncConnection, subscriber_id: int, key: str, fence: Fence) -> Answer:
    refusal = await fence.refusal(conn, key, ReplyKind.ACCESS)
    if refusal is not None:
        return refusal
    values = {
        "subscriber_id": subscriber_id,
        "nonce": secrets.token_hex(NONCE_BYTES),
        "asked_at": fence.machine_now,
        "until": fence.machine_now + LINK_LASTS,
    }
    row = (await conn.execute(insert(access).values(values).returning(access.c.id))).scalar_one()
    await fence.answer(conn, key, ReplyKind.ACCESS, subscriber_id=subscriber_id, about_id=row)
    return Answer.QUEUED


async def look(db: Database, *, text: str, signer: Signer, machine_now: datetime) -> AccessState:
    """Say what a link is good for; nothing happens by looking."""
    async with db.read() as conn:
        try:
            _demand_unopened(await _believed(conn, text, Purpose.ACCESS, signer), machine_now)
        except AccessOver as over:
            return over.state
    return AccessState.GOOD


async def open_once(db: Database, *, text: str, signer: Signer, machine_now: datetime) -> str:
    """Use a link up. Return the session that its page carries.

    Raises:
        AccessOver: it opens nothing, or not any more.
    """
    async with db.write(Rank.WEB) as conn:
        row = await _believed(conn, text, Purpose.ACCESS, signer)
        _demand_unopened(row, machine_now)
        used = await conn.execute(
            update(access)
            .where(access.c.id == row.id, access.c.opened_at.is_(None))
            .values(opened_at=machine_now)
        )
        if used.rowcount != 1:
            raise AccessOver(AccessState.USED)
    return signer.sign(Purpose.SESSION, row.id, row.nonce)


async def close_all(conn: AsyncConnection, subscriber_id: int) -> None:
    """Let no link and no page that was opened for somebody do anything more."""
    mine = access.c.subscriber_id == subscriber_id
    for id_ in (await conn.scalars(select(access.c.id).where(mine))).all():
        nonce = secrets.token_hex(NONCE_BYTES)
        await conn.execute(update(access).where(access.c.id == id_).values(nonce=nonce))


async def _believed(conn: AsyncConnection, text: str, purpose: Purpose, signer: Signer) -> _Access:
    """Return the row of a token of ours, unless its owner was erased since."""
    token = signer.read(purpose, text)
    if token is None:
        raise AccessOver(AccessState.UNKNOWN)
    columns = (access.c.id, access.c.subscriber_id, access.c.nonce, access.c.until, access.c.opened_at)
    query = (
        select(*columns)
        .join(subscriber, subscriber.c.id == access.c.subscriber_id)
        .where(access.c.id == token.row_id, subscriber.c.address.is_not(None))
    )
    row = (await conn.execute(query)).mappings().one_or_none()
    if row is None or not signer.believes(token, row["nonce"]):
        raise AccessOver(AccessState.UNKNOWN)
    return _Access(**row)


def _demand_unopened(row: _Access, machine_now: datetime) -> None:
    if row.opened_at is not None:
        raise AccessOver(AccessState.USED)
    if machine_now > row.until:
        raise AccessOver(AccessState.EXPIRED)
