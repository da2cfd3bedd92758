"""Deriving due instants from schedules as they are stored now: for new ones, changed ones, and all."""

import logging
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.db import Database, Rank
from notifier.procedures import change_store, due_store
from notifier.procedures import store as procedures
from notifier.procedures.derivation import fingerprint
from notifier.procedures.due import NewDue, Rules, arm
from notifier.procedures.model import Procedure

CHUNK = 100
"""Procedures of which the instants are derived anew in one transaction."""

log = logging.getLogger(__name__)


async def arm_new(
    conn: AsyncConnection, found: Sequence[Procedure], *, silent: bool, rules: Rules, now: datetime
) -> None:
    """Store the due instants of procedures that have none yet, all at once."""
    ids = await procedures.milestone_ids_of_all(conn, [one.id for one in found])
    new: list[tuple[int, NewDue]] = []
    for one in found:
        arming = arm(
            one.milestones, (), counts=_counts(one), held=one.held, silent=silent, rules=rules, now=now
        )
        new += [(ids[one.id][due.milestone_key], due) for due in arming.new]
    await due_store.add_all(conn, new)
    await _note(conn, len(new), rules, now)


async def rearm_changed(
    conn: AsyncConnection,
    found: Procedure,
    *,
    silent: bool,
    lapsed: frozenset[str],
    rules: Rules,
    now: datetime,
) -> int:
    """Bring the due instants of a procedure in line with its schedule. Return how many changed.

    `lapsed` are the subjects of changes that came to nothing before they were told.
    """
    count = await _rearm(conn, [found], silent=silent, lapsed=lapsed, rules=rules, now=now)
    await _note(conn, count, rules, now)
    return count


async def rearm(conn: AsyncConnection, procedure_id: int, *, rules: Rules, now: datetime) -> int:
    """Derive the instants of a procedure anew after an operator changed it. Return how many changed."""
    found = (await procedures.load(conn, [procedure_id]))[procedure_id]
    return await rearm_changed(conn, found, silent=False, lapsed=frozenset(), rules=rules, now=now)


async def rearm_all(db: Database, *, rules: Rules, now: datetime) -> int:
    """Derive the instants still to come anew, if hours, holidays or zone data differ. Return how many do.

    If none does, not one of them is read: a start must not take longer because there are many. In a rolling
    restart a server with the hours of before may derive some after this: so it is asked every day too.
    """
    wanted = fingerprint(rules, today=rules.local_date(now))
    async with db.read() as conn:
        if await due_store.derived_by(conn) == wanted:
            return 0
    async with db.write(Rank.HOUSEKEEPING) as conn:
        await due_store.note_derived_by(conn, None)  # whatever ends this half way, the next start goes on
    count = after = 0
    while True:
        async with db.write(Rank.HOUSEKEEPING) as conn:
            ids = await due_store.armed_procedures(conn, after=after, limit=CHUNK)
            if not ids:
                await due_store.note_derived_by(conn, wanted)
                break
            found = list((await procedures.load(conn, ids)).values())
            count += await _rearm(conn, found, silent=True, lapsed=frozenset(), rules=rules, now=now)
            after = ids[-1]
    if count:
        log.warning("due_instants_recomputed", extra={"count": count})
    return count


async def _note(conn: AsyncConnection, count: int, rules: Rules, now: datetime) -> None:
    """Note by which rules so many instants were derived: not all processes may have the same hours yet."""
    if count:
        await due_store.note_derived_too_by(conn, fingerprint(rules, today=rules.local_date(now)))


async def _rearm(
    conn: AsyncConnection,
    found: Sequence[Procedure],
    *,
    silent: bool,
    lapsed: frozenset[str],
    rules: Rules,
    now: datetime,
) -> int:
    whole = change_store.STATUS in lapsed
    ids = [one.id for one in found]
    stored = await due_store.of_procedures(conn, ids)
    armings = [
        arm(
            one.milestones,
            stored[one.id],
            counts=_counts(one),
            held=one.held,
            silent=silent,
            lapsed=frozenset(each.key for each in one.milestones) if whole else lapsed,
            rules=rules,
            now=now,
        )
        for one in found
    ]
    milestone_ids = await procedures.milestone_ids_of_all(conn, ids)
    keys = [milestone_ids[one] for one in ids]
    await due_store.apply(conn, list(zip(armings, keys, strict=True)))
    return sum(len(one.new) + len(one.updates) for one in armings)


def _counts(found: Procedure) -> bool:
    return found.status.running and not found.draft
