"""Variants: the distinct contents of a mailing. Which one a delivery got is the evidence of who was told."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.delivery.tables import delivery
from notifier.events.tables import variant, variant_event

_BIND = update(delivery).where(delivery.c.id == bindparam("delivery")).values(variant_id=bindparam("variant"))


async def bind(conn: AsyncConnection, wanted: Sequence[tuple[int, int, tuple[int, ...], str]]) -> None:
    """Note for each (delivery, mailing, events, language) which content it is about to carry.

    Digests differ from one reader to the next: so what is new is looked for and stored together.
    """
    if not wanted:
        return
    keys = {
        one: Content(mailing, ",".join(map(str, seqs)), language) for one, mailing, seqs, language in wanted
    }
    ids = await _known(conn, set(keys.values()))
    new = {keys[one]: seqs for one, _, seqs, _ in wanted if keys[one] not in ids}
    if new:
        ids |= await _store(conn, new)
    await conn.execute(_BIND, [{"delivery": one, "variant": ids[key]} for one, key in keys.items()])


class Content(NamedTuple):
    """What identifies a variant; `events` are the numbers of its events, with commas between them."""

    mailing_id: int
    events: str
    language: str


async def _known(conn: AsyncConnection, keys: Collection[Content]) -> dict[Content, int]:
    query = select(variant).where(
        variant.c.mailing_id.in_({key.mailing_id for key in keys}),
        variant.c.events_key.in_({key.events for key in keys}),
    )
    rows = await conn.execute(query)
    return {Content(row.mailing_id, row.events_key, row.language): row.id for row in rows}


async def _store(conn: AsyncConnection, new: Mapping[Content, tuple[int, ...]]) -> dict[Content, int]:
    values = [
        {"mailing_id": key.mailing_id, "events_key": key.events, "language": key.language} for key in new
    ]
    rows = (await conn.execute(insert(variant).returning(variant), values)).all()
    ids = {Content(row.mailing_id, row.events_key, row.language): row.id for row in rows}
    await conn.execute(
        insert(variant_event),
        [{"variant_id": ids[key], "event_seq": seq} for key, seqs in new.items() for seq in seqs],
    )
    return ids
