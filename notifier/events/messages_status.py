"""Leads and first sentences for news about a whole procedure: its status, and that it is listed here."""

from notifier.events.language import say
from notifier.events.messages_moved import last_day
from notifier.events.telling import Telling
from notifier.events.titles import excerpt
from notifier.events.words import Said

_REASON_ROOM = 240
"""Characters of a reason that are quoted, some 45 words of the 120 that may follow a first sentence."""


def suspended(t: Telling) -> Said:
    """Say that work stopped and that the dates no longer count."""
    sentence = say(
        "{body} has suspended work on {topic}, so its published dates no longer count.",
        body=t.body,
        topic=t.topic,
    )
    return Said(lead=say("Suspended"), sentence=sentence, notes=_reason(t))


def restarted(t: Telling) -> Said:
    """Say that work goes on and that dates to come count again."""
    sentence = say(
        "{body} has restarted work on {topic}; its dates still to come count again.",
        body=t.body,
        topic=t.topic,
    )
    return Said(lead=say("Restarted"), sentence=sentence)


def discontinued(t: Telling) -> Said:
    """Say that work ended without guidance."""
    sentence = say(
        "{body} has discontinued work on {topic}; no guidance is expected from it.",
        body=t.body,
        topic=t.topic,
    )
    return Said(lead=say("Discontinued"), sentence=sentence, notes=_reason(t))


def _reason(t: Telling) -> tuple[str, ...]:
    """Quote why, as the body's own words."""
    quoted = excerpt(t.payload.reason or "", _REASON_ROOM)
    if not quoted:
        return ()
    if quoted.endswith((".", "!", "?", "…")):
        return (say("{body} gives this reason: “{reason}”", body=t.body, reason=quoted),)
    return (say("{body} gives this reason: “{reason}”.", body=t.body, reason=quoted),)


def listed(t: Telling) -> Said:
    """Say that the service knows a procedure from now on; with its dates, past or to come, beside it."""
    days = [last for last in (last_day(change.new) for change in t.payload.changes) if last is not None]
    past = bool(days) and max(days) < t.payload.day and not t.payload.next_dates
    note = (say("All of its dates had passed when it was listed here."),) if past else ()
    return Said(
        lead=say("Now listed here"), sentence=say("{topic} is now listed here.", topic=t.topic), notes=note
    )
