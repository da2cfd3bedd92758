"""A snapshot as JSON, for scripts: dates in ISO 8601, a month as "2023-03", null where nothing is known."""

from collections.abc import Mapping, Sequence
from datetime import date

from notifier.procedures.model import Milestone, Precision, Snapshot, TimelineEntry


def snapshot_as_json(snapshot: Snapshot, changes: Sequence[Mapping[str, object]]) -> dict[str, object]:
    """Return what `notifier import --json` prints; `changes` are ready to be JSON. Names stay as they are."""
    facts = snapshot.facts
    return {
        "reference": snapshot.reference,
        "title": facts.title,
        "status": facts.status.value if facts.status else None,
        "status_as_written": facts.status_as_written,
        "decision": facts.decision,
        "process": facts.process,
        "technology_type": facts.technology_type,
        "id_number": facts.id_number,
        "description": facts.description,
        "email": facts.email,
        "link": facts.link,
        "referral_date": facts.referral_date.isoformat() if facts.referral_date else None,
        "reason": facts.reason,
        "aliases": list(snapshot.aliases),
        "milestones": [_milestone(each) for each in snapshot.milestones],
        "timeline": [_happening(each) for each in snapshot.timeline],
        "sections": [{"heading": each.heading, "text": each.text} for each in snapshot.passages],
        "changes": [dict(each) for each in changes],
    }


def _milestone(milestone: Milestone) -> dict[str, object]:
    dates = milestone.dates
    return {
        "key": milestone.key,
        "label": milestone.label,
        "kind": milestone.kind.value,
        "start": _iso(dates.start, dates.precision),
        "end": _iso(dates.end, dates.precision),
        "precision": dates.precision.value,
        "closes_at": dates.closes_at.isoformat("minutes") if dates.closes_at else None,
        "as_written": dates.as_written,
        "state": milestone.state.value,
    }


def _happening(entry: TimelineEntry) -> dict[str, object]:
    return {
        "start": _iso(entry.start, Precision.DAY),
        "end": _iso(entry.end, Precision.DAY),
        "text": entry.text,
    }


def _iso(day: date | None, precision: Precision) -> str | None:
    if day is None:
        return None
    return day.isoformat()[:7] if precision is Precision.MONTH else day.isoformat()
