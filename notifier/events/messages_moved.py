"""A date that moved: which change is told, what it is of, and the words for where it was and is."""

from datetime import date

from notifier.events.language import say, say_many
from notifier.events.model import DateChange
from notifier.events.telling import Telling
from notifier.events.titles import clean
from notifier.events.wording import dates_words, day_month, known_words, plain_day, shift, short_day, span
from notifier.events.words import Said
from notifier.procedures.model import Dates, MilestoneKind, Precision

_DEADLINES_FIRST = (MilestoneKind.CONSULTATION, MilestoneKind.WINDOW, MilestoneKind.PUBLICATION)


def principal(t: Telling) -> DateChange | None:
    """Return the change that gave the news its kind; where several did, the one people act on."""
    fitting = [change for change in t.payload.changes if change.kind is t.kind] or list(t.payload.changes)
    for kind in _DEADLINES_FIRST:
        for change in fitting:
            if change.milestone_kind is kind:
                return change
    return fitting[0] if fitting else None


def others_too(t: Telling) -> tuple[str, ...]:
    """Count the rows that changed beside the one that is told."""
    others = len(t.payload.changes) - 1
    if others < 1:
        return ()
    return (
        say_many("{number} other date has changed too.", "{number} other dates have changed too.", others),
    )


def thing(t: Telling, change: DateChange) -> str:
    """Return what the date is of: "the expected publication of T", "the committee meeting on T (IPAC 2)"."""
    match change.milestone_kind:
        case MilestoneKind.PUBLICATION:
            return say("the expected publication of {topic}", topic=t.topic)
        case MilestoneKind.CONSULTATION:
            return say("the consultation on {topic}", topic=t.topic)
        case MilestoneKind.MEETING:
            return say("the committee meeting {label} on {topic}", label=clean(change.label), topic=t.topic)
    return say("“{label}” of {topic}", label=clean(change.label), topic=t.topic)


def noun(t: Telling, change: DateChange) -> str:
    """Return the thing in one or two words, for a lead."""
    match change.milestone_kind:
        case MilestoneKind.PUBLICATION:
            return say("Publication")
        case MilestoneKind.CONSULTATION:
            return say("Comments")
        case MilestoneKind.MEETING:
            return t.short_label(change.label, say("Meeting"))
    return t.short_label(change.label, say("Date"))


def exact_day(dates: Dates | None) -> date | None:
    """Return the first day of dates that are known to the day."""
    return dates.start if dates is not None and dates.precision is Precision.DAY else None


def last_day(dates: Dates | None) -> date | None:
    """Return the last day of dates that are known to the day; of a single date, that day."""
    start = exact_day(dates)
    return None if dates is None or start is None else dates.end or start


def _brief_dates(t: Telling, dates: Dates | None) -> str:
    """Return "24 May", "21 Oct to 18 Nov" or "May 2023"; in full for what is read later."""
    start, last = exact_day(dates), last_day(dates)
    if dates is None or start is None or last is None:
        return known_words(dates or Dates())
    if t.today is None:
        return span(start, last)
    if start == last:
        return short_day(start)
    return say("{first} to {last}", first=short_day(start), last=short_day(last))


def moved(t: Telling, change: DateChange) -> Said:
    """Say what the date was and what it is now."""
    old, new = change.old or Dates(), change.new or Dates()
    first, second = exact_day(old), exact_day(new)
    values = {
        "body": t.body,
        "thing": thing(t, change),
        "old": dates_words(old),
        "new": dates_words(new),
        "by": _by(first, second),
    }
    if new.start is None or new.precision is Precision.UNKNOWN:
        return Said(
            lead=say("{what} date not set", what=noun(t, change)),
            sentence=say("{body} has taken back the day of {thing} (it was {old}) for now.", **values),
        )
    lead = say("{what} now {dates}", what=noun(t, change), dates=_brief_dates(t, new))
    if old.end is not None or new.end is not None:
        sentence = say("{body} has moved {thing}{by}: it is now {new}, not {old}.", **values)
        if first == second:
            sentence = say("{body} has moved {thing}: it is now {new}, not {old}.", **values)
        return Said(lead=lead, sentence=sentence)
    if first is not None and second is None:
        less_exact = say("{body} has changed {thing} from {old} to {new} (moved, less exact).", **values)
        return Said(lead=lead, sentence=less_exact)
    return Said(lead=lead, sentence=say("{body} has changed {thing} from {old} to {new}{by}.", **values))


def _by(first: date | None, second: date | None) -> str:
    """Return ", 8 weeks later"; nothing where either day is not known."""
    return say(", {shift}", shift=shift(first, second)) if first and second else ""


def old_day(old: date, new: date) -> str:
    """Return the old day without its year where the new one has the same."""
    return day_month(old) if old.year == new.year else plain_day(old)


def capital(text: str) -> str:
    """Return a sentence's beginning; a quoted label or title keeps its own case."""
    return text if text.startswith("“") else f"{text[0].upper()}{text[1:]}"
