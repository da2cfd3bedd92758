"""The readings of a document against what is stored: which procedure each is, and what it changes. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

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
    taken: Collection[int] = (),
    most: int | None = None,
) -> Comparison:
    """Compare readings with the procedures `stored`, by reference key, and stop before the one too many.

    `taken` are the procedures that the document has spoken of before; `most` is how many stored ones may be
    rewritten.
    """
    found: list[Compared] = []
    problems: list[SourceError] = []
    seen, rewritten = set(taken), 0
    for place, snapshot in enumerate(chunk):
        try:
            one = _compared(snapshot, stored, origin, seen=seen, today=today)
        except SourceError as error:
            problems.append(error)
            continue
        if one.rewrites and rewritten == most:
            return Comparison(found=tuple(found), problems=tuple(problems), done=place)
        rewritten += one.rewrites
        found.append(one)
        seen |= {one.admitted.stored.id} if one.admitted.stored else set()
    return Comparison(found=tuple(found), problems=tuple(problems), done=len(chunk))


def keys_of(snapshot: Snapshot) -> Iterator[str]:
    """Yield the keys of all references of a reading, its own first."""
    for reference in (snapshot.reference, *snapshot.aliases):
        yield reference_key(reference)


def is_wholly_past(found: Procedure, today: date) -> bool:
    """Whether nothing of its schedule can still come."""
    return bool(found.milestones) and all(_is_past(one, today) for one in found.milestones)


def _compared(
    snapshot: Snapshot, stored: Mapping[str, Procedure], origin: Origin, *, seen: Collection[int], today: date
) -> Compared:
    found = next((stored[key] for key in keys_of(snapshot) if key in stored), None)
    if found is not None and found.id in seen:
        expected = f"one reading of {found.slug} in a document, under whichever of its references"
        raise SourceError(file=origin.key, line=None, found=snapshot.reference, expected=expected)
    one = admit(found, snapshot, origin)
    if one.is_older and found is not None:
        unchanged = Revision(facts=found.facts, milestones=found.milestones, changes=())
        return Compared(admitted=one, revised=unchanged)
    return Compared(admitted=one, revised=revise(found, one.snapshot, today=today))


def _is_past(milestone: Milestone, today: date) -> bool:
    """Whether nothing of it can still come; a month is over when the next has begun, TBC never."""
    last = milestone.dates.end or milestone.dates.start
    if last is None:
        return False
    return last < (today.replace(day=1) if milestone.dates.precision is Precision.MONTH else today)
