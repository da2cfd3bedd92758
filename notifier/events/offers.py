"""What claimed deliveries could say, and to whom: people, what they follow, what was gathered for them.

Each is one statement for a whole claim, with one JSON parameter: the subscribers, by their places in it.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.db import DialectText
from notifier.events.claimed import EventFacts
from notifier.events.model import EventKind
from notifier.subscriptions.model import Rhythm

# From each person to what they follow: few things, whereas the events of a moment may be many. The unary plus
# keeps SQLite from asking for each topic in turn.
_READERS = DialectText(
    sqlite="""
SELECT j.key, p.address, p.nonce, p.language, s.id, s.topic_id, s.kinds, s.rhythm,
       CASE WHEN s.since_seq < :first THEN 0 ELSE s.since_seq END, substr(s.asked_at, 1, 16)
FROM json_each(:asked, '$.people') AS j
CROSS JOIN subscriber AS p CROSS JOIN subscription AS s
WHERE p.id = j.value AND s.subscriber_id = p.id AND s.state = 'active'
  AND +s.topic_id IN (SELECT value FROM json_each(:asked, '$.topics'))
""",
    postgresql="""
SELECT j.place - 1, p.address, p.nonce, p.language, s.id, s.topic_id, s.kinds, s.rhythm,
       CASE WHEN s.since_seq < :first THEN 0 ELSE s.since_seq END,
       to_char(s.asked_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI')
FROM jsonb_array_elements_text(CAST(:asked AS jsonb) -> 'people') WITH ORDINALITY AS j(id, place)
JOIN subscriber AS p ON p.id = CAST(j.id AS bigint)
JOIN subscription AS s ON s.subscriber_id = p.id AND s.state = 'active'
WHERE s.topic_id IN (SELECT CAST(t.id AS bigint)
                     FROM jsonb_array_elements_text(CAST(:asked AS jsonb) -> 'topics') AS t(id))
""",
)

_GATHERED_SQLITE = """
SELECT j.key, g.event_seq FROM json_each(:people) AS j CROSS JOIN gathered AS g
WHERE g.subscriber_id = j.value AND
"""
_GATHERED_POSTGRESQL = """
SELECT j.place - 1, g.event_seq
FROM jsonb_array_elements_text(CAST(:people AS jsonb)) WITH ORDINALITY AS j(id, place)
JOIN gathered AS g ON g.subscriber_id = CAST(j.id AS bigint) AND
"""
_GATHERED_FOR = DialectText(
    sqlite=f"{_GATHERED_SQLITE} g.mailing_id = :mailing",
    postgresql=f"{_GATHERED_POSTGRESQL} g.mailing_id = :mailing",
)
_GATHERED_OF = DialectText(
    sqlite=f"{_GATHERED_SQLITE} g.event_seq BETWEEN :first AND :last",
    postgresql=f"{_GATHERED_POSTGRESQL} g.event_seq BETWEEN :first AND :last",
)

_GATHER = DialectText(
    sqlite="""
INSERT INTO gathered (subscriber_id, event_seq, rhythm)
SELECT j.value ->> 0, j.value ->> 1, j.value ->> 2 FROM json_each(:waits) AS j WHERE true
ON CONFLICT DO NOTHING
""",
    postgresql="""
INSERT INTO gathered (subscriber_id, event_seq, rhythm)
SELECT CAST(j.value ->> 0 AS bigint), CAST(j.value ->> 1 AS bigint), CAST(j.value ->> 2 AS integer)
FROM jsonb_array_elements(CAST(:waits AS jsonb)) AS j(value)
ON CONFLICT DO NOTHING
""",
)


class Follow(NamedTuple):
    """One subscription of a reader, the oldest first.

    `since_seq` is 0 where it is older than all events in question; `asked` is the minute in which it was
    asked for, in UTC ("2022-09-03 08:00").
    """

    subscription_id: int
    topic_id: int
    kinds: int
    rhythm: int
    since_seq: int
    asked: str


class Reader(NamedTuple):
    """Whom a delivery is for, and what they follow of what its events are about."""

    address: str
    nonce: str
    language: str
    follows: list[Follow]


class Offer(NamedTuple):
    """One event that one person follows: by which subscription (the place of the oldest), and how soon."""

    cause: int
    rhythm: Rhythm


async def read_readers(
    conn: AsyncConnection, subscriber_ids: Sequence[int], events: Mapping[int, EventFacts]
) -> Mapping[int, Reader]:
    """Return who still follows a topic of these events, by their places among `subscriber_ids`."""
    topics = sorted({topic for one in events.values() for topic in one.topics})
    asked = json.dumps({"people": subscriber_ids, "topics": topics})
    found: dict[int, Reader] = {}
    rows = await conn.execute(_READERS.on(conn), {"asked": asked, "first": min(events)})
    for place, address, nonce, language, id_, topic, kinds, rhythm, since, minute in rows.all():
        follow = Follow(id_, topic, kinds, rhythm, since, minute)
        known = found.get(place)
        if known is None:
            found[place] = Reader(address or "", nonce, language, [follow])
        else:
            known.follows.append(follow)
    for reader in found.values():
        if len(reader.follows) > 1:
            reader.follows.sort()
    return found


async def gathered_for(
    conn: AsyncConnection, subscriber_ids: Sequence[int], *, mailing_id: int
) -> Mapping[int, Sequence[int]]:
    """Return which events a digest holds for each of these people, by their places."""
    parameters = {"people": json.dumps(subscriber_ids), "mailing": mailing_id}
    return _by_place(await conn.execute(_GATHERED_FOR.on(conn), parameters))


async def gathered_of(
    conn: AsyncConnection, subscriber_ids: Sequence[int], *, first: int, last: int
) -> Mapping[int, Sequence[int]]:
    """Return which of the events from `first` to `last` are kept for people's digests, by their places."""
    parameters = {"people": json.dumps(subscriber_ids), "first": first, "last": last}
    return _by_place(await conn.execute(_GATHERED_OF.on(conn), parameters))


def _by_place(rows: Iterable[Any]) -> Mapping[int, Sequence[int]]:
    found: defaultdict[int, list[int]] = defaultdict(list)
    for place, seq in rows:
        found[place].append(seq)
    return found


async def gather(conn: AsyncConnection, waits: Sequence[tuple[int, int, int]]) -> None:
    """Keep (subscriber, event, rhythm) for the next digests; what was gathered before stays as it is."""
    if waits:
        await conn.execute(_GATHER.on(conn), {"waits": json.dumps(waits)})


# Reminders and corrections are sent at once, whatever the rhythm (promises §1.5, §6).
_AT_ONCE = frozenset((EventKind.CLOSING_SOON.bit, EventKind.CORRECTION.bit))


def offers(
    seqs: Collection[int], follows: Sequence[Follow], events: Mapping[int, EventFacts]
) -> Mapping[int, Offer]:
    """Return which of the events somebody wants who follows so, as of the day on which each was recorded."""
    by_topic = {one.topic_id: (place, one) for place, one in enumerate(follows)}  # nobody follows one twice
    found: dict[int, Offer] = {}
    for seq in seqs:
        wanting = [
            (place, 0 if bit in _AT_ONCE else one.rhythm)
            for topic, bit in events[seq].topics.items()
            if topic in by_topic
            for place, one in (by_topic[topic],)
            if one.since_seq < seq and one.kinds & bit
        ]
        if wanting:
            rhythm = Rhythm(min(rhythm for _, rhythm in wanting))
            found[seq] = Offer(cause=min(place for place, _ in wanting), rhythm=rhythm)
    return found
