"""Bringing what is stored in line with what sources say: many short transactions, one after the other.

The reading itself happens before, outside any transaction. What changed waits until it has settled; the
sweep tells it (`events/announce.py`). On SQLite a transaction keeps everybody else from writing, what is due
at this moment included, so each is small: 10 to 20 ms on one core of 2022.
"""

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.db import Database, Rank
from notifier.procedures import change_store, check_store, source_store, writing
from notifier.procedures import store as procedures
from notifier.procedures.model import Procedure, Snapshot, Status
from notifier.procedures.revise import Change, ChangeKind, Revision
from notifier.procedures.writing import NewProcedure
from notifier.sources.admission import Admitted
from notifier.sources.arming import arm_new, rearm_changed
from notifier.sources.comparing import Compared, Comparison, compare, is_wholly_past, keys_of
from notifier.sources.errors import SourceError
from notifier.sources.intake import Intake, Origin, Taken
from notifier.sources.settling import is_quiet, is_waited_for, patience_of

CHUNK = 50
"""Readings of one transaction; fewer make a long list slower, more make others wait longer."""

MOST_REWRITTEN = 4
"""Stored procedures that one transaction rewrites: each costs as much as a dozen that stayed as they were."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Intaken:
    """What came of taking in a document: each procedure of it, and what could not be taken in."""

    taken: tuple[Taken, ...]
    problems: tuple[SourceError, ...] = ()


async def take_in(
    db: Database,
    snapshots: Sequence[Snapshot],
    origin: Origin,
    *,
    intake: Intake,
    now: datetime,
    silent: bool | None = None,
    digest: str = "",
) -> Intaken:
    """Take in what a source says. `silent` None: its first load is, and no other.

    `digest` is that of its content, to know it by the next time.
    """
    if silent is None:
        async with db.read() as conn:
            silent = not await source_store.is_known(conn, origin.key)
    taken: list[Taken] = []
    problems: list[SourceError] = []
    ids: set[int] = set()
    start = 0
    while start < len(snapshots):
        chunk = snapshots[start : start + CHUNK]
        async with db.write(Rank.HOUSEKEEPING) as conn:
            today = intake.rules.local_date(now)
            found = await _compare(conn, chunk, origin, today=today, now=now, taken=ids)
            work = _Work(conn, origin=origin, intake=intake, now=now, silent=silent)
            done = await work.take_in(found.found)
        taken += done
        problems += found.problems
        ids |= {one.procedure_id for one in done}
        start += found.done
    # Last, so that a load that was cut short goes on as silently as it began.
    mine = procedures.reference_key(snapshots[0].reference) if len(snapshots) == 1 else ""
    if taken or not (problems and origin.fetched):  # refused whole, it was not read well, and is asked again
        async with db.write(Rank.HOUSEKEEPING) as conn:
            await source_store.note(conn, origin.key, digest=digest, reference_key=mine, now=now)
    return Intaken(taken=tuple(taken), problems=tuple(problems))


async def preview(
    db: Database, snapshots: Sequence[Snapshot], origin: Origin, *, today: date
) -> tuple[Intaken, Mapping[str, Procedure]]:
    """Return what taking in would change, and the stored procedures by reference key; change nothing."""
    taken: list[Taken] = []
    problems: list[SourceError] = []
    known: dict[str, Procedure] = {}
    for start in range(0, len(snapshots), CHUNK):
        chunk = snapshots[start : start + CHUNK]
        async with db.read() as conn:
            stored = await _stored(conn, chunk)
        compared = compare(chunk, stored, origin, today=today, taken=[one.procedure_id for one in taken])
        known |= stored
        problems += compared.problems
        taken += [
            Taken(
                procedure_id=one.admitted.stored.id if one.admitted.stored else 0,
                reference=one.admitted.snapshot.reference,
                is_new=one.admitted.stored is None,
                is_older=one.admitted.is_older,
                changes=one.revised.changes,
            )
            for one in compared.found
        ]
    return Intaken(taken=tuple(taken), problems=tuple(problems)), known


class _Work:
    """One transaction of taking in."""

    def __init__(
        self, conn: AsyncConnection, *, origin: Origin, intake: Intake, now: datetime, silent: bool
    ) -> None:
        self._conn = conn
        self._origin = origin
        self._intake = intake
        self._now = now
        self._silent = silent
        self._today = intake.rules.local_date(now)

    async def take_in(self, found: Sequence[Compared]) -> Sequence[Taken]:
        known = [(one, one.admitted.stored) for one in found if one.admitted.stored is not None]
        if self._origin.fetched:
            mine = [
                stored.id
                for one, stored in known
                if stored.source_key == self._origin.key and not one.admitted.is_older
            ]
            await change_store.seen_again(self._conn, mine, now=self._now)
        taken = list(await self._add([one for one in found if one.admitted.stored is None]))
        same: list[tuple[Procedure, writing.Provenance]] = []
        for one, stored in known:
            if one.rewrites:
                taken.append(await self._change(one.admitted, stored, one.revised))
            else:
                same.append((stored, one.admitted.provenance))
                older = one.admitted.is_older
                taken.append(Taken(procedure_id=stored.id, reference=stored.slug, is_older=older))
        await writing.note_readings(self._conn, same)
        return taken

    async def _add(self, found: Sequence[Compared]) -> Iterable[Taken]:
        """Store procedures seen for the first time, all at once."""
        if not found:
            return ()
        new = [
            NewProcedure(
                reference=one.admitted.snapshot.reference,
                revised=one.revised,
                draft=one.admitted.draft,
                provenance=one.admitted.provenance,
            )
            for one in found
        ]
        ids = await writing.add_all(self._conn, new, now=self._now)
        fresh = await procedures.load(self._conn, ids)
        await arm_new(
            self._conn, list(fresh.values()), silent=self._silent, rules=self._intake.rules, now=self._now
        )
        taken = [
            Taken(
                procedure_id=id_,
                reference=one.reference,
                is_new=True,
                wholly_past=is_wholly_past(fresh[id_], self._today),
                changes=one.revised.changes,
            )
            for id_, one in zip(ids, new, strict=True)
        ]
        told = [
            (one.procedure_id, change)
            for one in taken
            for change in one.changes
            if not fresh[one.procedure_id].draft and (one.wholly_past or not self._silent)
        ]
        patience = change_store.Patience(settles_at=self._now)  # "Now listed here" has nothing to settle
        await change_store.wait_anew(self._conn, told, revision=1, now=self._now, patience=patience)
        _note_unknown(fresh.values())
        return taken

    async def _change(self, one: Admitted, found: Procedure, revised: Revision) -> Taken:
        """Store what a reading changes of a procedure, let it settle, and derive its instants anew."""
        number = await writing.apply(
            self._conn,
            found,
            revised,
            draft=one.draft,
            provenance=one.provenance,
            now=self._now,
            actor=self._origin.actor,
        )
        fresh = replace(
            found, facts=revised.facts, milestones=revised.milestones, revision=number, draft=one.draft
        )
        past = is_wholly_past(fresh, self._today)
        lapsed: frozenset[str] = frozenset()
        if not fresh.draft:
            told = [each for each in revised.changes if not (is_quiet(each) and self._silent and not past)]
            lapsed = await self._wait(found.id, told, number)
        paused = not found.status.running and found.status is not Status.UNKNOWN
        goes_on = fresh.status.running and paused
        silent = self._silent or (goes_on and change_store.STATUS not in lapsed)
        await rearm_changed(
            self._conn, fresh, silent=silent, lapsed=lapsed, rules=self._intake.rules, now=self._now
        )
        await self._wake(found.id, revised)
        if found.source_key not in (None, self._origin.key):  # what its own source says of it counts anew
            await source_store.forget_content(self._conn, found.source_key)
        if any(each.kind is ChangeKind.STATUS for each in revised.changes):
            _note_unknown([fresh])
        return Taken(procedure_id=found.id, reference=found.slug, wholly_past=past, changes=revised.changes)

    async def _wait(self, procedure_id: int, changes: Sequence[Change], number: int) -> frozenset[str]:
        """Let changes settle. Return the subjects that are as they were before anybody was told."""
        lapsed: set[str] = set()
        # The first load of a source is silent, also about procedures that another one made known.
        silent = self._silent and self._origin.watched
        for one in changes:
            back = await change_store.wait(
                self._conn,
                procedure_id,
                one,
                revision=number,
                now=self._now,
                patience=patience_of(one, self._origin, self._intake, self._now),
                told=is_waited_for(one) and (not silent or is_quiet(one)),
            )
            lapsed |= {one.subject} if back else set()
        return frozenset(lapsed)

    async def _wake(self, procedure_id: int, revised: Revision) -> None:
        """Let what waited to be seen speak now that it was."""
        seen = {one.subject for one in revised.changes if one.kind is ChangeKind.REACHED}
        if seen:
            ids = await procedures.milestone_ids(self._conn, procedure_id)
            await check_store.wake(self._conn, [ids[key] for key in seen], now=self._now)


async def _compare(
    conn: AsyncConnection,
    chunk: Sequence[Snapshot],
    origin: Origin,
    *,
    today: date,
    now: datetime,
    taken: Collection[int],
) -> Comparison:
    await procedures.lock(conn, [key for one in chunk for key in keys_of(one)])
    stored = await _stored(conn, chunk)
    return compare(chunk, stored, origin, today=today, now=now, taken=taken, most=MOST_REWRITTEN)


async def _stored(conn: AsyncConnection, chunk: Sequence[Snapshot]) -> Mapping[str, Procedure]:
    return await procedures.find_all(conn, [key for one in chunk for key in keys_of(one)])


def _note_unknown(found: Iterable[Procedure]) -> None:
    """Log the words for a status that nobody knows: such a procedure announces nothing until one is known."""
    for one in found:
        if one.status is Status.UNKNOWN and one.facts.status_as_written:
            log.warning(
                "status_unknown", extra={"procedure": one.slug, "status": one.facts.status_as_written}
            )
