"""How we know: what was read, when, what was not seen, and what the dates of this service are worth."""

from collections.abc import Sequence
from datetime import date, timedelta

from notifier.events.language import say, say_set
from notifier.events.model import Basis, EventKind
from notifier.events.telling import Telling
from notifier.events.titles import clean
from notifier.events.wording import day_month, days, moment, plain_day, span
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
        return say("{body} runs this service and has confirmed this.", body=t.body)
    if read is None:
        return say("{operator} has confirmed this.", operator=clean(t.service.operator))
    return say("We read {body}'s page {when} and {seen}.", body=t.body, when=read, seen=_seen(t))


def _schedule_evidence(t: Telling, read: str | None) -> str:
    """Say what a date rests on that nobody has seen come true."""
    if t.basis is Basis.CHECKED and read is not None:
        if t.kind is EventKind.NOT_YET:
            return say("We read {body}'s page {when} and did not find the guidance.", body=t.body, when=read)
        spans = t.payload.milestone_kind is not None and t.payload.milestone_kind.spans
        if spans:
            return say(
                "We read {body}'s page {when} and it still gave these dates; we have not seen {itself}.",
                body=t.body,
                when=read,
                itself=_itself(t),
            )
        return say(
            "We read {body}'s page {when} and it still gave this date; we have not seen {itself}.",
            body=t.body,
            when=read,
            itself=_itself(t),
        )
    tried = t.unreadable()
    if tried is not None:
        return _unread_evidence(t, tried, read)
    if t.own:
        return say("{body} runs this service; we have not seen {itself}.", body=t.body, itself=_itself(t))
    source = say("last read {when}", when=read) if read else _as_entered(t.service)
    return say(
        "We go by {body}'s schedule, {source}; we have not seen {itself}.",
        body=t.body,
        source=source,
        itself=_itself(t),
    )


def _unread_evidence(t: Telling, tried: str, read: str | None) -> str:
    """Say that the source was asked in vain, and what we go by instead."""
    known = say("as last read {when}", when=read) if read else _as_entered(t.service)
    return say(
        "We could not read {body}'s page {when}; we go by its schedule {source}; we have not seen {itself}.",
        body=t.body,
        when=tried,
        source=known,
        itself=_itself(t),
    )


def _as_entered(service: Service) -> str:
    return say("as entered by {operator}", operator=clean(service.operator))


def _change_evidence(t: Telling, read: str | None) -> str:
    what = say("its dates") if t.kind is EventKind.LISTED else say("the change")
    operator = clean(t.service.operator)
    if t.kind is EventKind.CORRECTION and t.payload.note:
        return say("{operator} runs this service and has corrected this.", operator=operator)
    if t.kind is EventKind.REOPENED and not t.confirmed and read is not None:
        return say(
            "We read {body}'s page {when} and saw {what}; we have not seen {itself}.",
            body=t.body,
            when=read,
            what=what,
            itself=_itself(t),
        )
    if t.own:
        return say("{body} runs this service and entered {what} itself.", body=t.body, what=what)
    if read is not None:
        return say("We read {body}'s page {when} and saw {what}.", body=t.body, when=read, what=what)
    return say("{operator} entered {what} here.", operator=operator, what=what)


def _seen(t: Telling) -> str:
    match t.kind:
        case EventKind.OPENED | EventKind.CLOSING_SOON if t.comments:
            return say("saw the consultation there")
        case EventKind.PUBLISHED | EventKind.EXPECTED:
            return say("saw the guidance there")
        case EventKind.NOT_YET:
            return say("did not find the guidance")
    return say("it said so")


def _itself(t: Telling) -> str:
    match t.payload.milestone_kind:
        case MilestoneKind.CONSULTATION:
            return say("the consultation itself")
        case MilestoneKind.PUBLICATION:
            return say("the guidance itself")
        case MilestoneKind.MEETING:
            return say("whether the committee meets")
    return say("more than the date")


def late_note(t: Telling) -> tuple[str, ...]:
    """Say that the alert is late, why, and that the time to act is what it was.

    An alert that an operator held back has his word for it as its `note`, which is not for the public.
    """
    late = t.payload.late_days
    if late <= 0 or t.today is None:
        return ()
    until = t.payload.day + timedelta(days=late)
    when = _days_without_year(t.payload.day, until)
    if t.payload.note:
        note = say(
            "This alert is {days} late: we were checking this date from {when}.", days=days(late), when=when
        )
    else:
        note = say(
            "This alert is {days} late: our service was not running from {when}.", days=days(late), when=when
        )
    still = (
        t.kind in (EventKind.OPENED, EventKind.CLOSING_SOON) and t.payload.deadline is not None and not t.over
    )
    if still:
        return (say("{note} The closing date has not changed.", note=note),)
    return (note,)


def _days_without_year(first: date, last: date) -> str:
    """Return "13 to 16 October", with years only where they differ."""
    if first.year != last.year:
        return span(first, last)
    start = say("{day}", day=first.day) if first.month == last.month else day_month(first)
    return say("{first} to {last}", first=start, last=day_month(last))


def end_note(t: Telling) -> tuple[str, ...]:
    """Say when alerts end for those who follow nothing but this procedure."""
    over = t.kind is EventKind.DISCONTINUED or (t.kind is EventKind.PUBLISHED and t.confirmed)
    if not over or t.today is None:
        return ()
    last = plain_day(t.payload.day + ENDS_AFTER)
    return (
        say(
            "If you follow only this {noun}, these alerts end on {day}.",
            noun=say_set(t.service.topic_noun),
            day=last,
        ),
    )


def standing(tellings: Sequence[Telling]) -> str:
    """Say whose service this is and what its dates are worth (promises §3), once for all of `tellings`."""
    first = tellings[0]
    if first.own:
        return say("Dates are provisional: {site} decides.", site=first.site)
    who = _not_run_by(first.body)
    read = {t.payload.read_at for t in tellings}
    if len(read) > 1:
        return say("{who} Dates are provisional and come from {site}.", who=who, site=first.site)
    read_at = first.payload.read_at
    if read_at is None:
        entered = _as_entered(first.service)
        return say(
            "{who} Dates are provisional and come from {site}, {source}.",
            who=who,
            site=first.site,
            source=entered,
        )
    return say(
        "{who} Dates are provisional and come from {site}, read at {when}.",
        who=who,
        site=first.site,
        when=moment(read_at, first.payload.zone),
    )


def standing_of(service: Service) -> str:
    """Say whose service this is where no date is given."""
    return "" if service.relation is Relation.OWN else _not_run_by(service.body)


def _not_run_by(body: str) -> str:
    return say("This service is not run by {body}.", body=clean(body))
