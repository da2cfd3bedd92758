"""Letting alerts go to another address: asked on the page of preferences, confirmed at the new address.

The link to confirm is mailed to a row of its own for that address, so that a refusal or a bounce of this one
mail blames nobody but the new address. Links hold by machine time.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import RowMapping, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.db import Database, Rank
from notifier.delivery import mailbox
from notifier.subscriptions import access, course, store
from notifier.subscriptions.access import Session
from notifier.subscriptions.erasing import erase
from notifier.subscriptions.fence import Answer, Fence
from notifier.subscriptions.lifecycle import normal_address
from notifier.subscriptions.model import EndReason, ReplyKind, Subscription
from notifier.subscriptions.store import NONCE_BYTES
from notifier.subscriptions.suppression import is_suppressed
from notifier.subscriptions.tables import address_change, subscriber
from notifier.subscriptions.tokens import Purpose, Signer


class ChangeState(StrEnum):
    """What a link to a change of address is good for now."""

    GOOD = "good"
    TAKEN = "taken"
    """The new address gets alerts of its own; the two are not thrown together."""
    DONE = "done"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeView:
    """A change of address, looked at: to which address, and which alerts would go there."""

    state: ChangeState
    address: str = ""
    following: tuple[Subscription, ...] = ()


async def ask(db: Database, *, session: Session, address: str, fence: Fence) -> Answer:
    """Ask the owner of another address to confirm that alerts may go there; until then nothing changes.

    Raises:
        AccessOver: the page has ended.
        InvalidAddress: no mail can be sent to it.
    """
    normal = normal_address(address)
    key = normal.casefold()
    async with db.write(Rank.WEB) as conn:
        subscriber_id = await session.enter(conn)
        refusal = await fence.refusal(conn, key, ReplyKind.NEW_ADDRESS)
        if refusal is not None:
            return refusal
        there = await store.subscriber_id(conn, address=normal, address_key=key, now=fence.now)
        values = {
            "subscriber_id": subscriber_id,
            "address": normal,
            "address_key": key,
            "nonce": secrets.token_hex(NONCE_BYTES),
            "asked_at": fence.machine_now,
            "until": fence.machine_now + timedelta(hours=fence.limits.link_hours),
        }
        row = (
            await conn.execute(insert(address_change).values(values).returning(address_change.c.id))
        ).scalar_one()
        await fence.answer(conn, key, ReplyKind.NEW_ADDRESS, subscriber_id=there, about_id=row)
    return Answer.QUEUED


async def look(
    db: Database, *, text: str, signer: Signer, now: datetime, machine_now: datetime
) -> ChangeView:
    """Say what a link would do; nothing happens by looking."""
    async with db.read() as conn:
        return (await _view(conn, text, signer, now, machine_now))[0]


async def confirm(
    db: Database, *, text: str, signer: Signer, wording: str, now: datetime, machine_now: datetime
) -> ChangeView:
    """Let the alerts go to the new address, once. `wording` is what was shown above the button."""
    async with db.write(Rank.WEB) as conn:
        view, row = await _view(conn, text, signer, now, machine_now)
        if view.state is not ChangeState.GOOD or row is None:
            return view
        done = await conn.execute(
            update(address_change)
            .where(address_change.c.id == row["id"], address_change.c.done_at.is_(None))
            .where(address_change.c.nonce == row["nonce"])  # it is another once a second address was quicker
            .values(done_at=now)
        )
        if done.rowcount == 1:
            await _move(conn, row, signer=signer, now=now)
            await mailbox.hurry(conn, row["subscriber_id"], machine_now=machine_now)
            for one in view.following:
                await course.note(conn, one.id, "address changed", detail=wording, now=now)
        return view


async def _move(conn: AsyncConnection, row: RowMapping, *, signer: Signer, now: datetime) -> None:
    """Give the new address to who asked for it, and end what the old mailbox could still open."""
    there = await _owner(conn, row["address_key"])
    if there is not None and there != row["subscriber_id"]:
        await erase(conn, there, signer=signer, reason=EndReason.PREFERENCES, now=now)
    await _note_left(conn, row, signer)
    await conn.execute(
        update(subscriber)
        .where(subscriber.c.id == row["subscriber_id"])
        .values(
            address=row["address"],
            address_key=row["address_key"],
            soft_bounces=0,
            soft_bounced_at=None,
            mail_after=None,
        )
    )
    await access.close_all(conn, row["subscriber_id"])
    await _void_others(conn, row)


async def _note_left(conn: AsyncConnection, row: RowMapping, signer: Signer) -> None:
    """Keep the keyed hash of the address that is left: what was sent there is found by it."""
    mine = subscriber.c.id == row["subscriber_id"]
    left = await conn.scalar(select(subscriber.c.address_key).where(mine))
    hash_ = signer.address_hash(left) if left is not None and left != row["address_key"] else None
    # The address again: erasing whoever had it took it out of here too.
    values = {"address": row["address"], "address_key": row["address_key"], "left_hash": hash_}
    await conn.execute(update(address_change).where(address_change.c.id == row["id"]).values(values))


async def _void_others(conn: AsyncConnection, row: RowMapping) -> None:
    """Let no other address take the alerts that was asked before: perhaps the old mailbox asked for it."""
    await conn.execute(
        update(address_change)
        .where(address_change.c.subscriber_id == row["subscriber_id"], address_change.c.done_at.is_(None))
        .values(nonce=secrets.token_hex(NONCE_BYTES), address=None, address_key=None)
    )


async def _view(
    conn: AsyncConnection, text: str, signer: Signer, now: datetime, machine_now: datetime
) -> tuple[ChangeView, RowMapping | None]:
    unknown = ChangeView(state=ChangeState.UNKNOWN), None
    token = signer.read(Purpose.NEW_ADDRESS, text)
    if token is None:
        return unknown
    query = select(address_change).where(address_change.c.id == token.row_id)
    row = (await conn.execute(query)).mappings().one_or_none()
    if row is None or row["address"] is None or not signer.believes(token, row["nonce"]):
        return unknown
    following = await store.active_of(conn, row["subscriber_id"])
    state = await _state(conn, row, machine_now)
    if state is ChangeState.GOOD:  # unless it is written to no more since it was asked
        hash_ = signer.address_hash(row["address_key"])
        state = ChangeState.EXPIRED if await is_suppressed(conn, hash_, now=now) else state
    return ChangeView(state=state, address=row["address"], following=following), row


async def _state(conn: AsyncConnection, row: RowMapping, machine_now: datetime) -> ChangeState:
    if row["done_at"] is not None:
        return ChangeState.DONE
    if machine_now > row["until"]:
        return ChangeState.EXPIRED
    there = await _owner(conn, row["address_key"])
    if there is None or there == row["subscriber_id"]:
        return ChangeState.GOOD
    return ChangeState.TAKEN if await store.active_of(conn, there) else ChangeState.GOOD


async def _owner(conn: AsyncConnection, address_key: str) -> int | None:
    found: int | None = await conn.scalar(
        select(subscriber.c.id).where(subscriber.c.address_key == address_key)
    )
    return found
