"""What a reading says, what it changes and whom that is told to: one change for people, and for scripts."""

from dataclasses import asdict

from notifier.events.forecast_words import people_words
from notifier.events.preview import Foreseen
from notifier.events.titles import clean
from notifier.events.wording import dates_words
from notifier.procedures.model import Milestone, MilestoneState, Snapshot
from notifier.procedures.revise import Change, ChangeKind


def change_as_json(foreseen: Foreseen) -> dict[str, object]:
    """Return one change as JSON: kind, subject, old and new as people write them, and whom it is told to."""
    change = foreseen.change
    return {
        "kind": change.kind.value,
        "subject": change.subject,
        "old": _words(change.old),
        "new": _words(change.new),
        "people": asdict(foreseen.people),
        "told": "when settled" if foreseen.told else "never",
    }


def change_as_text(foreseen: Foreseen) -> str:
    """Return "Expected publication: 29 March 2023 → 24 May 2023; 1,204 people"."""
    return f"{_what(foreseen.change)}; {_told(foreseen)}"


def snapshot_as_text(snapshot: Snapshot) -> str:
    """Return what was read of one procedure, a line each."""
    facts = snapshot.facts
    rows = [
        ("Reference", snapshot.reference),
        ("Also known as", ", ".join(snapshot.aliases)),
        ("Title", facts.title),
        ("Status", facts.status_as_written),
        ("Process", facts.process),
        ("ID number", facts.id_number),
        ("Technology type", facts.technology_type),
        ("Decision", facts.decision),
        ("Enquiries", facts.email),
    ]
    lines = [f"{name:16} {clean(value)}" for name, value in rows if value]
    lines += [f"{one.kind.value:16} {clean(one.label)}: {_dates(one)}" for one in snapshot.milestones]
    return "\n".join(lines)


def _what(change: Change) -> str:
    old, new = change.old, change.new
    if change.kind is ChangeKind.LISTED:
        return "New here"
    if not isinstance(new, Milestone):
        return f"{change.subject}: {_words(old) or 'none'} → {_words(new) or 'none'}"
    label = clean(new.label)
    if change.kind is ChangeKind.REACHED:
        return f"{label}: {dates_words(new.dates)}, seen to have happened"
    if isinstance(old, Milestone) and old.label != new.label and old.dates.same_days(new.dates):
        return f"{clean(old.label)} → {label}: {dates_words(new.dates)}"
    return f"{label}: {_words(old) or 'none'} → {_words(new)}"


def _told(foreseen: Foreseen) -> str:
    if not foreseen.told:
        return "told to nobody"
    return people_words(foreseen.people) if foreseen.people.everybody else "in the feeds, nobody is mailed"


def _words(value: Milestone | str | None) -> str | None:
    if not isinstance(value, Milestone):
        return clean(value) if value else value
    return "removed" if value.state is MilestoneState.WITHDRAWN else dates_words(value.dates)


def _dates(one: Milestone) -> str:
    """Return the dates; where none could be read, what stands there instead."""
    words = dates_words(one.dates)
    return (
        f"{words} (“{clean(one.dates.as_written)}”)" if words == "not set" and one.dates.as_written else words
    )
