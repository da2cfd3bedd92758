"""The cast of drafts: IP1783 as it stands, and what becomes of it when a date comes or a reading differs."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from notifier.events.decide import Say
from notifier.events.drafts import Draft, Scene, of_due
from notifier.events.drafts_changes import Settled, of_changes
from notifier.events.model import Basis, Event, EventKind
from notifier.procedures.due import Edge, Rules, derive
from notifier.procedures.model import Milestone, Procedure, Snapshot
from notifier.procedures.revise import revise
from tests.events.words_cast import SERVICE
from tests.procedures.schedule_cast import (
    RULES,
    after,
    at,
    ip1783,
)

READ_AT = at(2022, 10, 20, 7, 55)
NOW = at(2022, 10, 20, 12)


def say(kind: EventKind, *, mail: bool = True, late_days: int = 0, learnt: bool = False) -> Say:
    return Say(kind=kind, basis=Basis.SCHEDULED, mail=mail, late_days=late_days, learnt=learnt)


def due_draft(
    milestone: Milestone,
    edge: Edge,
    what: Say,
    *,
    now: datetime | None = None,
    rules: Rules = RULES,
    procedure: Procedure | None = None,
) -> Draft:
    (due,) = [one for one in derive(milestone, rules) if one.edge is edge]
    found = replace(procedure or ip1783(), read_at=READ_AT)
    scene = Scene(procedure=found, rules=rules, service=SERVICE, now=now or due.due_at)
    return of_due(scene, milestone, due, what)


def change_drafts(
    stored: Procedure,
    seen: Snapshot,
    *,
    revision: int = 7,
    now: datetime = NOW,
    told: Mapping[str, Event] | None = None,
) -> Sequence[Draft]:
    """Draft what a reading changes, as if all of it had settled."""
    revised = revise(stored, seen, today=RULES.local_date(NOW))
    found = replace(after(stored, revised), read_at=READ_AT)
    return of_changes(
        Scene(procedure=found, rules=RULES, service=SERVICE, now=now),
        Settled(changes=revised.changes, revision=revision, seen_at=NOW, told=told or {}),
    )


def the_one(drafts: Sequence[Draft]) -> Draft:
    (draft,) = drafts
    return draft
