"""Leads and first sentences for a schedule that changed."""

from collections.abc import Callable
from datetime import date

from notifier.events.model import DateChange, EventKind
from notifier.events.telling import Telling
from notifier.events.titles import clean
from notifier.events.wording import (
    count,
    dates_words,
    day_month,
    full_day,
    plain_day,
    shift,
    short_day,
    span,
    spelt_gap,
)
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


def changed(t: Telling) -> Said:
    """Say what changed in the schedule; the other rows that changed with it are counted after it."""
    change = principal(t)
    if change is None:
        return Said(lead="Dates changed", sentence=f"{t.body} has changed the dates of {t.topic}.")
    says = moved if _is_yet_to_open(t, change) else _CHANGES[t.kind]
    said = says(t, change)
    return Said(lead=said.lead, sentence=said.sentence, notes=(*others_too(t), *said.notes))


def _is_yet_to_open(t: Telling, change: DateChange) -> bool:
    """Whether there is only another end to a time that has not begun: nobody has more or less of it yet."""
    start = change.new.start if change.new is not None else None
    other_end = t.kind in (EventKind.EXTENDED, EventKind.SHORTENED)
    return other_end and start is not None and start > t.payload.day


def others_too(t: Telling) -> tuple[str, ...]:
    """Count the rows that changed beside the one that is told."""
    others = len(t.payload.changes) - 1
    if others < 1:
        return ()
    return (f"{count(others, 'other date')} {'has' if others == 1 else 'have'} changed too.",)


def _thing(t: Telling, change: DateChange) -> str:
    """Return what the date is of: "the expected publication of T", "the committee meeting on T (IPAC 2)"."""
    match change.milestone_kind:
        case MilestoneKind.PUBLICATION:
            return f"the expected publication of {t.topic}"
        case MilestoneKind.CONSULTATION:
            return f"the consultation on {t.topic}"
        case MilestoneKind.MEETING:
            return f"the committee meeting {clean(change.label)} on {t.topic}"
    return f"“{clean(change.label)}” of {t.topic}"


def _noun(t: Telling, change: DateChange) -> str:
    """Return the thing in one or two words, for a lead."""
    match change.milestone_kind:
        case MilestoneKind.PUBLICATION:
            return "Publication"
        case MilestoneKind.CONSULTATION:
            return "Comments"
    return t.short_label(
        change.label, "Meeting" if change.milestone_kind is MilestoneKind.MEETING else "Date"
    )


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
        return dates_words(dates).removesuffix(", day not set") if dates is not None else "not set"
    if t.today is None:
        return span(start, last)
    return short_day(start) if start == last else f"{short_day(start)} to {short_day(last)}"


def moved(t: Telling, change: DateChange) -> Said:
    """Say what the date was and what it is now."""
    old, new = change.old or Dates(), change.new or Dates()
    first, second = exact_day(old), exact_day(new)
    if new.start is None or new.precision is Precision.UNKNOWN:
        sentence = (
            f"{t.body} has taken back the day of {_thing(t, change)} (it was {dates_words(old)}) for now."
        )
        return Said(lead=f"{_noun(t, change)} date not set", sentence=sentence)
    lead = f"{_noun(t, change)} now {_brief_dates(t, new)}"
    if old.end is not None or new.end is not None:
        by = f", {shift(first, second)}" if first and second and first != second else ""
        news = f"{t.body} has moved {_thing(t, change)}{by}"
        return Said(lead=lead, sentence=f"{news}: it is now {dates_words(new)}, not {dates_words(old)}.")
    by = f", {shift(first, second)}" if first and second else " (moved, less exact)" if first else ""
    news = f"{t.body} has changed {_thing(t, change)}"
    return Said(lead=lead, sentence=f"{news} from {dates_words(old)} to {dates_words(new)}{by}.")


def old_day(old: date, new: date) -> str:
    """Return the old day without its year where the new one has the same."""
    return day_month(old) if old.year == new.year else plain_day(old)


