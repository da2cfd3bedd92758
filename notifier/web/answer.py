"""The answer to "Can I do something now?", in one sentence (promises §7). Pure.

A date is no proof that anything happened: without the source's word for it, comments are "scheduled to be
open", never "open" (promises §1.2).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from notifier.events.telling import web_address
from notifier.events.titles import clean
from notifier.events.wording import count, dates_words, full_day, hour
from notifier.procedures.due import Rules, closing_instant
from notifier.procedures.model import (
    Dates,
    Milestone,
    MilestoneKind,
    MilestoneState,
    Precision,
    Procedure,
    Status,
)
from notifier.settings import Service


class Tone(StrEnum):
    """How an answer looks; the words say the same."""

    OPEN = "open"
    WAIT = "wait"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What somebody can do now: a short word, the sentence, how long, what follows, and where to act."""

    tone: Tone
    short: str
    sentence: str
    left: str = ""
    after: str = ""
    act_words: str = ""
    act_url: str | None = None


def is_open(milestone: Milestone, rules: Rules, now: datetime) -> bool:
    """Whether a window is open by its dates: from the announcement of its first day until it closes."""
    closes, start = closing_instant(milestone, rules), milestone.dates.start
    if closes is None or start is None or milestone.dates.precision is not Precision.DAY:
        return False
    return milestone.state is not MilestoneState.WITHDRAWN and rules.announcement(start) <= now < closes


def closing(dates: Dates, *, service: Service, rules: Rules) -> str:
    """Return "5pm on Friday 11 November 2022" if the source states the hour, else the day and the habit."""
    end = dates.end or dates.start
    if end is None:
        return "a day not yet set"
    if dates.closes_at is not None:
        return f"{hour(dates.closes_at)} on {full_day(end)}"
    return f"{full_day(end)} ({clean(service.body)} usually closes at {hour(rules.closes_at)})"


def days_left(end: date, today: date) -> str:
    """Return "12 days left", "1 day left" or "last day"."""
    return f"{count((end - today).days, 'day')} left" if end > today else "last day"


def answer(procedure: Procedure, *, service: Service, rules: Rules, now: datetime) -> Answer:
    """Say whether there is something to do now, and if not, when."""
    if not procedure.status.running:
        return _stopped(procedure, service)
    standing = [one for one in procedure.milestones if one.state is not MilestoneState.WITHDRAWN]
    windows = sorted((one for one in standing if one.kind.spans), key=_consultations_first)
    for one in windows:
        if is_open(one, rules, now):
            return _open(procedure, one, service, rules, now)
    coming = [one for one in windows if _begins(one, rules, now)]
    if coming:
        return _wait(min(coming, key=lambda one: one.dates.start or date.max))
    after = _next_words(standing, rules.local_date(now))
    past = [one for one in windows if one.kind is MilestoneKind.CONSULTATION and _ended(one, rules, now)]
    if past:
        ended = _ended_words(past[-1].dates)
        return Answer(tone=Tone.CLOSED, short="No", sentence=f"The time to comment {ended}.", after=after)
    return Answer(
        tone=Tone.CLOSED, short="Not now", sentence="No time to comment is listed at the moment.", after=after
    )


def _consultations_first(one: Milestone) -> tuple[bool, date]:
    return (one.kind is not MilestoneKind.CONSULTATION, one.dates.end or one.dates.start or date.max)


def _stopped(procedure: Procedure, service: Service) -> Answer:
    body, noun = clean(service.body), service.topic_noun
    written = clean(procedure.facts.status_as_written or "")
    match procedure.status:
        case Status.SUSPENDED:
            sentence = f"{body} has suspended work on this {noun}, so its published dates do not count."
        case Status.DISCONTINUED:
            sentence = f"{body} has discontinued work on this {noun}; no guidance is expected from it."
        case Status.COMPLETE:
            sentence = f"{body} lists its work on this {noun} as complete."
        case Status.UNKNOWN if not written:
            sentence = f"We do not know the status of this {noun}, so its dates do not count for now."
        case _:
            sentence = f"{body} gives its status as “{written}”, so its dates do not count for now."
    unknown = procedure.status is Status.UNKNOWN
    seen = procedure.status is Status.COMPLETE
    return Answer(
        tone=Tone.CLOSED,
        short="We cannot say" if unknown else "No",
        sentence=sentence,
        act_words=f"See its page on {clean(service.body_site)}" if seen else "",
        act_url=web_address(procedure.facts.link) if seen else None,
    )


