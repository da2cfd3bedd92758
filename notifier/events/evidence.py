"""How we know: what was read, when, what was not seen, and what the dates of this service are worth."""

from collections.abc import Sequence
from datetime import timedelta

from notifier.events.model import Basis, EventKind
from notifier.events.telling import Telling
from notifier.events.titles import clean
from notifier.events.wording import count, moment, plain_day, span
from notifier.procedures.model import MilestoneKind
from notifier.settings import Relation, Service

ENDS_AFTER = timedelta(days=30)
"""How long following one procedure lasts after it is published or discontinued (promises §6)."""

_CHANGE_KINDS = frozenset(
    (
        EventKind.DATE_ADDED,
        EventKind.DATE_SET,
        EventKind.MOVED,
        EventKind.EXTENDED,
        EventKind.SHORTENED,
        EventKind.REMOVED,
        EventKind.REOPENED,
        EventKind.CORRECTION,
    )
)
STATUS_KINDS = frozenset((EventKind.SUSPENDED, EventKind.RESTARTED, EventKind.DISCONTINUED))


def how_we_know(t: Telling) -> tuple[str, ...]:
    """Return what the words rest on: what was read, when, and what was not seen."""
    return (_evidence(t),)


def _evidence(t: Telling) -> str:
    if t.kind in _CHANGE_KINDS or t.kind in STATUS_KINDS or t.kind is EventKind.LISTED:
        return _change_evidence(t, t.read())
    if t.confirmed:
        return _confirmed_evidence(t, t.read())
    return _schedule_evidence(t, t.read())


def _confirmed_evidence(t: Telling, read: str | None) -> str:
    if t.own:
        return f"{t.body} runs this service and has confirmed this."
    if read is None:
        return f"{clean(t.service.operator)} has confirmed this."
    return f"We read {t.body}'s page {read} and {_seen(t)}."


def _schedule_evidence(t: Telling, read: str | None) -> str:
    """Say what a date rests on that nobody has seen come true."""
    if t.basis is Basis.CHECKED and read is not None:
        if t.kind is EventKind.NOT_YET:
            return f"We read {t.body}'s page {read} and did not find the guidance."
        spans = t.payload.milestone_kind is not None and t.payload.milestone_kind.spans
        these = "these dates" if spans else "this date"
        return f"We read {t.body}'s page {read} and it still gave {these}; we have not seen {_itself(t)}."
    tried = t.unreadable()
    if tried is not None:
        return _unread_evidence(t, tried, read)
    if t.own:
        return f"{t.body} runs this service; we have not seen {_itself(t)}."
    source = f"last read {read}" if read else f"as entered by {clean(t.service.operator)}"
    return f"We go by {t.body}'s schedule, {source}; we have not seen {_itself(t)}."


def _unread_evidence(t: Telling, tried: str, read: str | None) -> str:
    """Say that the source was asked in vain, and what we go by instead."""
    known = f"as last read {read}" if read else f"as entered by {clean(t.service.operator)}"
    return (
        f"We could not read {t.body}'s page {tried}; we go by its schedule {known}; "
        f"we have not seen {_itself(t)}."
    )


def _change_evidence(t: Telling, read: str | None) -> str:
    what = "its dates" if t.kind is EventKind.LISTED else "the change"
    if t.kind is EventKind.CORRECTION and t.payload.note:
        return f"{clean(t.service.operator)} runs this service and has corrected this."
    if t.kind is EventKind.REOPENED and not t.confirmed and read is not None:
        return f"We read {t.body}'s page {read} and saw {what}; we have not seen {_itself(t)}."
    if t.own:
        return f"{t.body} runs this service and entered {what} itself."
    if read is not None:
        return f"We read {t.body}'s page {read} and saw {what}."
    return f"{clean(t.service.operator)} entered {what} here."


def _seen(t: Telling) -> str:
    match t.kind:
        case EventKind.OPENED | EventKind.CLOSING_SOON if t.comments:
            return "saw the consultation there"
        case EventKind.PUBLISHED | EventKind.EXPECTED:
            return "saw the guidance there"
        case EventKind.NOT_YET:
            return "did not find the guidance"
    return "it said so"


def _itself(t: Telling) -> str:
    match t.payload.milestone_kind:
        case MilestoneKind.CONSULTATION:
            return "the consultation itself"
        case MilestoneKind.PUBLICATION:
            return "the guidance itself"
        case MilestoneKind.MEETING:
            return "whether the committee meets"
    return "more than the date"


def late_note(t: Telling) -> tuple[str, ...]:
    """Say that the alert is late, why, and that the time to act is what it was.

    An alert that an operator held back has his word for it as its `note`, which is not for the public.
    """
    late = t.payload.late_days
    if late <= 0 or t.today is None:
        return ()
    until = t.payload.day + timedelta(days=late)
    days = span(t.payload.day, until)
    if t.payload.day.year == until.year:
        days = days.removesuffix(f" {until.year}")
    why = "our service was not running" if not t.payload.note else "we were checking this date"
    note = f"This alert is {count(late, 'day')} late: {why} from {days}."
    still = (
        t.kind in (EventKind.OPENED, EventKind.CLOSING_SOON) and t.payload.deadline is not None and not t.over
    )
    return (f"{note} The closing date has not changed.",) if still else (note,)


def end_note(t: Telling) -> tuple[str, ...]:
    """Say when alerts end for those who follow nothing but this procedure."""
    over = t.kind is EventKind.DISCONTINUED or (t.kind is EventKind.PUBLISHED and t.confirmed)
    if not over or t.today is None:
        return ()
    last = plain_day(t.payload.day + ENDS_AFTER)
    return (f"If you follow only this {t.service.topic_noun}, these alerts end on {last}.",)


def standing(tellings: Sequence[Telling]) -> str:
    """Say whose service this is and what its dates are worth (promises §3), once for all of `tellings`."""
    first = tellings[0]
    if first.own:
        return f"Dates are provisional: {first.site} decides."
    line = f"{_not_run_by(first.body)} Dates are provisional and come from {first.site}"
    read = {t.payload.read_at for t in tellings}
    if len(read) > 1:
        return f"{line}."
    read_at = first.payload.read_at
    if read_at is None:
        return f"{line}, as entered by {clean(first.service.operator)}."
    return f"{line}, read at {moment(read_at, first.payload.zone)}."


def standing_of(service: Service) -> str:
    """Say whose service this is where no date is given."""
    return "" if service.relation is Relation.OWN else _not_run_by(service.body)


def _not_run_by(body: str) -> str:
    return f"This service is not run by {clean(body)}."
