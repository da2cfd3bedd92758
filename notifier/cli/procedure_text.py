"""A procedure as the coordinator reads it on a terminal."""

from collections.abc import Sequence
from datetime import date

from notifier.events.forecast import Forecast
from notifier.events.forecast_words import instant_words
from notifier.events.hand_reading import Announced, View
from notifier.events.staff.words import due_sentence
from notifier.events.titles import clean
from notifier.events.wording import dates_words, moment
from notifier.procedures.model import Milestone, MilestoneState, Precision, Procedure
from notifier.procedures.revision_store import Recorded
from notifier.procedures.store import milestone_from_text


def line_of(found: Procedure, *, today: date) -> str:
    """Return one procedure as a line: reference, ID, status, marks, its next date and its title."""
    status = clean(found.facts.status_as_written or found.status.value)
    marks = "".join(f" [{mark}]" for mark in _marks(found))
    return f"{found.slug}  {found.shown_id}  {status}{marks}  {_next(found, today)}  {clean(found.title)}"


def view_text(view: View, *, zone: str) -> str:
    """Return everything about one procedure."""
    found = view.procedure
    marks = "".join(f" [{mark}]" for mark in _marks(found))
    aliases = ", ".join(one for one in found.references if one != found.slug)
    head = [
        f"{found.slug} ({found.shown_id}){marks}: {clean(found.title)}",
        f"Status: {clean(found.facts.status_as_written or 'not given')} ({found.status.value})",
        *([f"Also known as: {aliases}"] if aliases else []),
        f"Source: {found.source_key or 'nobody watches it; it changes when it is imported'}",
    ]
    sections = [
        ("Dates", [_date_line(one) for one in found.milestones]),
        ("To be said", [_coming_line(one, zone) for one in view.coming]),
        ("Said (newest first)", [_told_line(one, zone) for one in view.announced]),
        ("Changed (newest first)", [_change_line(one, zone) for one in view.revisions]),
    ]
    lines = [line for heading, part in sections for line in ("", heading, *(part or ["  nothing"]))]
    return "\n".join([*head, *lines])


def _marks(found: Procedure) -> list[str]:
    held = any(one.held for one in found.milestones)
    marks = {"draft": found.draft, "held": found.held, "some dates held": held and not found.held}
    return [mark for mark, stands in marks.items() if stands]


def _next(found: Procedure, today: date) -> str:
    coming = [
        (one.dates.start, one)
        for one in found.milestones
        if one.state is MilestoneState.PLANNED
        and one.dates.precision is Precision.DAY
        and one.dates.start is not None
        and (one.dates.end or one.dates.start) >= today
    ]
    if not coming:
        return "no date to come"
    _, one = min(coming, key=lambda pair: pair[0])
    return f"{dates_words(one.dates)}: {clean(one.label)}"


def _date_line(one: Milestone) -> str:
    held = " [held]" if one.held else ""
    dates = dates_words(one.dates, weekdays=True)
    written = f" (“{clean(one.dates.as_written)}”)" if dates == "not set" and one.dates.as_written else ""
    return f"  {one.key}: {clean(one.label)}, {dates}{written}, {one.kind.value}, {one.state.value}{held}"


def _coming_line(one: Forecast, zone: str) -> str:
    return f"  {instant_words(one.at, zone)}: {due_sentence(one)}"


def _told_line(one: Announced, zone: str) -> str:
    corrected = " [corrected]" if one.corrected else ""
    event = one.event
    title = clean(event.payload.entry_title)
    when = moment(event.recorded_at, zone)
    return f"  {event.public_id[:8]}  {one.name}  {when}, {event.basis.value}{corrected}: {title}"


def _change_line(one: Recorded, zone: str) -> str:
    what = clean(one.milestone_label or "") or "the whole"
    whole = one.milestone_key is None
    change = f"{_side(one.old, whole=whole)} → {_side(one.new, whole=whole)}"
    return f"  {moment(one.at, zone)}, {clean(one.actor)}: {what}: {change} ({clean(one.reason)})"


def _side(text: str | None, *, whole: bool) -> str:
    """Return what a revision keeps as people read it; a milestone is kept as JSON."""
    if text is None:
        return "none"
    if whole:
        return clean(text)
    one = milestone_from_text(text)
    held = ", held" if one.held else ""
    return f"{dates_words(one.dates)}, {one.state.value}{held}"


def lines_of(found: Sequence[Procedure], *, today: date) -> str:
    """Return procedures, a line each."""
    return "\n".join(line_of(one, today=today) for one in found) or "There is no procedure yet."
