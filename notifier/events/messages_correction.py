"""Leads and first sentences that take back what we said (promises §1.5)."""

from dataclasses import dataclass
from datetime import date

from notifier.events.language import say
from notifier.events.messages_dates import thing_dated
from notifier.events.messages_moved import exact_day, last_day, principal
from notifier.events.model import DateChange
from notifier.events.telling import Telling
from notifier.events.titles import clean
from notifier.events.wording import dates_words, plain_day
from notifier.events.words import Said
from notifier.procedures.model import Dates, MilestoneKind, Precision


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    """What we said, going on from "We told you on … that"; what is true instead; and the lead for it."""

    lead: str
    said: str
    truth: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """The row that was told wrongly: what it is of, its dates then and now, and the day we said so."""

    kind: MilestoneKind | None
    label: str
    old: Dates
    new: Dates | None
    on: date


def correction(t: Telling) -> Said:
    """Say what we said, that it did not happen, and what the source gives instead; or who takes it back."""
    told = _told(t)
    note = clean(t.payload.note or "")
    if told.kind is None:
        sentence = say(
            "What we told you on {day} about {topic} was wrong.", day=plain_day(told.on), topic=t.topic
        )
        return Said(lead=say("Correction"), sentence=sentence + _note(t, note))
    claim = _claim(t, told)
    if note:
        sentence = say(
            "We told you on {day} that {claim}; that was wrong.", day=plain_day(told.on), claim=claim.said
        )
        return Said(lead=say("Correction"), sentence=sentence + _note(t, note))
    gives = say("no date")
    if told.new is not None and told.new.start is not None:
        gives = dates_words(told.new)
    sentence = say(
        "We told you on {day} that {claim}; {truth}, and {body} now gives {dates}.",
        day=plain_day(told.on),
        claim=claim.said,
        truth=claim.truth,
        body=t.body,
        dates=gives,
    )
    return Said(lead=say("Correction, {what}", what=claim.lead), sentence=sentence)


def _note(t: Telling, note: str) -> str:
    """Return the operator's words, marked as such."""
    return say(" {operator} says: “{note}”", operator=clean(t.service.operator), note=note) if note else ""


def _told(t: Telling) -> _Told:
    """Return what the correction is about: its own row of the changes, else the one that people act on."""
    rows, key = t.payload.changes, t.payload.milestone_key
    own = [change for change in rows if change.key is not None and change.key == key]
    own = own or [change for change in rows if clean(change.label) == t.label]
    change = own[0] if own else principal(t)
    kind = change.milestone_kind if change is not None else t.payload.milestone_kind
    old = _old(t, change)
    told_on = t.payload.told_on
    if told_on is None:
        told_on = exact_day(old) or t.day
    return _Told(
        kind=kind,
        label=clean(change.label) if change is not None else t.label,
        old=old,
        new=change.new if change is not None else None,
        on=told_on,
    )


def _old(t: Telling, change: DateChange | None) -> Dates:
    if change is not None and exact_day(change.old) is not None and change.old is not None:
        return change.old
    return Dates(start=t.day, end=t.payload.deadline, precision=Precision.DAY)


def _claim(t: Telling, told: _Told) -> _Claim:
    if told.kind is not None and told.kind.spans:
        return _closing(t, told) if _is_closing(told) else _opening(t, told)
    return _single(t, told)


def _is_closing(told: _Told) -> bool:
    """Whether we spoke of the end of a range: its start stands, or the end was the nearer when we spoke."""
    first, last = exact_day(told.old), last_day(told.old)
    if first is None or last is None or first == last:
        return False
    if told.new is not None and exact_day(told.new) == first:
        return True
    return last - told.on <= told.on - first


def _opening(t: Telling, told: _Told) -> _Claim:
    values = {"topic": t.topic, "label": told.label, "day": _that_day(told, exact_day(told.old))}
    if told.kind is MilestoneKind.CONSULTATION:
        said, truth = say("comments on {topic} were due to open {day}", **values), say("they did not")
    else:
        said, truth = say("“{label}” for {topic} was due to open {day}", **values), say("it did not")
    return _Claim(lead=say("not open yet"), said=said, truth=truth)


def _closing(t: Telling, told: _Told) -> _Claim:
    last = last_day(told.old) or told.on
    past = t.payload.day > last or told.on >= last
    values = {"topic": t.topic, "label": told.label, "day": plain_day(last)}
    if told.kind is MilestoneKind.CONSULTATION:
        said = _comments_close(told.on, last, values)
        truth = say("they did not") if past else say("they do not")
    else:
        said = _window_ends(told.on, last, values)
        truth = say("it did not") if past else say("it does not")
    return _Claim(lead=_closing_lead(t, told, last), said=said, truth=truth)


def _comments_close(on: date, last: date, values: dict[str, str]) -> str:
    if on < last:
        return say("comments on {topic} close on {day}", **values)
    if on == last:
        return say("comments on {topic} closed that day", **values)
    return say("comments on {topic} had closed on {day}", **values)


def _window_ends(on: date, last: date, values: dict[str, str]) -> str:
    if on < last:
        return say("“{label}” for {topic} ends on {day}", **values)
    if on == last:
        return say("“{label}” for {topic} ended that day", **values)
    return say("“{label}” for {topic} had ended on {day}", **values)


def _closing_lead(t: Telling, told: _Told, last: date) -> str:
    new = last_day(told.new)
    if new is None:
        return say("closing date removed")
    return say("not closed yet") if told.on >= last and new >= t.payload.day else say("new closing date")


def _single(t: Telling, told: _Told) -> _Claim:
    day = exact_day(told.old)
    values = {"topic": t.topic, "body": t.body, "day": _that_day(told, day)}
    match told.kind:
        case MilestoneKind.PUBLICATION:
            said = say("guidance on {topic} was expected {day}", **values)
            return _Claim(lead=say("not published yet"), said=said, truth=say("it was not published"))
        case MilestoneKind.MEETING:
            said = say("{body}'s advisory committee was scheduled to discuss {topic} {day}", **values)
            return _Claim(lead=say("not discussed yet"), said=said, truth=say("it did not"))
    what = thing_dated(told.kind, told.label)
    listed = say("that day") if day is None or day == told.on else plain_day(day)
    said = say("{what} of {topic} was listed for {day}", what=what, topic=t.topic, day=listed)
    moved = told.new is not None and told.new.start is not None
    lead = say("date moved") if moved else say("date removed")
    return _Claim(lead=lead, said=said, truth=say("it did not take place"))


def _that_day(told: _Told, day: date | None) -> str:
    """Return "that day" if we spoke on the day itself, else "on 14 October 2022"."""
    return say("that day") if day is None or day == told.on else say("on {day}", day=plain_day(day))