def _longer(t: Telling, change: DateChange) -> Said:
    old, new = last_day(change.old), last_day(change.new)
    if old is None or new is None:
        return moved(t, change)
    was = old_day(old, new)
    comments = change.milestone_kind is MilestoneKind.CONSULTATION
    if not comments:
        lead = f"{t.short_label(change.label, 'Window')} extended, to {t.brief(new)}"
        sentence = f"{_capital(_thing(t, change))} now ends on {full_day(new)}, not {was}: {shift(old, new)}."
        return Said(lead=lead, sentence=sentence)
    if old < t.payload.day:
        news = f"{t.body} now gives more time to comment on {t.topic}: until {full_day(new)}"
        return Said(lead=f"More time again, to {t.brief(new)}", sentence=f"{news}; it had ended on {was}.")
    sentence = (
        f"You have {spelt_gap(old, new, 'more')} to comment on {t.topic}: until {full_day(new)}, not {was}."
    )
    lead = "More time" if t.today is not None else "More time to comment"
    return Said(lead=f"{lead}, to {t.brief(new)}", sentence=sentence)


def _shorter(t: Telling, change: DateChange) -> Said:
    old, new = last_day(change.old), last_day(change.new)
    if old is None or new is None:
        return moved(t, change)
    was = old_day(old, new)
    if change.milestone_kind is not MilestoneKind.CONSULTATION:
        lead = f"{t.short_label(change.label, 'Window')} shortened, to {t.brief(new)}"
        sentence = f"{_capital(_thing(t, change))} now ends on {full_day(new)}, not {was}: {shift(old, new)}."
        return Said(lead=lead, sentence=sentence)
    sentence = (
        f"You have {spelt_gap(old, new, 'less')} to comment on {t.topic}: until {full_day(new)}, not {was}."
    )
    lead = "Less time" if t.today is not None else "Less time to comment"
    return Said(lead=f"{lead}, to {t.brief(new)}", sentence=sentence)


def _added(t: Telling, change: DateChange) -> Said:
    new = change.new or Dates()
    lead = f"New date, {_full_brief(new)}"
    sentence = (
        f"{t.body} has added a date for {t.topic}: {clean(change.label)}, {dates_words(new, weekdays=True)}."
    )
    return Said(lead=lead, sentence=sentence)


def _full_brief(new: Dates) -> str:
    """Return the new day with its year: a date that was not there may lie far ahead."""
    start = exact_day(new)
    return plain_day(start) if start is not None else dates_words(new).removesuffix(", day not set")


def _date_set(t: Telling, change: DateChange) -> Said:
    new = change.new or Dates()
    before = "no date"
    if change.old is not None and change.old.precision is Precision.MONTH:
        before = f"only {dates_words(change.old).removesuffix(', day not set')}"
    when = dates_words(new, weekdays=True)
    match change.milestone_kind:
        case MilestoneKind.PUBLICATION:
            news = f"{t.body} now expects to publish {t.topic} on {when}"
        case MilestoneKind.MEETING:
            when = f"{when} ({clean(change.label)})"
            news = f"{t.body}'s advisory committee is now due to discuss {t.topic} on {when}"
        case MilestoneKind.CONSULTATION:
            news = f"{t.body} now gives {when} for comments on {t.topic}"
        case _:
            news = f"{t.body} now gives {when} for {_thing(t, change)}"
    return Said(lead=f"Date set, {_full_brief(new)}", sentence=f"{news}; it had given {before} before.")


def _removed(t: Telling, change: DateChange) -> Said:
    old = change.old or Dates()
    ranged = old.end is not None
    new = "new dates" if ranged else "a new one"
    lead = "Comment dates removed" if change.milestone_kind is MilestoneKind.CONSULTATION else ""
    sentence = (
        f"{t.body} has removed {_thing(t, change)} (it was {dates_words(old)}) and has not given {new}."
    )
    return Said(lead=lead or f"{_noun(t, change)} date removed", sentence=sentence, notes=_still(t))


def _still(t: Telling) -> tuple[str, ...]:
    """Say the status that has not changed, so that a missing date is not read as an end."""
    status = clean(t.payload.status_as_written or "")
    return (f"Its status is still “{status}”; this does not mean that work has stopped.",) if status else ()


def _capital(text: str) -> str:
    """Return a sentence's beginning; a quoted label or title keeps its own case."""
    return text if text.startswith("“") else f"{text[0].upper()}{text[1:]}"


_CHANGES: dict[EventKind, Callable[[Telling, DateChange], Said]] = {
    EventKind.MOVED: moved,
    EventKind.EXTENDED: _longer,
    EventKind.SHORTENED: _shorter,
    EventKind.DATE_ADDED: _added,
    EventKind.DATE_SET: _date_set,
    EventKind.REMOVED: _removed,
}
