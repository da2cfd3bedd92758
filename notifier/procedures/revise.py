"""What a new reading of a procedure changes: snapshot against stored, in plain values. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from enum import StrEnum

from notifier.procedures.matching import align, seen_in
from notifier.procedures.model import (
    Coverage,
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
    REOPENED = "reopened"
    """A consultation that had closed takes comments again."""
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
    aliases: tuple[str, ...] = ()
    """References that were not known before."""


def revise(stored: Procedure | None, snapshot: Snapshot, *, today: date) -> Revision:
    """Compare a snapshot with what is stored; `today` decides whether a vanished date had passed."""
    if stored is None:
        listed = Change(kind=ChangeKind.LISTED, subject="listed", old=None, new=snapshot.reference)
        milestones = tuple(_seen(one, snapshot, today) or one for one in snapshot.milestones)
        return Revision(
            facts=snapshot.facts,
            milestones=milestones,
            changes=(listed,),
            aliases=_new_aliases(None, snapshot),
        )
    facts = _merge(stored.facts, snapshot.facts)
    known = {one.key: one for one in stored.milestones}
    given = snapshot.covers is Coverage.GIVEN
    read = align(stored.milestones, snapshot.milestones, given=given)
    stated = frozenset(
        new.key for new, row in zip(read, snapshot.milestones, strict=True) if row.key in snapshot.stated
    )
    milestones = tuple(_revised(stored, read, snapshot, stated=stated, today=today))
    changes = [*_fact_changes(stored.facts, facts)]
    for one in milestones:
        old = known.get(one.key)
        kind = classify(old, one, today=today)
        if (
            kind is ChangeKind.REACHED
            and one.key not in {row.key for row in read}
            and seen_in(snapshot.timeline, one) is None
        ):
            kind = ChangeKind.DETAILS  # that its day passed unseen confirms nothing
        if kind is not None:
            changes.append(Change(kind=kind, subject=one.key, old=old, new=one))
    return Revision(
        facts=facts, milestones=milestones, changes=tuple(changes), aliases=_new_aliases(stored, snapshot)
    )


def _revised(
    stored: Procedure, read: Sequence[Milestone], snapshot: Snapshot, *, stated: frozenset[str], today: date
) -> Iterable[Milestone]:
    """Yield every milestone as it stands now: the rows of the reading, then what it lacks."""
    known = {one.key: one for one in stored.milestones}
    for one in read:
        row = (
            _in_stored_words(known[one.key], one)
            if one.key in known and snapshot.covers is Coverage.GIVEN
            else one
        )
        now = _advance(known.get(one.key), row, stated=one.key in stated)
        yield now if one.key in stated else _seen(now, snapshot, today) or now
    keys = {one.key for one in read}
    for one in stored.milestones:
        if one.key in keys:
            continue
        missed = snapshot.covers is not Coverage.GIVEN and speaks_for(snapshot.covers, one)
        yield _vanish(one, snapshot, today) if missed else one


def speaks_for(covers: Coverage, one: Milestone) -> bool:
    """Whether a source that says so much would give this milestone while its body does."""
    if covers is Coverage.PUBLICATION:
        return one.kind is MilestoneKind.PUBLICATION
    return covers is Coverage.WHOLE or one.kind.spans


def _in_stored_words(old: Milestone, row: Milestone) -> Milestone:
    """Keep label and kind as the schedule gives them; a list of consultations has names of its own."""
    return replace(row, label=old.label, kind=old.kind)


def _seen(one: Milestone, snapshot: Snapshot, today: date) -> Milestone | None:
    """Return a milestone as the source's own record of what happened has it; None when it is not in there."""
    if one.state is not MilestoneState.PLANNED:
        return None
    dates = seen_in(snapshot.timeline, one)
    if dates is None or dates.start is None or dates.start > today:
        return None
    moved = not dates.same_days(one.dates) and _has_day(one)
    if moved and any(row.key == one.key for row in snapshot.milestones):
        return None  # an earlier round of a step that is planned again
    return replace(one, dates=dates, state=MilestoneState.REACHED)


def _new_aliases(stored: Procedure | None, snapshot: Snapshot) -> tuple[str, ...]:
    known = {one.casefold() for one in (stored.references if stored else (snapshot.reference,))}
    given = dict.fromkeys((snapshot.reference, *snapshot.aliases))
    return tuple(one for one in given if one.casefold() not in known)


def classify(old: Milestone | None, new: Milestone, *, today: date | None = None) -> ChangeKind | None:
    """Name the difference between two states of one milestone; None when there is none.

    Also asked again when a change has settled, over everything that happened to the milestone meanwhile.
    `today` tells more time from a consultation that had closed and takes comments again; where only the
    difference matters it may be left out.
    """
    if old is None or old.state is MilestoneState.WITHDRAWN:
        return _appeared(new)
    if new.state is MilestoneState.WITHDRAWN:
        return ChangeKind.REMOVED if _has_day(old) else ChangeKind.DETAILS
    if _happened(old, new):
        return ChangeKind.REACHED
    if not old.dates.same_days(new.dates):
        return _moved(old, new, today)
    if (old.label, old.kind, old.dates) != (new.label, new.kind, new.dates):
        return ChangeKind.DETAILS
    return None


def _appeared(new: Milestone) -> ChangeKind | None:
    if new.state is MilestoneState.WITHDRAWN:
        return None
    return ChangeKind.DATE_ADDED if _has_day(new) else ChangeKind.DETAILS


def _moved(old: Milestone, new: Milestone, today: date | None) -> ChangeKind:
    if not _has_day(old):
        return ChangeKind.DATE_SET if _has_day(new) else ChangeKind.DETAILS
    before, after = old.dates, new.dates
    if new.kind.spans and _has_day(new) and before.start == after.start and before.end and after.end:
        if after.end < before.end:
            return ChangeKind.SHORTENED
        return ChangeKind.REOPENED if today is not None and before.end < today else ChangeKind.EXTENDED
    return ChangeKind.MOVED if after.start is not None else ChangeKind.REMOVED


def _happened(old: Milestone, new: Milestone) -> bool:
    """Whether it came on its day; guidance that came on another day than expected is news, and no move."""
    came = old.state is MilestoneState.PLANNED and new.state is MilestoneState.REACHED
    return came and (new.kind is MilestoneKind.PUBLICATION or old.dates.same_days(new.dates))


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


def _vanish(old: Milestone, snapshot: Snapshot, today: date) -> Milestone:
    """A row that is gone with its date behind it was reached; gone before its day or its end, withdrawn.

    Not so a publication: that its day passed is no proof that anything was published.
    """
    last = old.dates.end or old.dates.start
    open_still = old.kind.spans and _has_day(old) and last is not None and last >= today
    if old.state is MilestoneState.REACHED and open_still and seen_in(snapshot.timeline, old) is None:
        return replace(old, state=MilestoneState.WITHDRAWN, revision=old.revision + 1)
    if old.state is not MilestoneState.PLANNED:
        return old
    seen = _seen(old, snapshot, today)
    if seen is not None:
        return seen if seen.dates.same_days(old.dates) else replace(seen, revision=old.revision + 1)
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
