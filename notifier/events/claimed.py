"""What the mailings of claimed deliveries are, and what decides who hears of their events."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.db import DialectText
from notifier.events.model import EventKind
from notifier.events.overtaking import CHANGE_IT
from notifier.events.slots import rhythm_of
from notifier.subscriptions.model import Rhythm

_NUMBERS_SQLITE = "SELECT value FROM json_each(:numbers)"
_NUMBERS_POSTGRESQL = (
    "SELECT CAST(n.value AS bigint) FROM jsonb_array_elements_text(CAST(:numbers AS jsonb)) AS n(value)"
)

_MAILINGS = """
SELECT m.id, m.kind, EXISTS (SELECT 1 FROM staff_letter s WHERE s.mailing_id = m.id), me.event_seq,
       EXISTS (SELECT 1 FROM gathered g WHERE g.event_seq = me.event_seq)
FROM mailing m LEFT JOIN mailing_event me ON me.mailing_id = m.id
WHERE m.id IN ({numbers})
ORDER BY m.id, me.event_seq
"""

_EVENTS = """
SELECT et.event_seq, et.topic_id, et.kind_bit, e.kind, e.corrects_seq, e.procedure_id,
       EXISTS (SELECT 1 FROM event c WHERE c.corrects_seq = e.seq AND c.kind = '{correction}'),
       EXISTS (SELECT 1 FROM event l WHERE l.procedure_id = e.procedure_id AND l.seq > e.seq
               AND l.kind IN ({changes}))
FROM event e JOIN event_topic et ON et.event_seq = e.seq
WHERE e.seq IN ({numbers})
"""


def _in_both(statement: str, **words: str) -> DialectText:
    return DialectText(
        sqlite=statement.format(numbers=_NUMBERS_SQLITE, **words),
        postgresql=statement.format(numbers=_NUMBERS_POSTGRESQL, **words),
    )


_READ_MAILINGS = _in_both(_MAILINGS)
_READ_EVENTS = _in_both(
    _EVENTS,
    correction=EventKind.CORRECTION.value,
    changes=", ".join(f"'{kind.value}'" for kind in CHANGE_IT),
)


@dataclass(frozen=True, slots=True)
class Mailing:
    """A mailing: of a moment with its events, or a digest of a `rhythm`, or a letter to staff.

    `gathered`: some of its events wait in, or were in, somebody's digest.
    """

    rhythm: Rhythm | None
    to_staff: bool
    seqs: tuple[int, ...]
    gathered: bool


@dataclass(frozen=True, slots=True)
class EventFacts:
    """An event as far as it decides who hears of it: its topics, and the bit of its kind under each.

    `taken_back`: a correction came since. `changed`: its procedure's dates changed since.
    """

    topics: Mapping[int, int]
    kind: EventKind
    corrects: int | None
    procedure_id: int
    taken_back: bool
    changed: bool


class _Row(NamedTuple):
    mailing_id: int
    kind: str
    to_staff: bool
    seq: int | None
    gathered: bool


async def read_mailings(conn: AsyncConnection, mailing_ids: Collection[int]) -> Mapping[int, Mailing]:
    """Return the mailings with these ids."""
    found = await conn.execute(_READ_MAILINGS.on(conn), {"numbers": json.dumps(sorted(mailing_ids))})
    by_id: defaultdict[int, list[_Row]] = defaultdict(list)
    for row in found:
        by_id[row[0]].append(_Row(*row))
    return {
        mailing_id: Mailing(
            rhythm=rhythm_of(rows[0].kind),
            to_staff=bool(rows[0].to_staff),
            seqs=tuple(row.seq for row in rows if row.seq is not None),
            gathered=any(row.gathered for row in rows),
        )
        for mailing_id, rows in by_id.items()
    }


async def read_events(conn: AsyncConnection, seqs: Collection[int]) -> Mapping[int, EventFacts]:
    """Return the facts of the events with these numbers."""
    found: dict[int, EventFacts] = {}
    topics: defaultdict[int, dict[int, int]] = defaultdict(dict)
    for seq, topic, bit, kind, corrects, procedure, taken_back, changed in await conn.execute(
        _READ_EVENTS.on(conn), {"numbers": json.dumps(sorted(seqs))}
    ):
        topics[seq][topic] = bit
        found[seq] = EventFacts(
            topics=topics[seq],
            kind=EventKind(kind),
            corrects=corrects,
            procedure_id=procedure,
            taken_back=bool(taken_back),
            changed=bool(changed),
        )
    return found
