"""Replies in the database: the mails that answer what somebody asked for on a page."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import RowMapping, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.subscriptions import store
from notifier.subscriptions.model import LinkRow, Reply, ReplyKind, Subscription
from notifier.subscriptions.tables import access, address_change, reply, subscriber


async def add(
    conn: AsyncConnection,
    *,
    kind: ReplyKind,
    subscriber_id: int,
    fence_key: str,
    machine_now: datetime,
    subscription_id: int | None = None,
    about_id: int | None = None,
) -> int:
    """Store a reply to be mailed, about a subscription or a row of another table. Return its id."""
    values = {
        "kind": kind,
        "subscriber_id": subscriber_id,
        "subscription_id": subscription_id,
        "about_id": about_id,
        "fence_key": fence_key,
        "asked_at": machine_now,
    }
    result = await conn.execute(insert(reply).values(values).returning(reply.c.id))
    return int(result.scalar_one())


async def load(conn: AsyncConnection, ids: Sequence[int], *, machine_now: datetime) -> dict[int, Reply]:
    """Return replies by id, each with its link if that is good for something still."""
    about = select(reply, subscriber.c.address, subscriber.c.language).join(
        subscriber, subscriber.c.id == reply.c.subscriber_id
    )
    rows = (await conn.execute(about.where(reply.c.id.in_(ids)))).mappings().all()
    asked = await store.load(conn, [row["subscription_id"] for row in rows if row["subscription_id"]])
    links = await _links(conn, rows, machine_now)
    return {
        row["id"]: Reply(
            id=row["id"],
            kind=ReplyKind(row["kind"]),
            address=row["address"] or "",
            language=row["language"],
            subscription=asked.get(row["subscription_id"]),
            link=links.get((row["kind"], row["about_id"])),
        )
        for row in rows
    }


async def _links(
    conn: AsyncConnection, replies: Sequence[RowMapping], machine_now: datetime
) -> dict[tuple[ReplyKind, int | None], LinkRow]:
    """Return what the links of replies are made for, by kind and row, where they open something still."""
    opened = {
        ReplyKind.ACCESS: (access, access.c.opened_at.is_(None)),
        ReplyKind.NEW_ADDRESS: (
            address_change,
            address_change.c.done_at.is_(None) & address_change.c.address.is_not(None),
        ),
    }
    found: dict[tuple[ReplyKind, int | None], LinkRow] = {}
    for kind, (table, unused) in opened.items():
        ids = [row["about_id"] for row in replies if row["kind"] == kind]
        query = select(table.c.id, table.c.nonce).where(
            table.c.id.in_(ids), unused, table.c.until >= machine_now
        )
        for row in await conn.execute(query) if ids else ():
            found[kind, row.id] = LinkRow(id=row.id, nonce=row.nonce)
    return found


async def subject_of(conn: AsyncConnection, reply_id: int) -> Subscription | None:
    """Return the subscription that a reply is about."""
    asked = await conn.scalar(select(reply.c.subscription_id).where(reply.c.id == reply_id))
    return None if asked is None else await store.get(conn, asked)


async def asked_since(
    conn: AsyncConnection,
    since: datetime,
    *,
    fence_key: str | None = None,
    kinds: Collection[ReplyKind] | None = None,
) -> int:
    """Return how many replies were asked for since `since` (machine time), by one address or by all."""
    query = select(func.count()).select_from(reply).where(reply.c.asked_at > since)
    if fence_key is not None:
        query = query.where(reply.c.fence_key == fence_key)
    if kinds is not None:
        query = query.where(reply.c.kind.in_(kinds))
    return await conn.scalar(query) or 0
