"""Announcing: what is due becomes events and one mailing, in one transaction per sweep batch.

Crash before the commit: nothing happened. Crash after: all of it is written. The feeds are a view of the
same rows, so there is no second write to lose (decision 0005).
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier import holds
from notifier.db import Database, Rank
from notifier.delivery.model import Lane
from notifier.events import drafts as drafting
from notifier.events import mailings, store
from notifier.events.decide import Skip, decide
from notifier.events.drafts import Draft, Reading
from notifier.events.model import EventKind
from notifier.events.store import Named
from notifier.events.tables import sweep
from notifier.procedures import change_store, due_store
from notifier.procedures import store as procedures
from notifier.procedures.due import DueState, Edge, Rules
from notifier.procedures.model import Milestone
from notifier.settings import Service

BATCH = 500
"""Due instants of one transaction."""

POISONED_PAUSE = timedelta(hours=1)
"""How far a row that cannot be announced is pushed, so that it holds up nobody else."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """How this service speaks: its calendar, its identity and its quiet hours."""

    rules: Rules
    service: Service
    quiet_from: time
    quiet_until: time

    def mail_from(self, now: datetime) -> datetime:
        """Return when a change found now may be mailed: at once, or after the quiet hours (promises §6)."""
        local = now.astimezone(self.rules.zone)
        hour, start, end = local.time(), self.quiet_from, self.quiet_until
        quiet = start <= hour or hour < end if start > end else start <= hour < end
        if not quiet:
            return now
        morning = local.date() if hour < end else local.date() + timedelta(days=1)
        return max(self.rules.announcement(morning), self.rules.instant(morning, end))


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """What one batch came to. `more`: there may be another batch waiting."""

    events: int
    mailings: int
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spoken:
    """One draft, and when its mail may go."""

    draft: Draft
    mail_from: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
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


async def announce(db: Database, voice: Voice, *, now: datetime) -> Announced:
    """Announce what is due at `now`: at most one batch, in one transaction."""
    async with db.write(Rank.ANNOUNCE) as conn:
        if await holds.any_stands(conn) or not await _take_sweep(conn, now):
            return Announced(events=0, mailings=0, more=False)
        due_ids = [row.id for row in await due_store.ready(conn, now, BATCH)]
        changed = await change_store.settled(conn, now, BATCH)
        spoken = [one for id_ in due_ids for one in await _guarded(conn, _say_due, id_, voice, now)]
        spoken += [one for id_ in changed for one in await _guarded(conn, _say_changes, id_, voice, now)]
        spoken = await _unsaid(conn, spoken)
        told = await _write(conn, spoken, now) if spoken else []
    for one in told:
        log.info("announced", extra=one.as_logged())
    mailed = {one.mailing_id for one in told} - {None}
    return Announced(events=len(told), mailings=len(mailed), more=len(due_ids) == BATCH)


async def _take_sweep(conn: AsyncConnection, now: datetime) -> bool:
    """Hold the sweep row: two sweepers must not make two mails of one moment."""
    row = await conn.scalar(select(sweep.c.id).with_for_update(skip_locked=True))
    if row is None:
        return False
    await conn.execute(update(sweep).values(swept_at=now))
    return True


Saying = Callable[[AsyncConnection, int, Voice, datetime], Awaitable[Sequence[_Spoken]]]


async def _guarded(
    conn: AsyncConnection, say: Saying, row_id: int, voice: Voice, now: datetime
) -> Sequence[_Spoken]:
    """Keep one poisoned row from holding up the batch: it is undone, pushed an hour and alarmed."""
    try:
        async with conn.begin_nested():
            return await say(conn, row_id, voice, now)
    except (ValueError, LookupError, TypeError, ArithmeticError):
        log.exception("row_poisoned", extra={"row": row_id, "what": say.__name__})
        push = due_store.push if say is _say_due else change_store.push
        await push(conn, row_id, now + POISONED_PAUSE)
        return ()


async def _say_due(conn: AsyncConnection, due_id: int, voice: Voice, now: datetime) -> Sequence[_Spoken]:
    row = await due_store.row(conn, due_id)
    reading = await _reading(conn, row.procedure_id)
    milestone = next(one for one in reading.procedure.milestones if one.key == row.milestone_key)
    decision = decide(
        row.instant,
        milestone,
        status=reading.procedure.status,
        known_since=row.known_since,
        opening_told_at=await _opening_told_at(conn, reading, milestone, now),
        rules=voice.rules,
        now=now,
    )
    if isinstance(decision, Skip):
        log.info("due_skipped", extra={"due": due_id, "why": decision.why})
        await due_store.settle(conn, [due_id], DueState.SKIPPED)
        return ()
    await due_store.settle(conn, [due_id], DueState.ANNOUNCED)
    draft = drafting.of_due(
        reading, milestone, row.instant, decision, rules=voice.rules, service=voice.service, now=now
    )
    return (_Spoken(draft=draft, mail_from=now),)


async def _opening_told_at(
    conn: AsyncConnection, reading: Reading, milestone: Milestone, now: datetime
) -> datetime | None:
    """Return when the opening of the present range was told; `now` if by this very batch."""
    day = milestone.dates.start
    if day is None or not await due_store.is_announced(
        conn, reading.procedure.id, milestone.key, Edge.OPENS, day
    ):
        return None
    return await store.find(conn, f"{reading.procedure.slug}/{milestone.key}/{Edge.OPENS}/{day}") or now


async def _say_changes(
    conn: AsyncConnection, procedure_id: int, voice: Voice, now: datetime
) -> Sequence[_Spoken]:
    waiting = await change_store.take(conn, procedure_id)
    await change_store.close(conn, procedure_id)
    if not waiting:
        return ()
    found = drafting.of_changes(
        await _reading(conn, procedure_id),
        [one.change for one in waiting],
        revision=max(one.revision for one in waiting),
        seen_at=max(one.seen_at for one in waiting),
        rules=voice.rules,
        service=voice.service,
        now=now,
    )
    return [_Spoken(draft=one, mail_from=voice.mail_from(now)) for one in found]


async def _reading(conn: AsyncConnection, procedure_id: int) -> Reading:
    found = (await procedures.load(conn, [procedure_id]))[procedure_id]
    return Reading(procedure=found, read_at=await procedures.read_at(conn, procedure_id))


async def _unsaid(conn: AsyncConnection, spoken: Sequence[_Spoken]) -> list[_Spoken]:
    """Leave out what was announced before: a milestone that moved away and back, on the same day."""
    said = await store.known(conn, [one.draft.occurrence_key for one in spoken])
    return [one for one in spoken if one.draft.occurrence_key not in said]


async def _write(conn: AsyncConnection, spoken: Sequence[_Spoken], now: datetime) -> Sequence[_Told]:
    """Write events and mailings."""
    names = await store.write(conn, [one.draft for one in spoken], now=now)
    told: list[_Told] = []
    for moment in sorted({one.mail_from for one in spoken}):
        part = [(name, one.draft) for name, one in zip(names, spoken, strict=True) if one.mail_from == moment]
        mailing_id = await _mail(conn, [one for one in part if not one[1].no_mail], moment)
        told += [
            _Told(name=name, draft=draft, mailing_id=None if draft.no_mail else mailing_id)
            for name, draft in part
        ]
    return told


async def _mail(conn: AsyncConnection, part: Sequence[tuple[Named, Draft]], moment: datetime) -> int | None:
    """Store one mailing for these events. None: there are none, or nobody follows them."""
    if not part:
        return None
    urgent = any(draft.kind is EventKind.CLOSING_SOON for _, draft in part)
    lane = Lane.CLOSING_SOON if urgent else Lane.AT_ONCE
    return await mailings.add_moment(conn, [name.seq for name, _ in part], lane=lane, not_before=moment)
