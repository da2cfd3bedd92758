"""Variants: the distinct contents of a mailing. Which one a delivery got is the evidence of who was told."""

from collections.abc import Sequence

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.delivery.tables import delivery
from notifier.events.tables import variant, variant_event

_BIND = update(delivery).where(delivery.c.id == bindparam("delivery")).values(variant_id=bindparam("variant"))


async def bind(conn: AsyncConnection, wanted: Sequence[tuple[int, int, tuple[int, ...], str]]) -> None:
    """Note for each (delivery, mailing, events, language) which content it is about to carry."""
    if not wanted:
        return
    keys = {one: (mailing, seqs, language) for one, mailing, seqs, language in wanted}
    ids = {key: await _variant(conn, *key) for key in set(keys.values())}
    rows = [{"delivery": one, "variant": ids[key]} for one, key in keys.items()]
    await conn.execute(_BIND, rows)


async def _variant(conn: AsyncConnection, mailing_id: int, seqs: tuple[int, ...], language: str) -> int:
    key = ",".join(map(str, seqs))
    where = (variant.c.mailing_id == mailing_id, variant.c.events_key == key, variant.c.language == language)
    found = await conn.scalar(select(variant.c.id).where(*where))
    if found is None:
        values = {"mailing_id": mailing_id, "events_key": key, "language": language}
        found = (await conn.execute(insert(variant).values(values).returning(variant.c.id))).scalar_one()
        await conn.execute(insert(variant_event), [{"variant_id": found, "event_seq": seq} for seq in seqs])
    return int(found)
