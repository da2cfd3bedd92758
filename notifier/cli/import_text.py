"""What an import came to, as people read it on a terminal, and as a script does."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date

from notifier.cli.changes import change_as_json, change_as_text, snapshot_as_text
from notifier.cli.foreseeing import Findings, Reading
from notifier.events.titles import clean
from notifier.events.wording import count
from notifier.procedures.model import MilestoneState, Precision, Snapshot, Status, shown_id
from notifier.sources.as_json import snapshot_as_json

MOST_LINES = 50
"""Changes that are printed one by one; whoever wants all of them asks for JSON."""


def as_json(found: Findings) -> dict[str, object]:
    """Return the one procedure that was read, or all of them with what was wrong."""
    procedures = [
        snapshot_as_json(one.snapshot, [change_as_json(change) for change in one.changes])
        for one in found.readings
    ]
    if len(procedures) == 1 and not found.problems:
        return procedures[0]
    return {"procedures": procedures, "problems": [str(one) for one in found.problems]}


def as_text(found: Findings) -> str:
    """Return one procedure in full; of many, how many have which status, and what changed."""
    if len(found.readings) == 1:
        (only,) = found.readings
        return f"{snapshot_as_text(only.snapshot)}\n\n{_changes(only)}"
    lines = [*_statuses(found.readings), ""]
    news = [line for one in found.readings for line in _lines(one)]
    lines += news[:MOST_LINES] or ["No change."]
    if len(news) > MOST_LINES:
        lines.append(f"… and {len(news) - MOST_LINES:,} more; --json prints all.")
    return "\n".join(lines)


def sentence(found: Findings, *, dry_run: bool, today: date) -> str:
    """Return what came of it, in one sentence."""
    if dry_run:
        return "Nothing was changed: this was a dry run."
    if len(found.readings) == 1:
        return _of_one(found.readings[0], today) + _watched(found.readings[0])
    new = sum(one.is_new for one in found.readings)
    changed = sum(bool(one.changes) and not one.is_new for one in found.readings)
    older = sum(one.is_older for one in found.readings)
    parts = [
        f"{new:,} new",
        f"{changed:,} changed",
        f"{len(found.readings) - new - changed - older:,} as before",
    ]
    parts += [f"{older:,} left alone, because what is stored was read later"] if older else []
    told = "; people are told when the changes have settled" if changed else ""
    return f"{count(len(found.readings), 'procedure')} taken in: {', '.join(parts)}{told}."


def _of_one(one: Reading, today: date) -> str:
    name = clean(one.snapshot.facts.title or one.snapshot.reference)
    if one.is_older:
        return f"{name}: what is stored was read later, so nothing was taken from this older reading."
    if not one.changes:
        return f"{name}: nothing new since it was last read."
    if one.is_new and one.wholly_past:
        return (
            f"{name} is listed. All of its dates have passed, so nobody is mailed: it gets one feed entry, "
            "“Now listed here”, with its dates. To see its dates announced, run `notifier demo`."
        )
    if one.is_new:
        return f"{name} is listed; {_outlook(one.snapshot, today)}."
    if not any(change.told for change in one.changes):
        return f"{name}: {len(one.changes)} changed; nothing of it is told to anybody."
    return f"{name}: {len(one.changes)} changed; people are told when the changes have settled."


def _watched(one: Reading) -> str:
    """Say that what was imported by hand holds only until the source that is watched is read again."""
    if one.watched_by is None or not one.changes or one.is_older:
        return ""
    name = one.watched_by.partition(":")[2]
    return f" It is watched as “{name}”: what that says next takes the place of this."


def _outlook(snapshot: Snapshot, today: date) -> str:
    """Return what can be expected of a procedure that is new here."""
    facts = snapshot.facts
    if snapshot.draft:
        return "nobody sees it before it is published"
    if not (facts.status or Status.UNKNOWN).running:
        status = f"“{clean(facts.status_as_written)}”" if facts.status_as_written else "unknown"
        return f"its dates do not count while its status is {status}"
    coming = any(
        one.dates.precision is Precision.DAY and (one.dates.end or one.dates.start or today) >= today
        for one in snapshot.milestones
        if one.state is not MilestoneState.WITHDRAWN
    )
    return "its dates still to come will be announced" if coming else "no day that is still to come is set"


def _changes(one: Reading) -> str:
    if one.is_older:
        return "Older than what is stored: nothing of it is taken."
    return "\n".join(f"{change_as_text(change)}." for change in one.changes) or "No change."


def _statuses(readings: Sequence[Reading]) -> Iterator[str]:
    """Yield a table: how many procedures have which status, the commonest first."""
    counted = Counter(_status(one.snapshot) for one in readings)
    widest = max(len(status) for status in counted)
    for status, number in counted.most_common():
        yield f"{status:{widest}}  {number:>7,}"
    yield f"{'together':{widest}}  {len(readings):>7,}"


def _status(snapshot: Snapshot) -> str:
    facts = snapshot.facts
    return facts.status.value.replace("_", " ") if facts.status else "not said"


def _lines(one: Reading) -> Iterator[str]:
    facts = one.snapshot.facts
    shown = clean(shown_id(facts.process, facts.id_number, one.snapshot.reference))
    name = (
        one.snapshot.reference if shown == one.snapshot.reference else f"{one.snapshot.reference} ({shown})"
    )
    for change in one.changes:
        title = f" {clean(facts.title)}:" if one.is_new and facts.title else ""
        yield f"{name}:{title} {change_as_text(change)}"
