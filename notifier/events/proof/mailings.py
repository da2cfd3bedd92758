"""Which mailings carry an event, and to whom they are not fanned out yet."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select, union
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.events.slots import rhythm_of
from notifier.events.tables import expansion, gathered, mailing, mailing_event, variant, variant_event


@dataclass(frozen=True, slots=True, kw_only=True)
class MailingState:
    """A mailing that carries the event, and what is left to be fanned out: ranges of people (lo, hi]."""

    id: int
    is_digest: bool
    not_before: datetime
    stopped_at: datetime | None
    unqueued: tuple[tuple[int, int], ...] = ()

    def holds_back(self, subscriber_id: int) -> bool:
        """Whether this person is in a range that is not fanned out yet."""
        return any(lo < subscriber_id <= hi for lo, hi in self.unqueued)


async def mailings_of(conn: AsyncConnection, seq: int) -> Sequence[MailingState]:
    """Return every mailing that carries an event, or was to, the oldest first."""
    of_moments = select(mailing_event.c.mailing_id).where(mailing_event.c.event_seq == seq)
    of_digests = select(gathered.c.mailing_id).where(
        gathered.c.event_seq == seq, gathered.c.mailing_id.is_not(None)
    )
    of_variants = (
        select(variant.c.mailing_id)
        .join(variant_event, variant_event.c.variant_id == variant.c.id)
        .where(variant_event.c.event_seq == seq)
    )
    ids = (await conn.scalars(union(of_moments, of_digests, of_variants))).all()
    query = (
        select(mailing, expansion.c.lo, expansion.c.hi)
        .outerjoin(expansion, (expansion.c.mailing_id == mailing.c.id) & expansion.c.done_at.is_(None))
        .where(mailing.c.id.in_(ids))
        .order_by(mailing.c.id, expansion.c.lo)
    )
    found: dict[int, MailingState] = {}
    for row in await conn.execute(query):
        state = MailingState(
            id=row.id,
            is_digest=rhythm_of(row.kind) is not None,
            not_before=row.not_before,
            stopped_at=row.stopped_at,
        )
        one = found.setdefault(row.id, state)
        if row.lo is not None:
            found[row.id] = replace(one, unqueued=(*one.unqueued, (row.lo, row.hi)))
    return list(found.values())
