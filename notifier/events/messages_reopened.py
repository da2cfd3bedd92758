"""Leads and first sentences for a consultation that takes comments again after it had closed."""

from datetime import date

from notifier.events.language import say
from notifier.events.messages_moved import exact_day, last_day, moved, old_day, others_too, principal
from notifier.events.messages_windows import closed
from notifier.events.model import DateChange
from notifier.events.telling import Telling
from notifier.events.wording import span
from notifier.events.words import Said


def taken_again(t: Telling) -> bool:
    """Whether it may be said to be open: the source shows it, and its first day has come."""
    change = principal(t)
    start = exact_day(change.new) if change is not None else t.payload.start
    return t.confirmed and (start is None or start <= t.payload.day)


def reopened(t: Telling) -> Said:
    """Say that people can act again, or that the schedule gives them time again, and when it had ended."""
    change = principal(t)
    if change is None:
        sentence = say("{body} has given new dates for {topic}.", body=t.body, topic=t.topic)
        return Said(lead=say("Dates changed"), sentence=sentence)
    if t.over:
        return closed(t)
    new = last_day(change.new)
    if new is None:
        said = moved(t, change)
    elif taken_again(t):
        said = _open_again(t, change, new)
    else:
        said = _due_again(t, change, exact_day(change.new) or new, new)
    return Said(lead=said.lead, sentence=said.sentence, notes=(*others_too(t), *said.notes))


def _open_again(t: Telling, change: DateChange, new: date) -> Said:
    values = {
        "topic": t.topic,
        "label": t.label,
        "until": t.closing(new),
        "had": _had(t, change, new),
    }
    brief = t.brief(new)
    if not t.comments:
        window = t.short_label(change.label, say("Window"))
        return Said(
            lead=say("{label} open again, to {day}", label=window, day=brief),
            sentence=say("“{label}” is open for {topic} again: until {until}; it {had}.", **values),
        )
    if t.today is None:
        return Said(
            lead=say("Open again for comment until {day}", day=brief),
            sentence=say("{topic} is open for comment again: until {until}; comments {had}.", **values),
        )
    return Said(
        lead=say("Open again, to {day}", day=brief),
        sentence=say("You can comment on {topic} again: until {until}; comments {had}.", **values),
    )


def _due_again(t: Telling, change: DateChange, start: date, new: date) -> Said:
    values = {
        "body": t.body,
        "dates": span(start, new, weekdays=True),
        "label": t.label,
        "topic": t.topic,
        "had": _had(t, change, new),
    }
    if t.comments:
        sentence = say(
            "{body} now gives {dates} for comments on {topic}, so comments are scheduled to be taken again; "
            "they {had}.",
            **values,
        )
    else:
        sentence = say(
            "{body} now gives {dates} for “{label}” of {topic}, so it is scheduled to open again; it {had}.",
            **values,
        )
    return Said(lead=_due_again_lead(t, change, start, new), sentence=sentence)


def _due_again_lead(t: Telling, change: DateChange, start: date, new: date) -> str:
    what = say("Comments") if t.comments else t.short_label(change.label, say("Window"))
    if t.today is None:
        return say("{what} scheduled again for {days}", what=what, days=span(start, new))
    if start > t.payload.day:
        return say("{what} due again, from {day}", what=what, day=t.brief(start))
    return say("{what} due again, to {day}", what=what, day=t.brief(new))


def _had(t: Telling, change: DateChange, new: date) -> str:
    """Return "had closed on 11 November", with the year unless the new closing has the same."""
    old = last_day(change.old)
    if old is None:
        return say("had closed before") if t.comments else say("had ended before")
    if t.comments:
        return say("had closed on {day}", day=old_day(old, new))
    return say("had ended on {day}", day=old_day(old, new))
