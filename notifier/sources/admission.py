"""Whether a source may speak for a procedure, and how much of what it says is taken. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from notifier.procedures.model import Coverage, Facts, MilestoneState, Procedure, Snapshot, Status
from notifier.procedures.writing import Provenance
from notifier.sources.errors import SourceError
from notifier.sources.intake import Origin

CLOCK_SLIPS = timedelta(minutes=10)
"""How far the clocks of two readings may differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """A reading as it is taken, with the procedure it is about; None when it is seen for the first time.

    `is_older`: what is stored is newer, so nothing is taken.
    """

    snapshot: Snapshot
    stored: Procedure | None
    draft: bool
    provenance: Provenance
    is_older: bool = False


def admit(
    stored: Procedure | None, snapshot: Snapshot, origin: Origin, *, now: datetime | None = None
) -> Admitted:
    """Decide about one reading. What was stored as read after `now` was read by a clock that ran ahead.

    Raises:
        SourceError: another watched source speaks for the procedure, or its whole schedule is missing.
    """
    if stored is None:
        return Admitted(
            snapshot=snapshot,
            stored=None,
            draft=bool(snapshot.draft),
            provenance=_provenance(None, snapshot, origin, owns=origin.watched),
        )
    owned = _owned_by_another(stored, origin)
    if owned and origin.watched and stored.covers is snapshot.covers is Coverage.WHOLE:
        expected = f'a procedure of its own: "{stored.source_key}" speaks for {stored.slug} already'
        raise SourceError(file=origin.key, line=None, found=snapshot.reference, expected=expected)
    if owned and stored.covers is Coverage.WHOLE and snapshot.covers is not Coverage.WHOLE:
        snapshot = _confirmations(stored, snapshot)
    elif snapshot.covers is Coverage.GIVEN and snapshot.facts.status is not Status.COMPLETE:
        snapshot = replace(snapshot, facts=Facts())  # its words and its link are those of one consultation
    _refuse_a_cut_page(stored, snapshot, origin)
    owns = origin.watched and (not owned or snapshot.covers is Coverage.WHOLE)
    is_older = _is_older(stored, snapshot, origin, now)
    provenance = _provenance(stored, snapshot, origin, owns=owns)
    if is_older:
        provenance = replace(provenance, read_at=stored.read_at, as_of=stored.as_of)
    draft = stored.draft if snapshot.draft is None else snapshot.draft
    return Admitted(snapshot=snapshot, stored=stored, draft=draft, provenance=provenance, is_older=is_older)


def _owned_by_another(stored: Procedure, origin: Origin) -> bool:
    return stored.source_key not in (None, origin.key) and stored.source_key in origin.living


def _confirmations(stored: Procedure, snapshot: Snapshot) -> Snapshot:
    """Leave of a list's reading what it alone can know: that a consultation is open on the days given.

    The procedure's own page says the rest, and better.
    """
    days = {(one.dates.start, one.dates.end) for one in stored.milestones if one.kind.spans}
    seen = tuple(
        one
        for one in snapshot.milestones
        if one.state is MilestoneState.REACHED and (one.dates.start, one.dates.end) in days
    )
    return replace(snapshot, milestones=seen, facts=Facts(), covers=Coverage.GIVEN, as_of=None)


def _is_older(stored: Procedure, snapshot: Snapshot, origin: Origin, now: datetime | None) -> bool:
    """Whether what is stored is newer, by the source's own word or by when it was read."""
    if stored.as_of is not None and snapshot.as_of is not None:
        return snapshot.as_of < stored.as_of
    read_at = origin.page_read_at
    if stored.read_at is None or read_at is None:
        return False
    if now is not None and stored.read_at > now + CLOCK_SLIPS:
        return False
    return read_at < stored.read_at


def _refuse_a_cut_page(stored: Procedure, snapshot: Snapshot, origin: Origin) -> None:
    """A page that lost its whole schedule was more likely cut than emptied by its body."""
    lost = snapshot.covers is Coverage.WHOLE and stored.milestones and not snapshot.milestones
    if not origin.by_body or not lost:
        return
    expected = (
        f"a Provisional Schedule, since {len(stored.milestones)} dates of {stored.slug} are stored "
        "(that a body took all of them back is said in a procedure file)"
    )
    raise SourceError(
        file=snapshot.reference, line=None, found=None, expected=expected, probably="the whole page"
    )


def _provenance(stored: Procedure | None, snapshot: Snapshot, origin: Origin, *, owns: bool) -> Provenance:
    partial = stored is not None and not owns and snapshot.covers is Coverage.GIVEN
    return Provenance(
        source_key=origin.key if owns else stored.source_key if stored else None,
        covers=snapshot.covers if owns or stored is None else stored.covers,
        read_at=stored.read_at if partial and stored else origin.page_read_at,
        as_of=snapshot.as_of or (stored.as_of if stored else None),
    )
