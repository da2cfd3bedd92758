"""Deriving due instants from schedules as they are stored now: for new ones, changed ones, and all."""

import logging
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.db import Database, Rank
from notifier.procedures import change_store, due_store
from notifier.procedures import store as procedures
from notifier.procedures.due import NewDue, Rules, arm
from notifier.procedures.model import Procedure

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
    whole = change_store.STATUS in lapsed
    arming = arm(
        found.milestones,
        await due_store.of_procedure(conn, found.id),
        counts=_counts(found),
        held=found.held,
        silent=silent,
        lapsed=frozenset(one.key for one in found.milestones) if whole else lapsed,
        rules=rules,
        now=now,
    )
    await due_store.apply(conn, arming, await procedures.milestone_ids(conn, found.id))
    return len(arming.new) + len(arming.updates)


async def rearm(conn: AsyncConnection, procedure_id: int, *, rules: Rules, now: datetime) -> int:
    """Derive the instants of a procedure anew after an operator changed it. Return how many changed."""
    found = (await procedures.load(conn, [procedure_id]))[procedure_id]
    return await rearm_changed(conn, found, silent=False, lapsed=frozenset(), rules=rules, now=now)


async def rearm_all(db: Database, *, rules: Rules, now: datetime) -> int:
    """Derive the instants still to come anew, since hours or zone data may differ. Return how many do."""
    async with db.read() as conn:
        ids = await due_store.armed_procedures(conn)
    count = 0
    for procedure_id in ids:
        async with db.write(Rank.HOUSEKEEPING) as conn:
            found = (await procedures.load(conn, [procedure_id]))[procedure_id]
            count += await rearm_changed(conn, found, silent=True, lapsed=frozenset(), rules=rules, now=now)
    if count:
        log.warning("due_instants_recomputed", extra={"count": count})
    return count


def _counts(found: Procedure) -> bool:
    return found.status.running and not found.draft
