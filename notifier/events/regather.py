"""What waits for somebody's next digest follows them when they choose another rhythm."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

# As at the fan-out, the fastest of the rhythms that match an event decides; but what was gathered is told in
# a digest all the same, the next daily one at the latest.
_REGATHER = text(
    """
    UPDATE gathered SET rhythm = wanted.rhythm
    FROM (
        SELECT g.event_seq, CASE WHEN min(s.rhythm) = 0 THEN 1 ELSE min(s.rhythm) END AS rhythm
        FROM gathered g
        JOIN event_topic et ON et.event_seq = g.event_seq
        JOIN subscription s ON s.topic_id = et.topic_id AND s.subscriber_id = g.subscriber_id
        WHERE g.subscriber_id = :subscriber AND g.mailing_id IS NULL AND s.state = 'active'
          AND (s.kinds & et.kind_bit) <> 0 AND s.since_seq < g.event_seq
        GROUP BY g.event_seq
    ) AS wanted
    WHERE gathered.subscriber_id = :subscriber AND gathered.event_seq = wanted.event_seq
      AND gathered.mailing_id IS NULL
    """
)


async def regather(conn: AsyncConnection, subscriber_id: int) -> None:
    """Let what was gathered for somebody and not mailed come with the rhythms that they have now.

    Belongs into the transaction that changes a rhythm. What nobody wants any more stays where it is: it is
    left out when its digest is bound.
    """
    await conn.execute(_REGATHER, {"subscriber": subscriber_id})
