"""How long each kind of change waits before it is told (promises §1.4). Pure."""

from datetime import datetime, timedelta

from notifier.procedures.change_store import WITHDRAWN_FOR, Patience
from notifier.procedures.model import Status
from notifier.procedures.revise import Change, ChangeKind, status_event_due
from notifier.sources.intake import Intake, Origin


def is_quiet(change: Change) -> bool:
    """Whether a change is "Now listed here", which is told once a source's first load is over."""
    return change.kind is ChangeKind.LISTED


def is_waited_for(change: Change) -> bool:
    """Whether something is said of a change when it has settled."""
    if change.kind is ChangeKind.STATUS:
        return status_event_due(Status(str(change.old or Status.UNKNOWN)), Status(str(change.new)))
    return change.kind.is_told or change.kind is ChangeKind.REACHED


def patience_of(change: Change, origin: Origin, intake: Intake, now: datetime) -> Patience:
    """Return how long a change waits.

    What was seen to have happened is said the moment it is seen, and so is a publication. A change that was
    fetched must be seen in two reads, and a date that is gone in two that lie an hour apart.
    """
    happened = change.kind in (ChangeKind.LISTED, ChangeKind.REACHED) or change.new == Status.COMPLETE
    if happened or intake.settle == timedelta(0):
        return Patience(settles_at=now)
    settle = intake.settle
    if origin.fetched and change.kind is ChangeKind.REMOVED:
        settle = max(settle, WITHDRAWN_FOR)
    return Patience(settles_at=now + settle, reads=1 if origin.fetched else 0)
