"""The coordinator's hand on a schedule: what is held or hidden speaks no more, what is let go speaks again.

Each act works on the open connection of its use case (`events/hand.py`), which may undo it: a preview is the
act itself, undone.
"""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.procedures import check_store, due_store, hand_store
from notifier.procedures import store as procedures
from notifier.procedures.due import DueState, Rules
from notifier.procedures.hand import Hand, demand_own_draft, the_milestone
from notifier.procedures.model import Milestone, Procedure
from notifier.sources.arming import rearm


@dataclass(frozen=True, slots=True, kw_only=True)
class Acted:
    """What one act came to. `changed` is False where everything was so already.

    `milestone` is None for the whole procedure. `dates` is how many milestones began or ceased to speak.
    """

    procedure: Procedure
    milestone: Milestone | None
    changed: bool
    dates: int = 0


async def hold(
    conn: AsyncConnection, reference: str, name: str | None, *, held: bool, rules: Rules, by: Hand
) -> Acted:
    """Keep one date or a whole procedure from speaking, or let it speak again.

    Raises:
        HandError: there is no such procedure or date.
    """
    await procedures.lock(conn, [procedures.reference_key(reference)])  # a reading writes all of a date anew
    found = await hand_store.the_procedure(conn, reference)
    one = None if name is None else the_milestone(found, name)
    if (found.held if one is None else one.held) is held:
        return Acted(procedure=found, milestone=one, changed=False)
    before = await _speaking(conn, found)
    await hand_store.set_held(conn, found, one, held=held, by=by)
    if not held:
        await _let_go(conn, found, one)
    await rearm(conn, found.id, rules=rules, now=by.at)
    return await _acted(conn, found, one, before)


async def set_draft(conn: AsyncConnection, reference: str, *, draft: bool, rules: Rules, by: Hand) -> Acted:
    """Hide a procedure from the public, or show it; what is hidden says nothing.

    Raises:
        HandError: there is no such procedure, or its file decides.
    """
    found = await hand_store.the_procedure(conn, reference)
    demand_own_draft(found)
    if found.draft is draft:
        return Acted(procedure=found, milestone=None, changed=False)
    before = await _speaking(conn, found)
    await hand_store.set_draft(conn, found, draft=draft, by=by)
    await rearm(conn, found.id, rules=rules, now=by.at)
    return await _acted(conn, found, None, before)


async def _acted(
    conn: AsyncConnection, found: Procedure, one: Milestone | None, before: frozenset[str]
) -> Acted:
    fresh = await hand_store.the_procedure(conn, found.slug)
    after = await _speaking(conn, found)
    milestone = None if one is None else the_milestone(fresh, one.key)
    return Acted(procedure=fresh, milestone=milestone, changed=True, dates=len(before ^ after))


async def _speaking(conn: AsyncConnection, found: Procedure) -> frozenset[str]:
    """Return the keys of the milestones that still have something to say and are not held."""
    stored = await due_store.of_procedure(conn, found.id)
    return frozenset(row.milestone_key for row in stored if row.state is DueState.PENDING)


async def _let_go(conn: AsyncConnection, found: Procedure, one: Milestone | None) -> None:
    """Let released dates speak though their source cannot be read: somebody has decided that they may."""
    ids = await procedures.milestone_ids(conn, found.id)
    free = [step.key for step in found.milestones if not step.held] if one is None else [one.key]
    await check_store.let_go(conn, [ids[key] for key in free])
