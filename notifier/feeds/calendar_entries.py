"""Which calendar entries a procedure's schedule gives, and in which words. Pure.

A consultation gives two entries, "Opens" and "Closes", rather than a bar of four weeks (promises §6). Only
exact days are entered: a month and "TBC" are shown on the page alone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from enum import StrEnum
from urllib.parse import quote

from notifier.feeds.calendar import CalendarEntry, EntryStatus
from notifier.procedures.model import Milestone, MilestoneKind, MilestoneState, Precision, Procedure, Status


class _Edge(StrEnum):
    """The day of a milestone that an entry stands for; part of the UID, so its values never change."""

    OPENS = "opens"
    CLOSES = "closes"
    DAY = "day"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Sentences that end the description of every entry, from the service's settings.

    `note` says who runs the service, that dates are provisional and where they come from. `usual_closing`
    says when comments usually close; it is told only where the source states no time (promises §1.8).
    """

    note: str = ""
    usual_closing: str = ""


def entries_of(
    procedure: Procedure,
    *,
    host: str,
    page_url: str,
    zone: tzinfo,
    changed_at: Mapping[str, datetime],
    default: datetime,
    provenance: Provenance,
) -> tuple[CalendarEntry, ...]:
    """Return the entries of a procedure in order of their days; none for a draft.

    `host` and the slug make the UIDs, `zone` places the times that the source states. `changed_at` gives for
    a milestone's key the instant of its latest revision, or of the procedure's latest change of status where
    that is later; `default` stands in for keys that are absent.

    Dates of a procedure that is not running do not count (promises §1.1), and each summary begins by saying
    so, because many programs show no STATUS. They are tentative, since a restart re-arms them, except where
    the procedure is discontinued: then they are cancelled. A withdrawn date is cancelled and stays. What the
    source shows to have happened is confirmed and keeps its words.
    """
    if procedure.draft:
        return ()
    entries = (
        CalendarEntry(
            uid=_uid(procedure.slug, milestone.key, edge, host),
            summary=_summary(procedure, milestone, edge),
            description=_description(procedure, milestone, edge, provenance),
            url=page_url,
            day=day,
            at=_stated_instant(milestone, edge, day, zone),
            sequence=milestone.revision,
            status=_status(procedure, milestone, edge),
            stamp=changed_at.get(milestone.key, default),
        )
        for milestone in procedure.milestones
        for edge, day in _days(milestone)
    )
    return tuple(sorted(entries, key=lambda entry: (entry.day, entry.uid)))


def _days(milestone: Milestone) -> Iterator[tuple[_Edge, date]]:
    dates = milestone.dates
    if dates.precision is not Precision.DAY:
        return
    if not milestone.kind.spans:
        if dates.start:
            yield _Edge.DAY, dates.start
        return
    if dates.start:
        yield _Edge.OPENS, dates.start
    if dates.end:
        yield _Edge.CLOSES, dates.end


def _uid(slug: str, key: str, edge: _Edge, host: str) -> str:
    """Join what never changes. Dots within a part are encoded, so that no two milestones can share a UID."""
    parts = (quote(part, safe="").replace(".", "%2E") for part in (slug, key, edge))
    return f"{'.'.join(parts)}@{host}"


def _stated_instant(milestone: Milestone, edge: _Edge, day: date, zone: tzinfo) -> datetime | None:
    if edge is not _Edge.CLOSES or milestone.dates.closes_at is None:
        return None
    return datetime.combine(day, milestone.dates.closes_at, tzinfo=zone)


def _counts(procedure: Procedure, milestone: Milestone, edge: _Edge) -> bool:
    """Whether people may act on the day, or it is history.

    A consultation seen to have opened can still be suspended before it closes, so its closing is history only
    once the procedure is complete.
    """
    if procedure.status.running:
        return True
    seen = milestone.state is MilestoneState.REACHED
    return seen and (edge is not _Edge.CLOSES or procedure.status is Status.COMPLETE)


def _status(procedure: Procedure, milestone: Milestone, edge: _Edge) -> EntryStatus:
    if milestone.state is MilestoneState.WITHDRAWN:
        return EntryStatus.CANCELLED
    if not _counts(procedure, milestone, edge):
        discontinued = procedure.status is Status.DISCONTINUED
        return EntryStatus.CANCELLED if discontinued else EntryStatus.TENTATIVE
    seen = milestone.state is MilestoneState.REACHED
    return EntryStatus.CONFIRMED if seen else EntryStatus.TENTATIVE


def _summary(procedure: Procedure, milestone: Milestone, edge: _Edge) -> str:
    title = procedure.title
    if procedure.shown_id not in title:
        title = f"{title} ({procedure.shown_id})"
    words = f"{_lead(milestone, edge)} {title}"
    if milestone.state is MilestoneState.WITHDRAWN:
        return f"Removed. {words}"
    if _counts(procedure, milestone, edge):
        return words
    so_far = "No longer counts" if procedure.status.ended else "Does not count now"
    return f"{so_far} ({_status_word(procedure)}). {words}"


def _lead(milestone: Milestone, edge: _Edge) -> str:
    match milestone.kind, edge:
        case MilestoneKind.CONSULTATION, _Edge.OPENS:
            return "Opens: comments on"
        case MilestoneKind.CONSULTATION, _Edge.CLOSES:
            return "Closes: comments on"
        case _, _Edge.OPENS:
            return f"Opens: {milestone.label},"
        case _, _Edge.CLOSES:
            return f"Ends: {milestone.label},"
        case MilestoneKind.PUBLICATION, _:
            seen = milestone.state is MilestoneState.REACHED
            return "Published:" if seen else "Publication expected:"
        case _:
            return f"{milestone.label}:"


def _description(procedure: Procedure, milestone: Milestone, edge: _Edge, provenance: Provenance) -> str:
    as_written = milestone.dates.as_written
    lines = [f"Listed as: {milestone.label}{', ' if as_written else ''}{as_written}"]
    if milestone.state is MilestoneState.WITHDRAWN:
        lines.append("This date was removed from the schedule.")
    elif not _counts(procedure, milestone, edge):
        lines.append(f"Status: {_status_word(procedure)}. Dates do not count while that is so.")
    elif edge is _Edge.CLOSES and milestone.dates.closes_at is None:
        lines.append(provenance.usual_closing)
    lines.append(provenance.note)
    return "\n".join(line for line in lines if line)


def _status_word(procedure: Procedure) -> str:
    """Return the source's own word; of an unknown status without one, that it is unknown."""
    if procedure.facts.status_as_written:
        return procedure.facts.status_as_written
    if procedure.status is Status.UNKNOWN:
        return "status not known"
    return procedure.status.value.replace("_", " ")
