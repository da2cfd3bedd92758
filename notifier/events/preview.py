"""Whom a reading would be told to, before it is taken in: drafted as announcing would, and dropped."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.events import drafts as drafting
from notifier.events.decide import Say, change_mail_is_useful, decide
from notifier.events.drafts import Draft, Scene
from notifier.events.drafts_amendments import of_publication
from notifier.events.drafts_changes import Settled, of_changes
from notifier.events.voice import Voice
from notifier.procedures import due_store
from notifier.procedures.due import DueInstant, DueState, arm
from notifier.procedures.model import Milestone, MilestoneKind, Procedure, Snapshot
from notifier.procedures.revise import Change, ChangeKind, revise
from notifier.subscriptions import audience
from notifier.subscriptions.audience import Rhythms

_ON_ITS_OWN = (ChangeKind.LISTED, ChangeKind.STATUS, ChangeKind.REACHED)
"""What has an event of its own; all other changes of a procedure are one event, and one mail, together."""


_NOBODY = Rhythms()


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """One change, whether anything is said of it once it has settled, and who would be mailed then.

    Rows of one schedule are told together, so that their people are the same people. A date that opens at
    once counts with the change that brings it.
    """

    change: Change
    told: bool = False
    people: Rhythms = _NOBODY


async def people_told(
    conn: AsyncConnection,
    voice: Voice,
    stored: Procedure | None,
    snapshot: Snapshot,
    changes: Sequence[Change],
    *,
    silent: bool,
    now: datetime,
) -> tuple[Foreseen, ...]:
    """Return each of the `changes` that `snapshot` makes of what is `stored`, with whom it is told to.

    `silent`: it belongs to the first load of its source. Who gets a correction, because an alert of the last
    days told them otherwise, is not counted.
    """
    found = _as_it_will_stand(stored, snapshot, voice, now)
    if not changes or found.draft:
        return tuple(Foreseen(change=one) for one in changes)
    scene = voice.scene(found, now)
    together = _settled(scene, [one for one in changes if one.kind not in _ON_ITS_OWN])
    openings = await _openings(conn, scene, stored, silent=silent)
    foreseen: list[Foreseen] = []
    for one in changes:
        drafts = _own(scene, one, silent=silent) if one.kind in _ON_ITS_OWN else together
        if one.kind is ChangeKind.DETAILS:
            drafts = ()
        drafts = (*drafts, *_opened_by(one, openings))
        foreseen.append(Foreseen(change=one, told=bool(drafts), people=await _people(conn, drafts)))
    return tuple(foreseen)


def _as_it_will_stand(stored: Procedure | None, snapshot: Snapshot, voice: Voice, now: datetime) -> Procedure:
    revised = revise(stored, snapshot, today=voice.rules.local_date(now))
    if stored is None:
        return Procedure(
            id=0,
            slug=snapshot.reference,
            references=(snapshot.reference,),
            facts=revised.facts,
            milestones=revised.milestones,
            draft=bool(snapshot.draft),
        )
    draft = stored.draft if snapshot.draft is None else snapshot.draft
    return replace(stored, facts=revised.facts, milestones=revised.milestones, draft=draft)


def _settled(scene: Scene, changes: Sequence[Change]) -> Sequence[Draft]:
    return of_changes(scene, Settled(changes=changes, revision=0, seen_at=scene.now, told={}))


def _own(scene: Scene, change: Change, *, silent: bool) -> Sequence[Draft]:
    """Draft what is said of a change that has an event of its own."""
    if change.kind is ChangeKind.REACHED:
        new = change.new
        news = isinstance(new, Milestone) and new.kind is MilestoneKind.PUBLICATION
        if not news or not scene.procedure.status.running:
            return ()
        return (of_publication(scene, seen_at=scene.now, by_hand=False),)
    drafts = _settled(scene, [change])
    if change.kind is ChangeKind.LISTED and silent:
        return [one for one in drafts if _is_wholly_past(scene, one)]
    return drafts


def _is_wholly_past(scene: Scene, listed: Draft) -> bool:
    rows = listed.payload.changes
    return bool(rows) and not change_mail_is_useful(rows, today=scene.today)


async def _openings(
    conn: AsyncConnection, scene: Scene, stored: Procedure | None, *, silent: bool
) -> Mapping[str, Draft]:
    """Draft what the next sweep would say of dates that are open already, by milestone key."""
    found = scene.procedure
    goes_on = stored is not None and found.status.running and not stored.status.running
    known = await due_store.of_procedure(conn, stored.id) if stored is not None else ()
    arming = arm(
        found.milestones,
        known,
        counts=found.status.running,
        held=found.held,
        silent=silent or goes_on,
        rules=scene.rules,
        now=scene.now,
    )
    was = {one.id: one for one in known}
    armed = [(one.milestone_key, one.instant, one.state) for one in arming.new]
    armed += [(was[one.id].milestone_key, one.instant, one.state) for one in arming.updates]
    ready = [(key, due) for key, due, state in armed if state is DueState.PENDING and due.due_at <= scene.now]
    drafts = {key: _said(scene, key, due) for key, due in ready}
    return {key: draft for key, draft in drafts.items() if draft is not None}


def _said(scene: Scene, milestone_key: str, due: DueInstant) -> Draft | None:
    one = next(each for each in scene.procedure.milestones if each.key == milestone_key)
    say = decide(
        due,
        one,
        status=scene.procedure.status,
        known_since=scene.now,
        opening_told_at=None,
        rules=scene.rules,
        now=scene.now,
    )
    return drafting.of_due(scene, one, due, say) if isinstance(say, Say) else None


def _opened_by(change: Change, openings: Mapping[str, Draft]) -> Collection[Draft]:
    """Return the openings that a change brings: all of a new procedure, else those of its own row."""
    if change.kind is ChangeKind.LISTED:
        return openings.values()
    return [draft for key, draft in openings.items() if key == change.subject]


async def _people(conn: AsyncConnection, drafts: Collection[Draft]) -> Rhythms:
    """Return who is mailed any of the drafts of one procedure, each person once."""
    mailed = [one for one in drafts if not one.no_mail]
    bits = 0
    for one in mailed:
        bits |= one.kind_bit
    return await audience.by_rhythm(conn, mailed[0].topics, bits) if mailed else _NOBODY
