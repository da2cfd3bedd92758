"""Leads and first sentences that take back what we said (promises §1.5)."""

from dataclasses import dataclass
from datetime import date

from notifier.events.messages_changes import exact_day, last_day, principal
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
        sentence = f"What we told you on {plain_day(told.on)} about {t.topic} was wrong."
        return Said(lead="Correction", sentence=sentence + _note(t, note))
    claim = _claim(t, told)
    if note:
        sentence = f"We told you on {plain_day(told.on)} that {claim.said}; that was wrong."
        return Said(lead="Correction", sentence=sentence + _note(t, note))
    gives = dates_words(told.new) if told.new is not None and told.new.start is not None else "no date"
    we_said = f"We told you on {plain_day(told.on)} that {claim.said}"
    sentence = f"{we_said}; {claim.truth}, and {t.body} now gives {gives}."
    return Said(lead=f"Correction, {claim.lead}", sentence=sentence)


def _note(t: Telling, note: str) -> str:
    """Return the operator's words, marked as such."""
    return f" {clean(t.service.operator)} says: “{note}”" if note else ""


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
    day = _that_day(told, exact_day(told.old))
    if told.kind is MilestoneKind.CONSULTATION:
        said, truth = f"comments on {t.topic} were due to open {day}", "they did not"
    else:
        said, truth = f"“{told.label}” for {t.topic} was due to open {day}", "it did not"
    return _Claim(lead="not open yet", said=said, truth=truth)


def _closing(t: Telling, told: _Told) -> _Claim:
    last = last_day(told.old) or told.on
    many = told.kind is MilestoneKind.CONSULTATION
    what = f"comments on {t.topic}" if many else f"“{told.label}” for {t.topic}"
    they, verb = ("they", "close") if many else ("it", "end")
    passed = t.payload.day > last
    truth = f"{they} did not" if passed or told.on >= last else f"{they} {'do' if many else 'does'} not"
    if told.on < last:
        said = f"{what} {verb if many else f'{verb}s'} on {plain_day(last)}"
    elif told.on == last:
        said = f"{what} {verb}{'d' if many else 'ed'} that day"
    else:
        said = f"{what} had {verb}{'d' if many else 'ed'} on {plain_day(last)}"
    return _Claim(lead=_closing_lead(t, told, last), said=said, truth=truth)


def _closing_lead(t: Telling, told: _Told, last: date) -> str:
    new = last_day(told.new)
    if new is None:
        return "closing date removed"
    return "not closed yet" if told.on >= last and new >= t.payload.day else "new closing date"


def _single(t: Telling, told: _Told) -> _Claim:
    day = _that_day(told, exact_day(told.old))
    match told.kind:
        case MilestoneKind.PUBLICATION:
            said = f"guidance on {t.topic} was expected {day}"
            return _Claim(lead="not published yet", said=said, truth="it was not published")
        case MilestoneKind.MEETING:
            said = f"{t.body}'s advisory committee was scheduled to discuss {t.topic} {day}"
            return _Claim(lead="not discussed yet", said=said, truth="it did not")
    what = "the resolution" if told.kind is MilestoneKind.RESOLUTION else f"“{told.label}”"
    said = f"{what} of {t.topic} was listed for {day.removeprefix('on ')}"
    lead = "date moved" if told.new is not None and told.new.start is not None else "date removed"
    return _Claim(lead=lead, said=said, truth="it did not take place")


def _that_day(told: _Told, day: date | None) -> str:
    """Return "that day" if we spoke on the day itself, else "on 14 October 2022"."""
    return "that day" if day is None or day == told.on else f"on {plain_day(day)}"
