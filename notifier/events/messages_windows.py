"""Leads and first sentences for a time to act that opens, runs out, or is over.

"Open" is said only of what is confirmed (promises §1.2).
"""

from datetime import date

from notifier.events.language import say, say_many
from notifier.events.telling import Telling
from notifier.events.titles import clean
from notifier.events.wording import full_day, hour, plain_day, short_day, span, weekday
from notifier.events.words import Said
from notifier.procedures.model import Precision


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
    if t.comments:
        what = say("Open for comment")
    else:
        what = say("{label}: open", label=label) if label else say("Open")
    if deadline is None:
        return what
    if t.today is None:
        return say("{what} until {day}", what=what, day=plain_day(deadline))
    if t.comments:
        return say("Comment by {day}", day=short_day(deadline))
    return say("Open to {day}", day=short_day(deadline))


def _open_sentence(t: Telling, deadline: date | None) -> str:
    until = _until(t, deadline)
    if not t.comments:
        return say("“{label}” is open for {topic}{until}.", label=t.label, topic=t.topic, until=until)
    if t.today is None:
        return say("{topic} is open for comment{until}.", topic=t.topic, until=until)
    return say("You can now comment on {topic}{until}.", topic=t.topic, until=until)


def _until(t: Telling, deadline: date | None) -> str:
    """Return " until 5pm on Friday 11 November 2022"; nothing where no end is known."""
    return "" if deadline is None else say(" until {when}", when=t.closing(deadline))


def _due_to_open_lead(t: Telling) -> str:
    if t.today is not None and (t.payload.late_days or not t.is_today(t.day)) and t.payload.deadline:
        if t.comments:
            return say("Comment by {day}", day=short_day(t.payload.deadline))
        return say("Due to end {day}", day=short_day(t.payload.deadline))
    if t.is_today(t.day):
        return say("Due to open today")
    what = say("Comments") if t.comments else t.short_label(t.label, say("Opening"))
    return say("{what} scheduled for {days}", what=what, days=span(t.day, t.payload.deadline or t.day))


def _due_to_open_sentence(t: Telling, deadline: date | None) -> str:
    values = {"topic": t.topic, "label": t.label, "day": t.on(t.day), "close": _and_to_close(t, deadline)}
    past = t.today is not None and t.day < t.today
    if t.comments:
        if past:
            return say("Comments on {topic} were scheduled to open {day}{close}.", **values)
        return say("Comments on {topic} are scheduled to open {day}{close}.", **values)
    if past:
        return say("“{label}” for {topic} was scheduled to open {day}{close}.", **values)
    return say("“{label}” for {topic} is scheduled to open {day}{close}.", **values)


def _and_to_close(t: Telling, deadline: date | None) -> str:
    if deadline is None:
        return ""
    if t.comments:
        return say(", and to close on {day}", day=full_day(deadline))
    return say(", and to end on {day}", day=full_day(deadline))


def _learnt(t: Telling, learnt: date) -> Said:
    deadline = t.payload.deadline
    values = {"topic": t.topic, "label": t.label, "body": t.body, "day": full_day(learnt)}
    if t.confirmed:
        until = _until(t, deadline)
        if t.comments:
            sentence = say(
                "Open for comment; we learnt of it on {day}: you can comment on {topic}{until}.",
                until=until,
                **values,
            )
        else:
            sentence = say(
                "Open; we learnt of it on {day}: this is “{label}” for {topic}{until}.", until=until, **values
            )
        return Said(lead=_open_lead(t, deadline), sentence=sentence)
    gives = span(t.day, deadline or t.day, weekdays=True)
    if t.comments:
        sentence = say(
            "Scheduled; we learnt of it on {day}: {body}'s schedule gives {days} for comments on {topic}.",
            days=gives,
            **values,
        )
    else:
        sentence = say(
            "Scheduled; we learnt of it on {day}: {body}'s schedule gives {days} for “{label}” of {topic}.",
            days=gives,
            **values,
        )
    return Said(lead=_due_to_open_lead(t), sentence=sentence)


def closing_soon(t: Telling) -> Said:
    """Say how long there is left: a week, some days, until a weekday, or tomorrow."""
    if t.over:
        return closed(t)
    deadline = t.payload.deadline or t.payload.day
    if t.today is None:
        return Said(lead=_closing_title(t, deadline), sentence=_closes(t, deadline))
    left = (deadline - t.today).days
    if left > 4:
        return _days_left(t, deadline, left)
    if left > 1:
        values = {"weekday": weekday(deadline), "day": short_day(deadline)}
        lead = say("Closes on {weekday}, {day}", **values)
        if not t.comments:
            lead = say("Ends on {weekday}, {day}", **values)
        return Said(lead=lead, sentence=_closes(t, deadline))
    return _closes_now(t, deadline, tomorrow=left == 1)


