"""Leads and first sentences for a schedule that changed."""

from collections.abc import Callable
from datetime import date

from notifier.events.language import say
from notifier.events.messages_moved import (
    capital,
    exact_day,
    last_day,
    moved,
    noun,
    old_day,
    others_too,
    principal,
    thing,
)
from notifier.events.model import DateChange, EventKind
from notifier.events.telling import Telling
from notifier.events.titles import clean
from notifier.events.wording import dates_words, full_day, known_words, plain_day, shift, spelt_gap
from notifier.events.words import Said
from notifier.procedures.model import Dates, MilestoneKind, Precision


def changed(t: Telling) -> Said:
    """Say what changed in the schedule; the other rows that changed with it are counted after it."""
    change = principal(t)
    if change is None:
        sentence = say("{body} has changed the dates of {topic}.", body=t.body, topic=t.topic)
        return Said(lead=say("Dates changed"), sentence=sentence)
    says = moved if _is_yet_to_open(t, change) else _CHANGES[t.kind]
    said = says(t, change)
    return Said(lead=said.lead, sentence=said.sentence, notes=(*others_too(t), *said.notes))


def _is_yet_to_open(t: Telling, change: DateChange) -> bool:
    """Whether there is only another end to a time that has not begun: nobody has more or less of it yet."""
    start = change.new.start if change.new is not None else None
    other_end = t.kind in (EventKind.EXTENDED, EventKind.SHORTENED)
    return other_end and start is not None and start > t.payload.day


def _longer(t: Telling, change: DateChange) -> Said:
    old, new = last_day(change.old), last_day(change.new)
    if old is None or new is None:
        return moved(t, change)
    if change.milestone_kind is not MilestoneKind.CONSULTATION:
        lead = say("{label} extended, to {day}", label=_window(t, change), day=t.brief(new))
        return Said(lead=lead, sentence=_now_ends(t, change, old, new))
    values = {"body": t.body, "topic": t.topic, "day": full_day(new), "old": old_day(old, new)}
    if old < t.payload.day:
        again = say(
            "{body} now gives more time to comment on {topic}: until {day}; it had ended on {old}.", **values
        )
        return Said(lead=say("More time again, to {day}", day=t.brief(new)), sentence=again)
    lead = say("More time, to {day}", day=t.brief(new))
    if t.today is None:
        lead = say("More time to comment, to {day}", day=t.brief(new))
    return Said(lead=lead, sentence=_you_have(spelt_gap(old, new, "more"), values))


def _shorter(t: Telling, change: DateChange) -> Said:
    old, new = last_day(change.old), last_day(change.new)
    if old is None or new is None:
        return moved(t, change)
    if change.milestone_kind is not MilestoneKind.CONSULTATION:
        lead = say("{label} shortened, to {day}", label=_window(t, change), day=t.brief(new))
        return Said(lead=lead, sentence=_now_ends(t, change, old, new))
    values = {"topic": t.topic, "day": full_day(new), "old": old_day(old, new)}
    lead = say("Less time, to {day}", day=t.brief(new))
    if t.today is None:
        lead = say("Less time to comment, to {day}", day=t.brief(new))
    return Said(lead=lead, sentence=_you_have(spelt_gap(old, new, "less"), values))


def _window(t: Telling, change: DateChange) -> str:
    return t.short_label(change.label, say("Window"))


def _now_ends(t: Telling, change: DateChange, old: date, new: date) -> str:
    """Say the other end of a time in which only some may act."""
    return say(
        "{thing} now ends on {day}, not {old}: {shift}.",
        thing=capital(thing(t, change)),
        day=full_day(new),
        old=old_day(old, new),
        shift=shift(old, new),
    )


def _you_have(time: str, values: dict[str, str]) -> str:
    return say("You have {time} to comment on {topic}: until {day}, not {old}.", time=time, **values)


def _added(t: Telling, change: DateChange) -> Said:
    new = change.new or Dates()
    sentence = say(
        "{body} has added a date for {topic}: {label}, {dates}.",
        body=t.body,
        topic=t.topic,
        label=clean(change.label),
        dates=dates_words(new, weekdays=True),
    )
    return Said(lead=say("New date, {day}", day=_full_brief(new)), sentence=sentence)


def _full_brief(new: Dates) -> str:
    """Return the new day with its year: a date that was not there may lie far ahead."""
    start = exact_day(new)
    return plain_day(start) if start is not None else known_words(new)


def _date_set(t: Telling, change: DateChange) -> Said:
    new = change.new or Dates()
    values = {
        "body": t.body,
        "topic": t.topic,
        "label": clean(change.label),
        "thing": thing(t, change),
        "dates": dates_words(new, weekdays=True),
        "before": _given_before(change),
    }
    match change.milestone_kind:
        case MilestoneKind.PUBLICATION:
            sentence = say(
                "{body} now expects to publish {topic} on {dates}; it had given {before} before.", **values
            )
        case MilestoneKind.MEETING:
            sentence = say(
                "{body}'s advisory committee is now due to discuss {topic} on {dates} ({label}); "
                "it had given {before} before.",
                **values,
            )
        case MilestoneKind.CONSULTATION:
            sentence = say(
                "{body} now gives {dates} for comments on {topic}; it had given {before} before.", **values
            )
        case _:
            sentence = say("{body} now gives {dates} for {thing}; it had given {before} before.", **values)
    return Said(lead=say("Date set, {day}", day=_full_brief(new)), sentence=sentence)


def _given_before(change: DateChange) -> str:
    if change.old is not None and change.old.precision is Precision.MONTH:
        return say("only {month}", month=known_words(change.old))
    return say("no date")


def _removed(t: Telling, change: DateChange) -> Said:
    old = change.old or Dates()
    values = {"body": t.body, "thing": thing(t, change), "old": dates_words(old)}
    if old.end is not None:
        sentence = say("{body} has removed {thing} (it was {old}) and has not given new dates.", **values)
    else:
        sentence = say("{body} has removed {thing} (it was {old}) and has not given a new one.", **values)
    lead = say("{what} date removed", what=noun(t, change))
    if change.milestone_kind is MilestoneKind.CONSULTATION:
        lead = say("Comment dates removed")
    return Said(lead=lead, sentence=sentence, notes=_still(t))


def _still(t: Telling) -> tuple[str, ...]:
    """Say the status that has not changed, so that a missing date is not read as an end."""
    status = clean(t.payload.status_as_written or "")
    if not status:
        return ()
    return (say("Its status is still “{status}”; this does not mean that work has stopped.", status=status),)


_CHANGES: dict[EventKind, Callable[[Telling, DateChange], Said]] = {
    EventKind.MOVED: moved,
    EventKind.EXTENDED: _longer,
    EventKind.SHORTENED: _shorter,
    EventKind.DATE_ADDED: _added,
    EventKind.DATE_SET: _date_set,
    EventKind.REMOVED: _removed,
}
