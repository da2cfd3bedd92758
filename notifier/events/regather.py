"""What waits for somebody's digest: it follows them to another rhythm, and comes back with an undone stop."""

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

LOOKED_BACK = 1_000
"""Events before a stop among which are those whose mail it kept back; what waited longer is of no use now."""

# What was announced since the stop, or was fanned out since to everybody but this person, or was in a mail
# that went without it, or not at all, because of it. Left out is what this person was told all the same, or
# will be: by a mail that waits, a digest too, or by a fan-out that has not reached them yet. Each look at
# deliveries goes by mailing and person, which has an index.
_GATHER_MISSED = text(
    """
    INSERT INTO gathered (subscriber_id, event_seq, rhythm)
    SELECT s.subscriber_id, e.seq, CASE WHEN s.rhythm = 0 THEN 1 ELSE s.rhythm END
    FROM subscription s
    JOIN event_topic et ON et.topic_id = s.topic_id
        AND et.event_seq > s.since_seq AND et.event_seq > s.ended_seq - :looked_back
    JOIN event e ON e.seq = et.event_seq
    WHERE s.id = :subscription AND s.state = 'ended' AND (s.kinds & et.kind_bit) <> 0 AND NOT e.no_mail
      AND (e.seq > s.ended_seq OR EXISTS (
        SELECT 1 FROM mailing_event me
        JOIN delivery d ON d.mailing_id = me.mailing_id AND d.subscriber_id = s.subscriber_id
        WHERE me.event_seq = e.seq AND (d.done_at IS NULL OR d.done_at >= s.ended_at)
      ) OR EXISTS (
        SELECT 1 FROM gathered g
        JOIN delivery d ON d.mailing_id = g.mailing_id AND d.subscriber_id = g.subscriber_id
        WHERE g.subscriber_id = s.subscriber_id AND g.event_seq = e.seq
          AND (d.done_at IS NULL OR d.done_at >= s.ended_at)
      ) OR EXISTS (
        SELECT 1 FROM mailing_event me JOIN expansion x ON x.mailing_id = me.mailing_id
        WHERE me.event_seq = e.seq AND x.done_at >= s.ended_at
          AND s.subscriber_id > x.lo AND s.subscriber_id <= x.hi
      ))
      AND NOT EXISTS (SELECT 1 FROM event later WHERE later.corrects_seq = e.seq)
      AND (e.kind <> 'correction' OR EXISTS (
        SELECT 1 FROM variant_event ve JOIN variant v ON v.id = ve.variant_id
        JOIN delivery d ON d.mailing_id = v.mailing_id AND d.subscriber_id = s.subscriber_id
        WHERE ve.event_seq = e.corrects_seq AND d.variant_id = v.id AND d.state = 'accepted'
      ))
      AND NOT EXISTS (
        SELECT 1 FROM variant_event ve JOIN variant v ON v.id = ve.variant_id
        JOIN delivery d ON d.mailing_id = v.mailing_id AND d.subscriber_id = s.subscriber_id
        WHERE ve.event_seq = e.seq AND d.variant_id = v.id AND d.state IN ('accepted', 'sending')
      )
      AND NOT EXISTS (
        SELECT 1 FROM mailing_event me
        JOIN delivery d ON d.mailing_id = me.mailing_id AND d.subscriber_id = s.subscriber_id
        WHERE me.event_seq = e.seq AND d.state = 'pending'
      )
      AND NOT EXISTS (
        SELECT 1 FROM gathered g
        JOIN delivery d ON d.mailing_id = g.mailing_id AND d.subscriber_id = g.subscriber_id
        WHERE g.subscriber_id = s.subscriber_id AND g.event_seq = e.seq AND d.state = 'pending'
      )
      AND NOT EXISTS (
        SELECT 1 FROM mailing_event me JOIN expansion x ON x.mailing_id = me.mailing_id
        WHERE me.event_seq = e.seq AND x.done_at IS NULL
          AND s.subscriber_id > x.lo AND s.subscriber_id <= x.hi
      )
    ON CONFLICT (subscriber_id, event_seq) DO UPDATE SET mailing_id = NULL
    """
)


async def regather(conn: AsyncConnection, subscriber_id: int) -> None:
    """Let what was gathered for somebody and not mailed come with the rhythms that they have now.

    Belongs into the transaction that changes a rhythm. What nobody wants any more stays where it is: it is
    left out when its digest is bound.
    """
    await conn.execute(_REGATHER, {"subscriber": subscriber_id})


async def gather_missed(conn: AsyncConnection, subscription_id: int) -> None:
    """Gather for the next digest what an ended subscription was not told because it had ended.

    Belongs into the transaction that takes its end back, before that is done.
    """
    await conn.execute(_GATHER_MISSED, {"subscription": subscription_id, "looked_back": LOOKED_BACK})
