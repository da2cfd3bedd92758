"""Leads and first sentences for dates that have come: opening, closing, meetings, publication.

A date that has passed is no proof that anything happened: "open", "published" and "discussed" are said only
of what is confirmed (promises §1.2).
"""

from datetime import date

from notifier.events.model import Basis
from notifier.events.telling import Telling
from notifier.events.titles import clean
from notifier.events.wording import full_day, local, moment, plain_day, short_day, span, weekday
from notifier.events.words import Said
from notifier.procedures.model import MilestoneKind, Precision


def opened(t: Telling) -> Said:
    """Say that people can act from now on, or that they are scheduled to."""
    if t.over:
        return closed(t)
    deadline = t.payload.deadline
    if t.payload.learnt_on is not None:
        return _learnt(t, t.payload.learnt_on)
    if t.confirmed:
        return Said(lead=_open_lead(t, deadline), sentence=_open_sentence(t, deadline))
    return Said(lead=_due_to_open_lead(t), sentence=_due_to_open_sentence(t, deadline))


def _open_lead(t: Telling, deadline: date | None) -> str:
    label = t.short_label(t.label, "")
    what = "Open for comment" if t.comments else f"{label}: open" if label else "Open"
    if deadline is None:
        return what
    if t.today is None:
        return f"{what} until {plain_day(deadline)}"
    return f"Comment by {short_day(deadline)}" if t.comments else f"Open to {short_day(deadline)}"


def _open_sentence(t: Telling, deadline: date | None) -> str:
    until = "" if deadline is None else f" until {t.closing(deadline)}"
    if not t.comments:
        return f"“{t.label}” is open for {t.topic}{until}."
    return (
        f"{t.topic} is open for comment{until}."
        if t.today is None
        else f"You can now comment on {t.topic}{until}."
    )


def _due_to_open_lead(t: Telling) -> str:
    if t.today is not None and (t.payload.late_days or not t.is_today(t.day)) and t.payload.deadline:
        return f"{'Comment by' if t.comments else 'Due to end'} {short_day(t.payload.deadline)}"
    if t.is_today(t.day):
        return "Due to open today"
    what = "Comments" if t.comments else t.short_label(t.label, "Opening")
    return f"{what} scheduled for {span(t.day, t.payload.deadline or t.day)}"


def _due_to_open_sentence(t: Telling, deadline: date | None) -> str:
    what = f"Comments on {t.topic}" if t.comments else f"“{t.label}” for {t.topic}"
    verb = "are" if t.comments else "is"
    if t.today is not None and t.day < t.today:
        verb = "were" if t.comments else "was"
    close = "" if deadline is None else f", and to {'close' if t.comments else 'end'} on {full_day(deadline)}"
    return f"{what} {verb} scheduled to open {t.on(t.day)}{close}."


def _learnt(t: Telling, learnt: date) -> Said:
    deadline = t.payload.deadline
    until = "" if deadline is None else f" until {t.closing(deadline)}"
    act = f"you can comment on {t.topic}" if t.comments else f"this is “{t.label}” for {t.topic}"
    if t.confirmed:
        sentence = f"Open for comment; we learnt of it on {full_day(learnt)}: {act}{until}."
        if not t.comments:
            sentence = f"Open; we learnt of it on {full_day(learnt)}: {act}{until}."
        return Said(lead=_open_lead(t, deadline), sentence=sentence)
    what = f"comments on {t.topic}" if t.comments else f"“{t.label}” of {t.topic}"
    gives = span(t.day, deadline or t.day, weekdays=True)
    sentence = (
        f"Scheduled; we learnt of it on {full_day(learnt)}: {t.body}'s schedule gives {gives} for {what}."
    )
    return Said(lead=_due_to_open_lead(t), sentence=sentence)


def closing_soon(t: Telling) -> Said:
    """Say how long there is left: a week, some days, until a weekday, or tomorrow."""
    if t.over:
        return closed(t)
    deadline = t.payload.deadline or t.payload.day
    what = f"comments on {t.topic} close" if t.comments else f"“{t.label}” for {t.topic} ends"
    plain = f"{what[0].upper()}{what[1:]} {t.closing(deadline, after='on')}."
    if t.today is None:
        lead = "Comments close on" if t.comments else f"{t.label or 'Window'} ends on"
        return Said(lead=f"{lead} {plain_day(deadline)} ({_which(t, deadline)} reminder)", sentence=plain)
    left = (deadline - t.today).days
    verb, comment = ("Closes", " to comment") if t.comments else ("Ends", "")
    if left == 7:
        return Said(
            lead=f"7 days left{comment}", sentence=f"One week left: {what} {t.closing(deadline, after='on')}."
        )
    if left > 4:
        lead = f"{left} days left"
        return Said(lead=f"{lead}{comment}", sentence=f"{lead}: {what} {t.closing(deadline, after='on')}.")
    if left > 1:
        return Said(lead=f"{verb} on {weekday(deadline)}, {short_day(deadline)}", sentence=plain)
    near = "tomorrow" if left == 1 else "today"
    hour = _stated_hour(t)
    return Said(
        lead=f"{verb} {near}, {short_day(deadline)}",
        sentence=f"{what[0].upper()}{what[1:]} {near}, {full_day(deadline)}{hour}.",
    )


