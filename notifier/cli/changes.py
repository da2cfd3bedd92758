"""What a reading says and changes, for people and for scripts."""

from collections.abc import Sequence

from notifier.events.wording import dates_words
from notifier.procedures.model import Milestone, MilestoneState, Snapshot
from notifier.procedures.revise import Change, ChangeKind


def change_as_json(change: Change) -> dict[str, object]:
    """Return one change as JSON: kind, subject, and old and new as people write them."""
    return {
        "kind": change.kind.value,
        "subject": change.subject,
        "old": _words(change.old),
        "new": _words(change.new),
    }


def snapshot_as_text(snapshot: Snapshot, changes: Sequence[Change]) -> str:
    """Return what was read, a line each, and what it changes."""
    facts = snapshot.facts
    rows = [
        ("Reference", snapshot.reference),
        ("Title", facts.title),
        ("Status", facts.status_as_written),
        ("Process", facts.process),
        ("ID number", facts.id_number),
        ("Technology type", facts.technology_type),
        ("Decision", facts.decision),
        ("Enquiries", facts.email),
    ]
    lines = [f"{name:16} {value}" for name, value in rows if value]
    lines += [f"{one.kind.value:16} {one.label}: {dates_words(one.dates)}" for one in snapshot.milestones]
    return "\n".join([*lines, "", *_change_lines(changes)])


def _change_lines(changes: Sequence[Change]) -> list[str]:
    if not changes:
        return ["No change."]
    if any(one.kind is ChangeKind.LISTED for one in changes):
        return ["New: not stored before."]
    return [f"{one.subject}: {_words(one.old) or 'none'} → {_words(one.new) or 'none'}" for one in changes]


def _words(value: Milestone | str | None) -> str | None:
    if not isinstance(value, Milestone):
        return value
    return "removed" if value.state is MilestoneState.WITHDRAWN else dates_words(value.dates)
