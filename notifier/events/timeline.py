"""Where a procedure stands: its steps as past, now and to come, as an event has frozen them. Pure.

A date that has passed is no proof that anything happened: only what the source has shown is "done" (promises
§1.2). Drawn in table cells, and as one line of text.
"""

from datetime import date

from notifier.events.language import say
from notifier.events.messages_moved import exact_day, last_day
from notifier.events.messages_reopened import taken_again
from notifier.events.model import EventKind, Step
from notifier.events.telling import Telling
from notifier.events.titles import clean, cut
from notifier.events.wording import known_words, short_day
from notifier.events.words import StepPlace, StepWords
from notifier.procedures.model import MilestoneKind

MOST_STEPS = 4
"""More cells than this are unreadable side by side on a telephone."""

_LABEL_ROOM = 24
_OF_NO_FORCE = frozenset((EventKind.SUSPENDED, EventKind.DISCONTINUED, EventKind.LISTED))
_SAY_IT_HAPPENED = frozenset(
    (
        EventKind.OPENED,
        EventKind.CLOSING_SOON,
        EventKind.CLOSED,
        EventKind.MEETING,
        EventKind.REACHED,
        EventKind.EXPECTED,
        EventKind.PUBLISHED,
    )
)


def timeline(t: Telling) -> tuple[StepWords, ...]:
    """Return the steps to show: those around the reader's day, and the last; none where they say nothing.

    The dates of what is suspended or discontinued do not count, and are not drawn.
    """
    steps = t.payload.steps
    if len(steps) < 2 or t.kind in _OF_NO_FORCE:
        return ()
    drawn = [_drawn(t, step) for step in steps]
    shown = _shown([one.place for one in drawn])
    return tuple(
        StepWords(
            label=one.label, place=one.place, note=one.note, skipped=place > 0 and place - 1 not in shown
        )
        for place, one in enumerate(drawn)
        if place in shown
    )


def timeline_line(steps: tuple[StepWords, ...]) -> str:
    """Return "IPAC 1 ✓ → Consultation (now) → IPAC 2 → Guidance"."""
    return " → ".join(f"{'… → ' if one.skipped else ''}{_with_place(one)}" for one in steps)


def _with_place(one: StepWords) -> str:
    match one.place:
        case StepPlace.DONE:
            return say("{label} ✓", label=one.label)
        case StepPlace.COMING:
            return one.label
    return say("{label} ({note})", label=one.label, note=one.note)


def _shown(places: list[StepPlace]) -> frozenset[int]:
    """Choose which steps are shown: the first that is not over with its neighbours, and always the last."""
    last = len(places) - 1
    turn = next((at for at, one in enumerate(places) if not one.is_over), last)
    by_nearness = sorted(range(last), key=lambda at: (abs(at - turn), -at))
    return frozenset((last, *by_nearness[: MOST_STEPS - 1]))


def _drawn(t: Telling, step: Step) -> StepWords:
    place = _place(t, step)
    return StepWords(label=_label(t, step), place=place, note=_note(t, step, place))


def _place(t: Telling, step: Step) -> StepPlace:
    today = t.today or t.payload.day
    start, last = exact_day(step.dates), last_day(step.dates)
    happened = step.seen or _is_said_to_happen(t, step)
    if start is None or last is None:
        return StepPlace.DONE if happened else StepPlace.COMING
    if last < today or (t.kind is EventKind.CLOSED and _is_own(t, step)):
        return StepPlace.DONE if happened else StepPlace.PASSED
    if not step.kind.spans and happened:
        return StepPlace.DONE
    if start > today:
        return StepPlace.COMING
    return StepPlace.NOW if happened else StepPlace.DUE


def _note(t: Telling, step: Step, place: StepPlace) -> str:
    """Say in a word or two how a step stands: its place, or its date where it is to come."""
    match place:
        case StepPlace.DONE:
            return say("done")
        case StepPlace.PASSED:
            return say("date passed")
        case StepPlace.NOW:
            return say("now")
        case StepPlace.DUE:
            return say("due now")
    start = exact_day(step.dates)
    return known_words(step.dates) if start is None else _near(start, t.today or t.payload.day)


def _near(day: date, today: date) -> str:
    """Return "12 Jan", with its year where that is not the reader's."""
    if day.year == today.year:
        return short_day(day)
    return say("{day_and_month} {year}", day_and_month=short_day(day), year=day.year)


def _is_own(t: Telling, step: Step) -> bool:
    return step.key == t.payload.milestone_key


def _is_said_to_happen(t: Telling, step: Step) -> bool:
    """Whether the news itself says that this step has come true."""
    if not t.confirmed:
        return False
    if t.kind is EventKind.PUBLISHED:
        return step.kind is MilestoneKind.PUBLICATION
    if t.kind is EventKind.REOPENED:
        return _is_own(t, step) and taken_again(t)
    return _is_own(t, step) and t.kind in _SAY_IT_HAPPENED


def _label(t: Telling, step: Step) -> str:
    """Return the step in a word where its kind is the only one, else what the source calls it."""
    alone = sum(one.kind is step.kind for one in t.payload.steps) == 1
    if alone and step.kind is MilestoneKind.CONSULTATION:
        return say("Consultation")
    if alone and step.kind is MilestoneKind.PUBLICATION:
        return say("Guidance")
    return cut(clean(step.label), _LABEL_ROOM)