def _open(procedure: Procedure, one: Milestone, service: Service, rules: Rules, now: datetime) -> Answer:
    until = closing(one.dates, service=service, rules=rules)
    comments = one.kind is MilestoneKind.CONSULTATION
    seen = one.state is MilestoneState.REACHED
    name = "Comments are" if comments else f"“{clean(one.label)}” is"
    itself = "the consultation itself" if comments else "it open ourselves"
    site = clean(service.body_site)
    if procedure.held or one.held:
        short, sentence = "Perhaps", f"{name} listed until {until}, and we are checking these dates."
    elif not seen:
        sentence = f"{name} scheduled to be open until {until}; we have not seen {itself}."
        short = "Probably" if comments else "Some people can, probably"
    elif comments:
        short, sentence = "Yes", f"You can comment until {until}."
    else:
        short, sentence = "Some people can", f"{name} open until {until}."
    words = f"Read the consultation and comment on {site}" if seen else f"Look for the consultation on {site}"
    end = one.dates.end or rules.local_date(now)
    return Answer(
        tone=Tone.OPEN,
        short=short,
        sentence=sentence,
        left=days_left(end, rules.local_date(now)),
        act_words=words if comments else f"See who can take part, and how, on {site}",
        act_url=web_address(procedure.facts.link),
    )


def _begins(one: Milestone, rules: Rules, now: datetime) -> bool:
    """Whether a window is still to come: on a known day, or in a month that is not over."""
    start = one.dates.start
    if start is None or one.dates.precision is Precision.UNKNOWN:
        return False
    if one.dates.precision is Precision.MONTH:
        return start >= rules.local_date(now).replace(day=1)
    return rules.announcement(start) > now


def _wait(one: Milestone) -> Answer:
    comments = one.kind is MilestoneKind.CONSULTATION
    name, verb = ("Comments", "are") if comments else (f"“{clean(one.label)}”", "is")
    start, end = one.dates.start, one.dates.end
    if one.dates.precision is Precision.MONTH or start is None:
        sentence = f"{name} {verb} expected in {dates_words(one.dates)}."
    else:
        ends = f", and to {'close' if comments else 'end'} on {full_day(end)}" if end else ""
        sentence = f"{name} {verb} scheduled to open on {full_day(start)}{ends}."
    return Answer(tone=Tone.WAIT, short="Not yet", sentence=sentence)


def _ended(one: Milestone, rules: Rules, now: datetime) -> bool:
    closes = closing_instant(one, rules)
    return one.dates.precision is Precision.DAY and closes is not None and closes <= now


def _ended_words(dates: Dates) -> str:
    end = dates.end or dates.start
    if end is None:
        return "is over"
    return f"ended {f'at {hour(dates.closes_at)} ' if dates.closes_at else ''}on {full_day(end)}"


def _next_words(standing: Iterable[Milestone], today: date) -> str:
    """Return "Next: IPAC 2, scheduled for Thursday 12 January 2023.", or nothing."""
    coming = [one for one in standing if one.dates.precision is Precision.DAY and _after(one, today)]
    if not coming:
        return ""
    first = min(coming, key=lambda one: one.dates.start or date.max)
    return f"Next: {clean(first.label)}, scheduled for {dates_words(first.dates, weekdays=True)}."


def _after(one: Milestone, today: date) -> bool:
    return one.dates.start is not None and one.dates.start >= today
