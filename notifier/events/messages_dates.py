"""Leads and first sentences for single dates that have come: meetings, publication, and others.

A date that has passed is no proof that anything happened: "published" and "discussed" are said only of what
is confirmed (promises §1.2).
"""

from notifier.events.language import say
from notifier.events.model import Basis
from notifier.events.telling import Telling
from notifier.events.wording import full_day, local, moment, plain_day
from notifier.events.words import Said
from notifier.procedures.model import MilestoneKind


def meeting(t: Telling) -> Said:
    """Say that a committee is scheduled to discuss the topic, or did."""
    label = t.short_label(t.label, say("Meeting"))
    values = {"topic": t.topic, "body": t.body, "day": t.on(t.day)}
    if t.confirmed:
        lead = say("Discussed at {label}", label=label) if t.label else say("Discussed")
        if t.today is None:
            lead = say("{lead} on {day}", lead=lead, day=plain_day(t.day))
        return Said(
            lead=lead, sentence=say("{topic} was discussed by {body}'s advisory committee {day}.", **values)
        )
    if t.today is not None and t.day < t.today:
        sentence = say("{body}'s advisory committee was scheduled to discuss {topic} {day}.", **values)
    else:
        sentence = say("{body}'s advisory committee is scheduled to discuss {topic} {day}.", **values)
    return Said(lead=_listed_for(t, label), sentence=sentence)


def _listed_for(t: Telling, label: str) -> str:
    if t.is_today(t.day):
        return say("{label} listed for today", label=label)
    return say("{label} listed for {day}", label=label, day=t.brief(t.day))


def expected(t: Telling) -> Said:
    """Say that the day given for publication has come; no claim that anything was published."""
    if t.confirmed:
        return published(t)
    lead = say("Guidance expected today")
    if not t.is_today(t.day):
        lead = say("Guidance expected on {day}", day=t.brief(t.day))
    sentence = say(
        "{body}'s schedule gives {day} for publishing {topic}; we have not seen it published.",
        body=t.body,
        day=t.given(t.day),
        topic=t.topic,
    )
    return Said(lead=lead, sentence=sentence)


def not_yet(t: Telling) -> Said:
    """Say, once, that what was expected has not been seen: looked for in vain, or impossible to look for."""
    again = say("We write again when it is published or dated, not before.")
    read_at = t.payload.read_at
    values = {"topic": t.topic, "day": full_day(t.day), "site": t.site}
    if t.basis is Basis.SCHEDULED or read_at is None:
        lead = say("Not seen published yet")
        sentence = say(
            "{topic} was expected on {day}; we have not seen it published, "
            "and we could not read {site} to check.",
            **values,
        )
        if t.unreadable() is None:
            sentence = say(
                "{topic} was expected on {day}; we have not seen it published, "
                "and we cannot read {site} to check.",
                **values,
            )
    else:
        lead = say("Not yet published")
        seen = moment(read_at, t.payload.zone, weekdays=True)
        sentence = say("{topic} was expected on {day} and was not on {site} at {seen}.", seen=seen, **values)
    if t.today is None:
        lead = say("{lead}, expected on {day}", lead=lead, day=plain_day(t.day))
    return Said(lead=lead, sentence=sentence, notes=(again,))


def reached(t: Telling) -> Said:
    """Say that the day of a resolution or of another date has come."""
    label = t.short_label(t.label, say("A date"))
    values = {"body": t.body, "topic": t.topic, "what": thing_dated(t.payload.milestone_kind, t.label)}
    if t.confirmed:
        lead = say("{label} took place", label=label)
        if t.today is None:
            lead = say("{lead} on {day}", lead=lead, day=plain_day(t.day))
        sentence = say("{body} says that {what} of {topic} took place {day}.", day=t.on(t.day), **values)
        return Said(lead=lead, sentence=sentence)
    sentence = say("{body}'s schedule gives {day} for {what} of {topic}.", day=t.given(t.day), **values)
    return Said(lead=_listed_for(t, label), sentence=sentence)


def thing_dated(kind: MilestoneKind | None, label: str) -> str:
    """Return what a single date is of: the resolution, or what the source calls it."""
    return say("the resolution") if kind is MilestoneKind.RESOLUTION else say("“{label}”", label=label)


def published(t: Telling) -> Said:
    """Say that guidance is published, and when it was seen; unconfirmed, only that it is listed so."""
    values = {"body": t.body, "topic": t.topic}
    if not t.confirmed:
        sentence = say(
            "{body} lists its work on {topic} as complete; we have not seen the guidance itself.", **values
        )
        return Said(lead=say("Listed as complete"), sentence=sentence)
    read_at = t.payload.read_at
    if read_at is None:
        sentence = say("{body} has published its guidance on {topic}.", **values)
        return Said(lead=say("Published"), sentence=sentence)
    sentence = say(
        "{body} has published its guidance on {topic} (seen on its website at {when}).",
        when=moment(read_at, t.payload.zone, weekdays=True),
        **values,
    )
    lead = say("Published")
    if t.today is None:
        lead = say("{lead}, seen on {day}", lead=lead, day=plain_day(local(read_at, t.payload.zone).date()))
    return Said(lead=lead, sentence=sentence)
