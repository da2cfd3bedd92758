"""What a new reading of a procedure changes: snapshot against stored, in plain values. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import date
from enum import StrEnum

from notifier.procedures.model import (
    Facts,
    Milestone,
    MilestoneKind,
    MilestoneState,
    Precision,
    Procedure,
    Snapshot,
    Status,
)


class ChangeKind(StrEnum):
    """How a procedure's schedule or standing changed."""

    LISTED = "listed"
    DATE_ADDED = "date_added"
    DATE_SET = "date_set"
    MOVED = "moved"
    EXTENDED = "extended"
    SHORTENED = "shortened"
    REMOVED = "removed"
    REACHED = "reached"
    STATUS = "status"
    DETAILS = "details"
    """A label, a title or another text: stored with its revision, told to nobody."""

    @property
    def is_told(self) -> bool:
        """Whether people are told of it, once it has settled."""
        return self not in (ChangeKind.REACHED, ChangeKind.DETAILS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference. `subject` is a milestone's key or a field's name; texts are as people wrote them."""

    kind: ChangeKind
    subject: str
    old: Milestone | str | None
    new: Milestone | str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A procedure as it stands after a reading, and what that changed. No change: nothing to write."""

    facts: Facts
    milestones: tuple[Milestone, ...]
    changes: tuple[Change, ...]


def revise(stored: Procedure | None, snapshot: Snapshot, *, today: date) -> Revision:
    """Compare a snapshot with what is stored; `today` decides whether a vanished date had passed."""
    if stored is None:
        listed = Change(kind=ChangeKind.LISTED, subject="listed", old=None, new=snapshot.reference)
        return Revision(facts=snapshot.facts, milestones=snapshot.milestones, changes=(listed,))
    facts = _merge(stored.facts, snapshot.facts)
    known = {one.key: one for one in stored.milestones}
    seen = {one.key for one in snapshot.milestones}
    milestones = [
        _advance(known.get(one.key), one, stated=one.key in snapshot.stated) for one in snapshot.milestones
    ]
    milestones += [_vanish(one, today) for one in stored.milestones if one.key not in seen]
    changes = [*_fact_changes(stored.facts, facts)]
    for one in milestones:
        old = known.get(one.key)
        kind = classify(old, one)
        if kind is not None:
            changes.append(Change(kind=kind, subject=one.key, old=old, new=one))
    return Revision(facts=facts, milestones=tuple(milestones), changes=tuple(changes))


def classify(old: Milestone | None, new: Milestone) -> ChangeKind | None:
    """Name the difference between two states of one milestone; None when there is none.

    Also asked again when a change has settled, over everything that happened to the milestone meanwhile.
    """
    if old is None or old.state is MilestoneState.WITHDRAWN:
        return _appeared(new)
    if new.state is MilestoneState.WITHDRAWN:
        return ChangeKind.REMOVED if _has_day(old) else ChangeKind.DETAILS
    if not old.dates.same_days(new.dates):
        return _moved(old, new)
    if new.state is MilestoneState.REACHED and old.state is MilestoneState.PLANNED:
        return ChangeKind.REACHED
    if (old.label, old.kind, old.dates) != (new.label, new.kind, new.dates):
        return ChangeKind.DETAILS
    return None


def _appeared(new: Milestone) -> ChangeKind | None:
    if new.state is MilestoneState.WITHDRAWN:
        return None
    return ChangeKind.DATE_ADDED if _has_day(new) else ChangeKind.DETAILS


def _moved(old: Milestone, new: Milestone) -> ChangeKind:
    if not _has_day(old):
        return ChangeKind.DATE_SET if _has_day(new) else ChangeKind.DETAILS
    before, after = old.dates, new.dates
    if new.kind.spans and _has_day(new) and before.start == after.start and before.end and after.end:
        return ChangeKind.EXTENDED if after.end > before.end else ChangeKind.SHORTENED
    return ChangeKind.MOVED if after.start is not None else ChangeKind.REMOVED


def _has_day(milestone: Milestone) -> bool:
    return milestone.dates.precision is Precision.DAY


def _advance(old: Milestone | None, new: Milestone, *, stated: bool) -> Milestone:
    """Carry what a source does not know: the hold, the revision, and, unless `stated`, what was reached."""
    if old is None:
        return new
    unmoved = old.dates.same_days(new.dates)
    reached = old.state is MilestoneState.REACHED and unmoved and not stated
    return replace(
        new,
        held=old.held,
        revision=old.revision if unmoved and old.state is not MilestoneState.WITHDRAWN else old.revision + 1,
        state=MilestoneState.REACHED if reached else new.state,
    )


def _vanish(old: Milestone, today: date) -> Milestone:
    """A row that is gone with its date behind it was reached; gone before its day, it was withdrawn.

    Not so a publication: that its day passed is no proof that anything was published.
    """
    if old.state is not MilestoneState.PLANNED:
        return old
    last = old.dates.end or old.dates.start
    if _has_day(old) and last is not None and last < today:
        publication = old.kind is MilestoneKind.PUBLICATION
        return old if publication else replace(old, state=MilestoneState.REACHED)
    return replace(old, state=MilestoneState.WITHDRAWN, revision=old.revision + 1)


def _merge(old: Facts, new: Facts) -> Facts:
    """A source that is silent about a fact takes nothing away."""
    known = {f.name: getattr(new, f.name) for f in fields(Facts) if getattr(new, f.name) is not None}
    return replace(old, **known)


def _fact_changes(old: Facts, new: Facts) -> Iterable[Change]:
    for field in fields(Facts):
        before, after = getattr(old, field.name), getattr(new, field.name)
        if before != after:
            kind = ChangeKind.STATUS if field.name == "status" else ChangeKind.DETAILS
            yield Change(kind=kind, subject=field.name, old=_text(before), new=_text(after))


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def status_event_due(old: Status, new: Status) -> bool:
    """Whether a change of status is told: work stopped, went on again, or ended."""
    return old is not new and (old.running != new.running or new.ended)
