"""The readings of a document against what is stored: which procedure each is, and what it changes. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from notifier.procedures.model import Milestone, Precision, Procedure, Snapshot
from notifier.procedures.revise import Revision, revise
from notifier.procedures.store import reference_key
from notifier.sources.admission import Admitted, admit
from notifier.sources.errors import SourceError
from notifier.sources.intake import Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A reading as it is taken, and its procedure as it stands after it."""

    admitted: Admitted
    revised: Revision

    @property
    def rewrites(self) -> bool:
        """Whether it writes a new revision of a stored procedure."""
        stored = self.admitted.stored
        if stored is None:
            return False
        return bool(self.revised.changes or self.revised.aliases) or self.admitted.draft != stored.draft


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What so many (`done`) readings of a document came to, from its beginning; the rest is still to do."""

    found: tuple[Compared, ...]
    problems: tuple[SourceError, ...]
    done: int


def compare(
    chunk: Sequence[Snapshot],
    stored: Mapping[str, Procedure],
    origin: Origin,
    *,
    today: date,
    now: datetime | None = None,
    taken: Collection[int] = (),
    most: int | None = None,
) -> Comparison:
    """Compare readings with the procedures `stored`, by reference key, and stop before the one too many.

    `taken` are the procedures that the document has spoken of before; `most` is how many stored ones may be
    rewritten.
    """
    found: list[Compared] = []
    problems: list[SourceError] = []
    seen: set[int | str] = set(taken)
    rewritten = 0
    for place, snapshot in enumerate(chunk):
        try:
            one = _compared(snapshot, stored, origin, seen=seen, today=today, now=now)
        except SourceError as error:
            problems.append(error)
            continue
        if one.rewrites and rewritten == most:
            return Comparison(found=tuple(found), problems=tuple(problems), done=place)
        rewritten += one.rewrites
        found.append(one)
        known = one.admitted.stored
        seen |= {known.id} if known is not None else set(keys_of(snapshot))
    return Comparison(found=tuple(found), problems=tuple(problems), done=len(chunk))


def keys_of(snapshot: Snapshot) -> Iterator[str]:
    """Yield the keys of all references of a reading, its own first."""
    for reference in (snapshot.reference, *snapshot.aliases):
        yield reference_key(reference)


def is_wholly_past(found: Procedure, today: date) -> bool:
    """Whether nothing of its schedule can still come."""
    return bool(found.milestones) and all(_is_past(one, today) for one in found.milestones)


def _compared(
    snapshot: Snapshot,
    stored: Mapping[str, Procedure],
    origin: Origin,
    *,
    seen: Collection[int | str],
    today: date,
    now: datetime | None,
) -> Compared:
    found = next((stored[key] for key in keys_of(snapshot) if key in stored), None)
    if (found.id if found is not None else reference_key(snapshot.reference)) in seen:
        slug = found.slug if found is not None else snapshot.reference
        expected = f"one reading of {slug} in a document, under whichever of its references"
        raise SourceError(file=origin.key, line=None, found=snapshot.reference, expected=expected)
    one = admit(found, _with_own_aliases(snapshot, found, stored), origin, now=now)
    if one.is_older and found is not None:
        unchanged = Revision(facts=found.facts, milestones=found.milestones, changes=())
        return Compared(admitted=one, revised=unchanged)
    return Compared(admitted=one, revised=revise(found, one.snapshot, today=today))


def _with_own_aliases(
    snapshot: Snapshot, found: Procedure | None, stored: Mapping[str, Procedure]
) -> Snapshot:
    """Leave out references that belong to other procedures: they stay there."""
    mine = found.id if found is not None else None
    own = tuple(
        one
        for one in snapshot.aliases
        if (other := stored.get(reference_key(one))) is None or other.id == mine
    )
    return replace(snapshot, aliases=own)


def _is_past(milestone: Milestone, today: date) -> bool:
    """Whether nothing of it can still come; a month is over when the next has begun, TBC never."""
    last = milestone.dates.end or milestone.dates.start
    if last is None:
        return False
    return last < (today.replace(day=1) if milestone.dates.precision is Precision.MONTH else today)
