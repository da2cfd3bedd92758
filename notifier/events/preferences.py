"""What somebody can see and change of all that their address gets. Each use case is one transaction.

Mail that is queued and not sent is bound late from what stands here, so that every change counts for it too.
"""

from dataclasses import dataclass, replace
from datetime import datetime, time

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier import sequence
from notifier.db import Database, Rank
from notifier.events.choices import chosen_words
from notifier.events.interest import Preset, kinds_of, reminding
from notifier.events.regather import gather_missed, regather
from notifier.subscriptions import course, store
from notifier.subscriptions.access import Session
from notifier.subscriptions.erasing import erase
from notifier.subscriptions.model import EndReason, Rhythm, Subscription, SubscriptionState
from notifier.subscriptions.suppression import is_suppressed
from notifier.subscriptions.tables import subscriber, subscription
from notifier.subscriptions.tokens import Signer
from notifier.subscriptions.undoing import BY_HAND, undoable

HOW = "on the page of preferences"
"""How the history says that a change was made here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """All that one address gets: what it follows, what it stopped lately and can take up again."""

    subscriber_id: int
    address: str
    reminders: bool
    following: tuple[Subscription, ...]
    stopped: tuple[Subscription, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """Who changes something: the session of their page, and the time (calendar) and hour that words name."""

    session: Session
    now: datetime
    daily_at: time


async def see(db: Database, hand: Hand) -> Preferences:
    """Return all that an address gets.

    Raises:
        AccessOver: the page has ended.
    """
    async with db.read() as conn:
        return await _preferences(conn, await hand.session.enter(conn), hand.now)


async def change(
    db: Database, hand: Hand, subscription_id: int, *, preset: Preset | None, rhythm: Rhythm
) -> bool:
    """Choose another preset or rhythm for one thing; None leaves the kinds as they are.

    Return whether anything changed. What is not this person's, or has ended, is left alone.

    Raises:
        AccessOver: the page has ended.
    """
    async with db.write(Rank.WEB) as conn:
        found = await _mine(conn, await hand.session.enter(conn), subscription_id)
        if found is None:
            return False
        kinds = found.kinds if preset is None else reminding(kinds_of(preset), on=found.reminders)
        if not await _set(conn, found, replace(found, kinds=kinds, rhythm=rhythm), hand):
            return False
        await regather(conn, found.subscriber_id)
        return True


async def stop_one(db: Database, hand: Hand, subscription_id: int) -> bool:
    """Stop one thing. Return whether it was followed until now.

    Raises:
        AccessOver: the page has ended.
    """
    async with db.write(Rank.WEB) as conn:
        found = await _mine(conn, await hand.session.enter(conn), subscription_id)
        return found is not None and await _end(conn, found, hand.now)


async def stop_all(db: Database, hand: Hand) -> int:
    """Stop everything. Return how many things were followed until now.

    Raises:
        AccessOver: the page has ended.
    """
    async with db.write(Rank.WEB) as conn:
        following = await store.active_of(conn, await hand.session.enter(conn))
        return sum([await _end(conn, one, hand.now) for one in following])


async def undo(db: Database, hand: Hand, subscription_id: int) -> bool:
    """Take up again what was stopped lately. Return whether that was possible still.

    Raises:
        AccessOver: the page has ended.
    """
    async with db.write(Rank.WEB) as conn:
        subscriber_id = await hand.session.enter(conn)
        every = await store.every_of(conn, subscriber_id)
        for one in undoable(every, BY_HAND, now=hand.now):
            if one.id == subscription_id:
                return await take_up(conn, one, how=HOW, signer=hand.session.signer, now=hand.now)
        return False


async def set_reminders(db: Database, hand: Hand, *, on: bool) -> bool:
    """Switch reminders on or off for everything that somebody follows. Return whether that was a change.

    Raises:
        AccessOver: the page has ended.
    """
    async with db.write(Rank.WEB) as conn:
        subscriber_id = await hand.session.enter(conn)
        query = select(subscriber.c.reminders).where(subscriber.c.id == subscriber_id)
        if await conn.scalar(query) == on:
            return False
        await store.set_reminders(conn, subscriber_id, on=on)
        for one in await store.active_of(conn, subscriber_id):
            before = replace(one, reminders=not on)
            await _set(conn, before, replace(one, kinds=reminding(one.kinds, on=on)), hand)
        return True


async def erase_me(db: Database, hand: Hand) -> None:
    """Stop everything and forget the address at once.

    Raises:
        AccessOver: the page has ended.
    """
    async with db.write(Rank.WEB) as conn:
        subscriber_id = await hand.session.enter(conn)
        await erase(conn, subscriber_id, signer=hand.session.signer, reason=EndReason.ERASED, now=hand.now)


async def take_up(
    conn: AsyncConnection, found: Subscription, *, how: str, signer: Signer, now: datetime
) -> bool:
    """Take a stop back, with the reminders that its owner wants now. What was missed comes with a digest.

    What they had asked for again meanwhile, and not confirmed, is not needed any more.

    Return False when that had been done before, or the address is not written to any more.
    """
    if await is_suppressed(conn, signer.address_hash(found.address.casefold()), now=now):
        return False
    kinds = reminding(found.kinds, on=found.reminders)
    await conn.execute(update(subscription).where(subscription.c.id == found.id).values(kinds=kinds))
    await gather_missed(conn, found.id)
    undone = await course.revive(conn, found, how=how, now=now)
    await course.end_twins(conn, found, now=now)
    await regather(conn, found.subscriber_id)
    return undone


async def _preferences(conn: AsyncConnection, subscriber_id: int, now: datetime) -> Preferences:
    query = select(subscriber.c.address, subscriber.c.reminders).where(subscriber.c.id == subscriber_id)
    row = (await conn.execute(query)).one()
    every = await store.every_of(conn, subscriber_id)
    return Preferences(
        subscriber_id=subscriber_id,
        address=row.address,
        reminders=row.reminders,
        following=tuple(one for one in every if one.state is SubscriptionState.ACTIVE),
        stopped=undoable(every, BY_HAND, now=now),
    )


async def _mine(conn: AsyncConnection, subscriber_id: int, subscription_id: int) -> Subscription | None:
    found = await store.get(conn, subscription_id)
    if found is None or found.subscriber_id != subscriber_id:
        return None
    return found if found.state is SubscriptionState.ACTIVE else None


async def _set(conn: AsyncConnection, old: Subscription, new: Subscription, hand: Hand) -> bool:
    """Store another choice with its line of history. Return whether it is another one."""
    if (old.kinds, old.rhythm) == (new.kinds, new.rhythm):
        return False
    await conn.execute(
        update(subscription).where(subscription.c.id == new.id).values(kinds=new.kinds, rhythm=new.rhythm)
    )
    before, after = (
        chosen_words(one.kinds, one.rhythm, reminders=one.reminders, daily_at=hand.daily_at)
        for one in (old, new)
    )
    await course.note(conn, new.id, "changed", detail=f"{before} → {after}; {HOW}", now=hand.now)
    return True


async def _end(conn: AsyncConnection, found: Subscription, now: datetime) -> bool:
    seq = await sequence.last(conn)
    return await course.end(conn, found, seq=seq, reason=EndReason.PREFERENCES, now=now)
