"""Leads and first sentences for a consultation that takes comments again after it had closed."""

from datetime import date

from notifier.events.messages_changes import exact_day, last_day, moved, old_day, others_too, principal
from notifier.events.messages_dates import closed
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
        return Said(lead="Dates changed", sentence=f"{t.body} has given new dates for {t.topic}.")
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
    until, had = t.closing(new), _had(t, change, new)
    if not t.comments:
        return Said(
            lead=f"{t.short_label(change.label, 'Window')} open again, to {t.brief(new)}",
            sentence=f"“{t.label}” is open for {t.topic} again: until {until}; it {had}.",
        )
    if t.today is None:
        return Said(
            lead=f"Open again for comment until {t.brief(new)}",
            sentence=f"{t.topic} is open for comment again: until {until}; comments {had}.",
        )
    return Said(
        lead=f"Open again, to {t.brief(new)}",
        sentence=f"You can comment on {t.topic} again: until {until}; comments {had}.",
    )


def _due_again(t: Telling, change: DateChange, start: date, new: date) -> Said:
    what = "Comments" if t.comments else t.short_label(change.label, "Window")
    if t.today is None:
        lead = f"{what} scheduled again for {span(start, new)}"
    else:
        when = f"from {t.brief(start)}" if start > t.payload.day else f"to {t.brief(new)}"
        lead = f"{what} due again, {when}"
    gives = f"{t.body} now gives {span(start, new, weekdays=True)} for"
    had = _had(t, change, new)
    if not t.comments:
        news = f"{gives} “{t.label}” of {t.topic}, so it is scheduled to open again; it {had}."
    else:
        news = f"{gives} comments on {t.topic}, so comments are scheduled to be taken again; they {had}."
    return Said(lead=lead, sentence=news)


def _had(t: Telling, change: DateChange, new: date) -> str:
    """Return "had closed on 11 November", with the year unless the new closing has the same."""
    old = last_day(change.old)
    verb = "closed" if t.comments else "ended"
    return f"had {verb} before" if old is None else f"had {verb} on {old_day(old, new)}"
