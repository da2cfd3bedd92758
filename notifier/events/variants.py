"""Variants: the distinct contents of a mailing. Which one a delivery got is the evidence of who was told."""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.db import DialectText

_KNOWN = DialectText(
    sqlite="""
SELECT v.id, v.mailing_id, v.events_key, v.language FROM json_each(:keys) AS j CROSS JOIN variant AS v
WHERE v.mailing_id = j.value ->> 0 AND v.events_key = j.value ->> 1 AND v.language = j.value ->> 2
""",
    postgresql="""
SELECT v.id, v.mailing_id, v.events_key, v.language
FROM jsonb_array_elements(CAST(:keys AS jsonb)) AS j(value)
JOIN variant AS v ON v.mailing_id = CAST(j.value ->> 0 AS bigint) AND v.events_key = j.value ->> 1
                 AND v.language = j.value ->> 2
""",
)

# What another process is storing at this moment is waited for, and then left to it; in one order, so that two
# of them do not wait for each other.
_STORE = DialectText(
    sqlite="""
INSERT INTO variant (mailing_id, events_key, language)
SELECT j.value ->> 0, j.value ->> 1, j.value ->> 2 FROM json_each(:keys) AS j
RETURNING id, mailing_id, events_key, language
""",
    postgresql="""
INSERT INTO variant (mailing_id, events_key, language)
SELECT CAST(j.value ->> 0 AS bigint), j.value ->> 1, j.value ->> 2
FROM jsonb_array_elements(CAST(:keys AS jsonb)) AS j(value)
ON CONFLICT DO NOTHING
RETURNING id, mailing_id, events_key, language
""",
)

_STORE_EVENTS = DialectText(
    sqlite="""
INSERT INTO variant_event (variant_id, event_seq)
SELECT j.value ->> 0, e.value FROM json_each(:rows) AS j, json_each(j.value, '$[1]') AS e
""",
    postgresql="""
INSERT INTO variant_event (variant_id, event_seq)
SELECT CAST(j.value ->> 0 AS bigint), CAST(e.value AS bigint)
FROM jsonb_array_elements(CAST(:rows AS jsonb)) AS j(value),
     jsonb_array_elements_text(j.value -> 1) AS e(value)
""",
)

# The variant by the delivery's id, as a JSON object: no value of it is taken apart again for each row.
_BIND = DialectText(
    sqlite="""
UPDATE delivery SET variant_id = j.value FROM json_each(:bound) AS j
WHERE delivery.id = CAST(j.key AS INTEGER)
""",
    postgresql="""
UPDATE delivery SET variant_id = CAST(j.value AS bigint) FROM jsonb_each_text(CAST(:bound AS jsonb)) AS j
WHERE delivery.id = CAST(j.key AS bigint)
""",
)


class Variant(NamedTuple):
    """What identifies a variant: a mailing, the numbers of the events it says, and its language."""

    mailing_id: int
    seqs: tuple[int, ...]
    language: str

    @property
    def key(self) -> tuple[int, str, str]:
        """What it is stored by; the numbers have commas between them."""
        return self.mailing_id, ",".join(map(str, self.seqs)), self.language


async def bind(conn: AsyncConnection, wanted: Sequence[tuple[Variant, Sequence[int]]]) -> None:
    """Note for each delivery which content it is about to carry: contents, each with its deliveries.

    Digests differ from one reader to the next: so what is new is looked for and stored together.
    """
    if not wanted:
        return
    keyed = [(one.key, one, deliveries) for one, deliveries in wanted]
    by_key = {key: one for key, one, _ in keyed}
    ids = await _rows(conn, _KNOWN, by_key)
    new = {key: one for key, one in by_key.items() if key not in ids}
    if new:
        ids |= await _store(conn, new)
    bound = {str(delivery): ids[key] for key, _, deliveries in keyed for delivery in deliveries}
    await conn.execute(_BIND.on(conn), {"bound": json.dumps(bound)})


async def _store(
    conn: AsyncConnection, new: Mapping[tuple[int, str, str], Variant]
) -> dict[tuple[int, str, str], int]:
    ids = await _rows(conn, _STORE, sorted(new))
    if ids:
        rows = [(id_, new[key].seqs) for key, id_ in ids.items()]
        await conn.execute(_STORE_EVENTS.on(conn), {"rows": json.dumps(rows)})
    if len(ids) < len(new):
        ids |= await _rows(conn, _KNOWN, [key for key in new if key not in ids])
    return ids


async def _rows(
    conn: AsyncConnection, statement: DialectText, keys: Collection[tuple[int, str, str]]
) -> dict[tuple[int, str, str], int]:
    rows = await conn.execute(statement.on(conn), {"keys": json.dumps(list(keys))})
    return {(mailing_id, events, language): id_ for id_, mailing_id, events, language in rows}