def _closing_title(t: Telling, deadline: date) -> str:
    """Tell the two reminders of one closing apart: the first is never less than a week ahead of it.

    The last is on the working day before; both titles stand in a feed, where no word may lean on today.
    """
    first = (deadline - t.payload.day).days >= 7
    label, day = t.label or say("Window"), plain_day(deadline)
    if t.comments:
        if first:
            return say("Comments close on {day} (first reminder)", day=day)
        return say("Comments close on {day} (last reminder)", day=day)
    if first:
        return say("{label} ends on {day} (first reminder)", label=label, day=day)
    return say("{label} ends on {day} (last reminder)", label=label, day=day)


def _closes(t: Telling, deadline: date) -> str:
    values = {"topic": t.topic, "label": t.label, "when": t.at_closing(deadline)}
    if t.comments:
        return say("Comments on {topic} close {when}.", **values)
    return say("“{label}” for {topic} ends {when}.", **values)


def _days_left(t: Telling, deadline: date, left: int) -> Said:
    values = {"topic": t.topic, "label": t.label, "when": t.at_closing(deadline)}
    if t.comments:
        lead = say_many("{number} day left to comment", "{number} days left to comment", left)
        what = say("comments on {topic} close {when}", **values)
    else:
        lead = say_many("{number} day left", "{number} days left", left)
        what = say("“{label}” for {topic} ends {when}", **values)
    if left == 7:
        return Said(lead=lead, sentence=say("One week left: {what}.", what=what))
    sentence = say_many("{number} day left: {what}.", "{number} days left: {what}.", left, what=what)
    return Said(lead=lead, sentence=sentence)


def _closes_now(t: Telling, deadline: date, *, tomorrow: bool) -> Said:
    """Say that it ends tomorrow or today, with the hour."""
    brief = short_day(deadline)
    values = {"topic": t.topic, "label": t.label, "day": full_day(deadline), "time": _stated_hour(t)}
    if t.comments and tomorrow:
        return Said(
            lead=say("Closes tomorrow, {day}", day=brief),
            sentence=say("Comments on {topic} close tomorrow, {day}{time}.", **values),
        )
    if t.comments:
        return Said(
            lead=say("Closes today, {day}", day=brief),
            sentence=say("Comments on {topic} close today, {day}{time}.", **values),
        )
    if tomorrow:
        return Said(
            lead=say("Ends tomorrow, {day}", day=brief),
            sentence=say("“{label}” for {topic} ends tomorrow, {day}{time}.", **values),
        )
    return Said(
        lead=say("Ends today, {day}", day=brief),
        sentence=say("“{label}” for {topic} ends today, {day}{time}.", **values),
    )


def _stated_hour(t: Telling) -> str:
    """Return ", at 5pm" where the source states it, else " (NICE usually closes at 5pm)"."""
    closes_at = t.payload.closes_at
    if t.payload.time_stated and closes_at:
        return say(", at {time}", time=hour(closes_at))
    return t.habit()


def closed(t: Telling) -> Said:
    """Say that the time to act is over, and what comes next."""
    deadline = t.payload.deadline or t.payload.day
    values = {"topic": t.topic, "label": t.label, "when": t.at_closing(deadline)}
    if t.comments:
        lead = say("Comments closed")
        sentence = say("The time to comment on {topic} ended {when}.", **values)
    else:
        lead = say("{label} ended", label=t.short_label(t.label, say("Window")))
        sentence = say("“{label}” for {topic} ended {when}.", **values)
    if t.today is None:
        lead = say("{lead} on {day}", lead=lead, day=plain_day(deadline))
    return Said(lead=lead, sentence=sentence, notes=_after_closing(t))


def _after_closing(t: Telling) -> tuple[str, ...]:
    """Say the next date that is a day: the committee's, if it is a meeting's."""
    for step in t.payload.next_dates:
        start, exact = step.dates.start, step.dates.precision is Precision.DAY
        if start is None or not exact or step.dates.end is not None or step.label == t.payload.label:
            continue
        when = plain_day(start)
        if t.comments and any(word in step.label.casefold() for word in ("ipac", "committee", "meeting")):
            return (say("Next: the committee is due to consider the comments on {day}.", day=when),)
        return (say("Next: {label}, {day}.", label=clean(step.label), day=when),)
    return ()
