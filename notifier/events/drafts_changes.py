"""Drafts of what changed: one event for the status, one for all rows of the schedule together. Pure.

Their keys hold the revision: A→B→A→B are distinct facts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from notifier.events.decide import change_mail_is_useful
from notifier.events.drafts import Draft, Scene, draft_of, of_procedure, published_key
from notifier.events.model import Basis, DateChange, Event, EventKind, Payload
from notifier.procedures.model import Milestone, MilestoneKind, MilestoneState, Precision, Status
from notifier.procedures.revise import Change, ChangeKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """Changes of one procedure that have settled; `revision` and `seen_at` are those of the newest.

    `told` are the alerts that the changes of some milestones take back, by milestone key (promises §1.5).
    """

    changes: Sequence[Change]
    revision: int
    seen_at: datetime
    told: Mapping[str, Event]


def of_changes(scene: Scene, settled: Settled) -> Sequence[Draft]:
    """Draft the events of settled changes."""
    day = scene.rules.local_date(settled.seen_at)
    about = replace(of_procedure(scene), day=day)
    whole = replace(of_procedure(scene, with_open=scene.procedure.status.running), day=day)
    drafts = [
        found for change in settled.changes if (found := _of_whole(scene, change, whole, settled)) is not None
    ]
    if scene.procedure.status.running:
        drafts += _of_rows(scene, about, settled)
    return drafts


def _key(scene: Scene, settled: Settled, what: str) -> str:
    return f"{scene.procedure.slug}/revision/{settled.revision}/{what}"


def _of_whole(scene: Scene, change: Change, about: Payload, settled: Settled) -> Draft | None:
    """Draft the event of a change that concerns the procedure as a whole."""
    kind = _whole_kind(change)
    if kind is None:
        return None
    listed = kind is EventKind.LISTED
    key = _key(scene, settled, "listed" if listed else "status")
    if kind is EventKind.PUBLISHED:
        key = published_key(scene)
    if listed:
        rows = tuple(_listed_row(one) for one in scene.procedure.milestones)
        about = replace(about, changes=rows, next_dates=())
    return draft_of(scene, key, kind, Basis.CONFIRMED, about, occurred_at=settled.seen_at, no_mail=listed)


def _of_rows(scene: Scene, about: Payload, settled: Settled) -> Sequence[Draft]:
    """Draft one event for all rows that changed; before it a correction of each alert that is taken back.

    Who got that alert is told the correction, and everybody else the change (`events/bind.py`).
    """
    seen_on = scene.rules.local_date(settled.seen_at)
    rows = tuple(
        row
        for change in settled.changes
        if (row := _row(change)) is not None and not (change.old is None and _is_told_as_open(row, seen_on))
    )
    if not rows:
        return ()
    told = _taken_back(rows, settled)
    no_mail = not change_mail_is_useful(rows, today=scene.today)
    drafts: list[Draft] = []
    for row, event in told:
        said_on = scene.rules.local_date(event.recorded_at)
        drafts.append(
            draft_of(
                scene,
                _key(scene, settled, f"correction/{event.seq}"),
                EventKind.CORRECTION,
                Basis.CONFIRMED,
                replace(_payload_of_rows(about, rows, row), told_on=said_on),
                occurred_at=settled.seen_at,
                no_mail=no_mail,
                corrects_seq=event.seq,
            )
        )
    first = min(rows, key=_weight)
    drafts.append(
        draft_of(
            scene,
            _key(scene, settled, "dates"),
            first.kind,
            _basis(scene, first),
            _payload_of_rows(about, rows, first),
            occurred_at=settled.seen_at,
            no_mail=no_mail,
            corrects_seq=told[0][1].seq if told else None,
        )
    )
    return drafts


def _is_told_as_open(row: DateChange, seen_on: date) -> bool:
    """Whether a row that is quite new is a range in which people can act already: its opening tells of it."""
    dates = row.new
    if row.kind is not EventKind.DATE_ADDED or not row.milestone_kind.spans or dates is None:
        return False
    opened, ends = dates.start, dates.end
    return opened is not None and ends is not None and opened <= seen_on <= ends


def _basis(scene: Scene, row: DateChange) -> Basis:
    """Return how we know: that a date changed was seen, that comments are taken again perhaps not."""
    if row.kind is not EventKind.REOPENED:
        return Basis.CONFIRMED
    seen = any(
        one.key == row.key and one.state is MilestoneState.REACHED for one in scene.procedure.milestones
    )
    return Basis.CONFIRMED if seen else Basis.SCHEDULED


def _taken_back(rows: Sequence[DateChange], settled: Settled) -> Sequence[tuple[DateChange, Event]]:
    """Return each row whose change takes an alert back, and the alert; what people act on comes first."""
    found = [(row, settled.told.get(row.key or "")) for row in sorted(rows, key=_weight)]
    return [(row, event) for row, event in found if event is not None]


def _payload_of_rows(about: Payload, rows: tuple[DateChange, ...], first: DateChange) -> Payload:
    dates = first.new
    labels = {row.label for row in rows}
    return replace(
        about,
        milestone_key=first.key,
        label=first.label,
        milestone_kind=first.milestone_kind,
        start=dates.start if dates else None,
        deadline=dates.end if dates and first.milestone_kind.spans else None,
        changes=rows,
        next_dates=tuple(coming for coming in about.next_dates if coming.label not in labels),
    )


def _weight(row: DateChange) -> tuple[int, int]:
    """Deadlines first, publication next: the change that a reader must not miss names the event."""
    kinds = (MilestoneKind.CONSULTATION, MilestoneKind.WINDOW, MilestoneKind.PUBLICATION)
    place = kinds.index(row.milestone_kind) if row.milestone_kind in kinds else len(kinds)
    return (place, list(EventKind).index(row.kind))


def _whole_kind(change: Change) -> EventKind | None:
    """Name the event of a change that concerns the procedure as a whole; None when people are not told."""
    if change.kind is ChangeKind.LISTED:
        return EventKind.LISTED
    if change.kind is not ChangeKind.STATUS:
        return None
    new, old = Status(str(change.new)), Status(str(change.old or Status.UNKNOWN))
    if new is Status.COMPLETE:
        return EventKind.PUBLISHED
    if new is Status.DISCONTINUED:
        return EventKind.DISCONTINUED
    if new in (Status.SUSPENDED, Status.IMPACTED_BY_COVID_19):
        return EventKind.SUSPENDED
    return EventKind.RESTARTED if new.running and not old.running and old is not Status.UNKNOWN else None


def _listed_row(milestone: Milestone) -> DateChange:
    return DateChange(
        key=milestone.key,
        kind=EventKind.DATE_ADDED,
        milestone_kind=milestone.kind,
        label=milestone.label,
        old=None,
        new=milestone.dates,
    )


def _row(change: Change) -> DateChange | None:
    """Turn a change of the schedule into its row; a row that is new, or new again, replaces no date."""
    new, old = change.new, change.old
    if not isinstance(new, Milestone) or not change.kind.is_told:
        return None
    before = old.dates if isinstance(old, Milestone) and change.kind is not ChangeKind.DATE_ADDED else None
    if before is not None and before.precision is Precision.UNKNOWN:
        before = None
    removed = change.kind is ChangeKind.REMOVED
    return DateChange(
        key=new.key,
        kind=EventKind(change.kind.value),
        milestone_kind=new.kind,
        label=new.label,
        old=before,
        new=None if removed else new.dates,
    )
