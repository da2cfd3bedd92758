"""Recording what is said: events, and the mailings that carry them, as the last act of a transaction."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.delivery.model import Lane
from notifier.events import mailings, store
from notifier.events.drafts import Draft
from notifier.events.model import EventKind
from notifier.events.store import Named

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """One draft, and when its mail may go."""

    draft: Draft
    mail_from: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One event that was written, and the mailing that carries it, if anybody follows."""

    name: Named
    draft: Draft
    mailing_id: int | None

    def as_logged(self) -> dict[str, object]:
        """Return what the log says of it; `events` is the id that every later line repeats."""
        return {
            "events": [self.name.public_id],
            "seq": self.name.seq,
            "kind": self.draft.kind.value,
            "key": self.draft.occurrence_key,
            "due_at": self.draft.occurred_at.isoformat(),
            "mailing": self.mailing_id,
        }


async def record(conn: AsyncConnection, spoken: Sequence[Spoken], *, now: datetime) -> Sequence[Told]:
    """Write events and their mailings; what was said before is left out."""
    unsaid = await _unsaid(conn, spoken)
    if not unsaid:
        return ()
    names = await store.write(conn, [one.draft for one in unsaid], now=now)
    told: list[Told] = []
    for moment in sorted({one.mail_from for one in unsaid}):
        part = [(name, one.draft) for name, one in zip(names, unsaid, strict=True) if one.mail_from == moment]
        mailing_id = await _mail(conn, [one for one in part if not one[1].no_mail], moment)
        told += [
            Told(name=name, draft=draft, mailing_id=None if draft.no_mail else mailing_id)
            for name, draft in part
        ]
    return told


def note(told: Iterable[Told]) -> None:
    """Log what was recorded; only after it is committed, for until then nothing was said."""
    for one in told:
        log.info("announced", extra=one.as_logged())


async def _unsaid(conn: AsyncConnection, spoken: Sequence[Spoken]) -> list[Spoken]:
    """Leave out what was said before, as of a milestone that moved away and back; and what is said twice."""
    said = set(await store.known(conn, [one.draft.occurrence_key for one in spoken]))
    unsaid: list[Spoken] = []
    for one in spoken:
        if one.draft.occurrence_key not in said:
            said.add(one.draft.occurrence_key)
            unsaid.append(one)
    return unsaid


async def _mail(conn: AsyncConnection, part: Sequence[tuple[Named, Draft]], moment: datetime) -> int | None:
    """Store one mailing for these events. None: there are none, or nobody is to get them."""
    if not part:
        return None
    urgent = any(draft.kind is EventKind.CLOSING_SOON for _, draft in part)
    lane = Lane.CLOSING_SOON if urgent else Lane.AT_ONCE
    return await mailings.add_moment(conn, [name.seq for name, _ in part], lane=lane, not_before=moment)
