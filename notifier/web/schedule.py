"""The dates of one procedure as a table, and each row's place in words. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from notifier.events.titles import clean
from notifier.events.wording import count, dates_words, hour
from notifier.procedures.due import Rules, closing_instant
from notifier.procedures.model import (
    Dates,
    Milestone,
    MilestoneKind,
    MilestoneState,
    Precision,
    Procedure,
    Status,
)
from notifier.settings import Service
from notifier.web.answer import days_left, is_open


@dataclass(frozen=True, slots=True, kw_only=True)
class DateLine:
    """One row of the table: what the source calls it, when, and where it stands.

    `machine` is the date for programs, empty for a range. `struck`: it is of no force, because it was removed
    or its procedure does not run; what took place, and the past of what is complete, is history instead.
    """

    label: str
    when: str
    machine: str
    standing: str
    struck: bool
    over: bool


def date_lines(procedure: Procedure, *, rules: Rules, now: datetime) -> Sequence[DateLine]:
    """Return the rows in the order of the source; what was removed comes last."""
    ordered = sorted(procedure.milestones, key=lambda one: one.state is MilestoneState.WITHDRAWN)
    return [_line(procedure, one, rules, now) for one in ordered]


def _line(procedure: Procedure, one: Milestone, rules: Rules, now: datetime) -> DateLine:
    past = _is_past(one, rules, now)
    return DateLine(
        label=clean(one.label),
        when=_when(one.dates),
        machine=_machine(one.dates),
        standing=_standing(procedure, one, rules, now),
        struck=_is_struck(procedure, one, past),
        over=past,
    )


def force(procedure: Procedure, *, service: Service) -> str:
    """Say why the dates of a procedure are no more than history, or do not count; nothing while they do."""
    status, body, noun = procedure.status, clean(service.body), service.topic_noun
    if status.running:
        return ""
    if status is Status.COMPLETE:
        seen = any(
            one.kind is MilestoneKind.PUBLICATION and one.state is MilestoneState.REACHED
            for one in procedure.milestones
        )
        news = "has published its guidance" if seen else f"lists its work on this {noun} as complete"
        return f"{body} {news}; these dates are history."
    if status is Status.DISCONTINUED:
        return f"{body} has discontinued work on this {noun}; these dates no longer count."
    return f"These dates do not count for now, because of the status of this {noun}."


def _is_struck(procedure: Procedure, one: Milestone, past: bool) -> bool:
    if one.state is MilestoneState.WITHDRAWN or procedure.status.running:
        return one.state is MilestoneState.WITHDRAWN
    return one.state is not MilestoneState.REACHED and not (past and procedure.status is Status.COMPLETE)


def _when(dates: Dates) -> str:
    """Return the dates in words; where they are none, also what the source says instead."""
    if dates.start is None or dates.precision is Precision.UNKNOWN:
        written = clean(dates.as_written)
        return f"Not set (given as “{written}”)" if written else "Not set"
    at = f", {hour(dates.closes_at)}" if dates.closes_at is not None else ""
    return f"{dates_words(dates, weekdays=True)}{at}"


def _machine(dates: Dates) -> str:
    """Return the value of a `<time>`: a day or a month; empty for a range, which HTML has no form for."""
    if dates.start is None or dates.end not in (None, dates.start):
        return ""
    return {Precision.DAY: f"{dates.start:%Y-%m-%d}", Precision.MONTH: f"{dates.start:%Y-%m}"}.get(
        dates.precision, ""
    )


def is_over(one: Milestone, rules: Rules, now: datetime) -> bool:
    """Whether the day of a milestone lies behind us; of a window, its closing."""
    if one.dates.precision is not Precision.DAY:
        return False
    closes = closing_instant(one, rules)
    last = one.dates.end or one.dates.start
    return closes <= now if closes is not None else last is not None and last < rules.local_date(now)


def _is_past(one: Milestone, rules: Rules, now: datetime) -> bool:
    """Whether a date lies behind us; of a month, all of it."""
    start = one.dates.start
    if one.dates.precision is Precision.MONTH and start is not None:
        return start < rules.local_date(now).replace(day=1)
    return is_over(one, rules, now)


def _standing(procedure: Procedure, one: Milestone, rules: Rules, now: datetime) -> str:
    if one.state is MilestoneState.WITHDRAWN:
        return "Removed from the schedule"
    over, seen = _is_past(one, rules, now), one.state is MilestoneState.REACHED
    if seen and (over or not one.kind.spans):
        return _SEEN.get(one.kind, "Took place")
    if not procedure.status.running:
        return _no_force(procedure.status, over)
    if procedure.held or one.held:
        return "We are checking this date"
    if one.dates.precision is not Precision.DAY or one.dates.start is None:
        return "Month passed, no day was given" if over else "No day yet"
    return _distance(one, one.dates.start, over, rules, now)


def _no_force(status: Status, over: bool) -> str:
    """Say what a date is worth that its procedure's status has put out of force: for good, or for now."""
    if over:
        return "Past" if status is Status.COMPLETE else "Past; does not count"
    return "No longer counts" if status.ended else "Does not count for now"


_SEEN = {
    MilestoneKind.CONSULTATION: "Took place, closed",
    MilestoneKind.WINDOW: "Took place, ended",
    MilestoneKind.PUBLICATION: "Published",
}


def _distance(one: Milestone, start: date, over: bool, rules: Rules, now: datetime) -> str:
    """Say how far off a date is. One that has passed is no proof of anything, and is not said to be."""
    today = rules.local_date(now)
    if over:
        return "Date passed, not seen published" if one.kind is MilestoneKind.PUBLICATION else "Date passed"
    if is_open(one, rules, now):
        left = days_left(one.dates.end or start, today)
        seen = one.state is MilestoneState.REACHED
        return f"Open, {left}" if seen else f"Scheduled to be open, {left}"
    if start <= today:
        return "Scheduled for today"
    return f"Expected in {count((start - today).days, 'day')}"