def _which(t: Telling, deadline: date) -> str:
    """Tell the two reminders of one closing apart: the first is never less than a week ahead of it.

    The last is on the working day before; both titles stand in a feed, where no word may lean on today.
    """
    return "first" if (deadline - t.payload.day).days >= 7 else "last"


def _stated_hour(t: Telling) -> str:
    """Return ", at 5pm" where the source states it, else " (NICE usually closes at 5pm)"."""
    day = t.payload.deadline or t.payload.day
    said = t.closing(day)
    return f", at {said.partition(' on ')[0]}" if t.payload.time_stated and t.payload.closes_at else t.habit()


def closed(t: Telling) -> Said:
    """Say that the time to act is over, and what comes next."""
    deadline = t.payload.deadline or t.payload.day
    what = f"The time to comment on {t.topic}" if t.comments else f"“{t.label}” for {t.topic}"
    lead = "Comments closed" if t.comments else f"{t.short_label(t.label, 'Window')} ended"
    if t.today is None:
        lead = f"{lead} on {plain_day(deadline)}"
    return Said(
        lead=lead, sentence=f"{what} ended {t.closing(deadline, after='on')}.", notes=_after_closing(t)
    )


def _after_closing(t: Telling) -> tuple[str, ...]:
    """Say the next date that is a day: the committee's, if it is a meeting's."""
    for step in t.payload.next_dates:
        start, exact = step.dates.start, step.dates.precision is Precision.DAY
        if start is None or not exact or step.dates.end is not None or step.label == t.payload.label:
            continue
        when = plain_day(start)
        if t.comments and any(word in step.label.casefold() for word in ("ipac", "committee", "meeting")):
            return (f"Next: the committee is due to consider the comments on {when}.",)
        return (f"Next: {clean(step.label)}, {when}.",)
    return ()


def meeting(t: Telling) -> Said:
    """Say that a committee is scheduled to discuss the topic, or did."""
    label = t.short_label(t.label, "Meeting")
    if t.confirmed:
        lead = f"Discussed at {label}" if t.label else "Discussed"
        lead = lead if t.today is not None else f"{lead} on {plain_day(t.day)}"
        return Said(
            lead=lead, sentence=f"{t.topic} was discussed by {t.body}'s advisory committee {t.on(t.day)}."
        )
    tense = "was" if t.today is not None and t.day < t.today else "is"
    return Said(
        lead=_listed_for(t, label),
        sentence=f"{t.body}'s advisory committee {tense} scheduled to discuss {t.topic} {t.on(t.day)}.",
    )


def _listed_for(t: Telling, label: str) -> str:
    return f"{label} listed for {'today' if t.is_today(t.day) else t.brief(t.day)}"


def expected(t: Telling) -> Said:
    """Say that the day given for publication has come; no claim that anything was published."""
    if t.confirmed:
        return published(t)
    lead = "Guidance expected today" if t.is_today(t.day) else f"Guidance expected on {t.brief(t.day)}"
    gives = f"{t.body}'s schedule gives {t.given(t.day)} for publishing {t.topic}"
    return Said(lead=lead, sentence=f"{gives}; we have not seen it published.")


def not_yet(t: Telling) -> Said:
    """Say, once, that what was expected has not been seen: looked for in vain, or impossible to look for."""
    was = f"{t.topic} was expected on {full_day(t.day)}"
    again = "We write again when it is published or dated, not before."
    read_at = t.payload.read_at
    feed = "" if t.today is not None else f", expected on {plain_day(t.day)}"
    if t.basis is Basis.SCHEDULED or read_at is None:
        cannot = "cannot" if t.unreadable() is None else "could not"
        return Said(
            lead=f"Not seen published yet{feed}",
            sentence=f"{was}; we have not seen it published, and we {cannot} read {t.site} to check.",
            notes=(again,),
        )
    seen = moment(read_at, t.payload.zone, weekdays=True)
    return Said(
        lead=f"Not yet published{feed}", sentence=f"{was} and was not on {t.site} at {seen}.", notes=(again,)
    )


def reached(t: Telling) -> Said:
    """Say that the day of a resolution or of another date has come."""
    what = "the resolution" if t.payload.milestone_kind is MilestoneKind.RESOLUTION else f"“{t.label}”"
    label = t.short_label(t.label, "A date")
    if t.confirmed:
        lead = f"{label} took place" if t.today is not None else f"{label} took place on {plain_day(t.day)}"
        return Said(lead=lead, sentence=f"{t.body} says that {what} of {t.topic} took place {t.on(t.day)}.")
    given = t.given(t.day)
    return Said(
        lead=_listed_for(t, label), sentence=f"{t.body}'s schedule gives {given} for {what} of {t.topic}."
    )


def published(t: Telling) -> Said:
    """Say that guidance is published, and when it was seen; unconfirmed, only that it is listed so."""
    if not t.confirmed:
        sentence = f"{t.body} lists its work on {t.topic} as complete; we have not seen the guidance itself."
        return Said(lead="Listed as complete", sentence=sentence)
    read_at = t.payload.read_at
    seen = (
        ""
        if read_at is None
        else f" (seen on its website at {moment(read_at, t.payload.zone, weekdays=True)})"
    )
    if t.today is None and read_at is not None:
        feed = f", seen on {plain_day(local(read_at, t.payload.zone).date())}"
    else:
        feed = ""
    return Said(lead=f"Published{feed}", sentence=f"{t.body} has published its guidance on {t.topic}{seen}.")
