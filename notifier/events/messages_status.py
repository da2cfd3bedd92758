"""Leads and first sentences for news about a whole procedure: its status, and that it is listed here."""

from notifier.events.messages_changes import last_day
from notifier.events.telling import Telling
from notifier.events.titles import excerpt
from notifier.events.words import Said

_REASON_ROOM = 240
"""Characters of a reason that are quoted, some 45 words of the 120 that may follow a first sentence."""


def suspended(t: Telling) -> Said:
    """Say that work stopped and that the dates no longer count."""
    sentence = f"{t.body} has suspended work on {t.topic}, so its published dates no longer count."
    return Said(lead="Suspended", sentence=sentence, notes=_reason(t))


def restarted(t: Telling) -> Said:
    """Say that work goes on and that dates to come count again."""
    sentence = f"{t.body} has restarted work on {t.topic}; its dates still to come count again."
    return Said(lead="Restarted", sentence=sentence)


def discontinued(t: Telling) -> Said:
    """Say that work ended without guidance."""
    sentence = f"{t.body} has discontinued work on {t.topic}; no guidance is expected from it."
    return Said(lead="Discontinued", sentence=sentence, notes=_reason(t))


def _reason(t: Telling) -> tuple[str, ...]:
    """Quote why, as the body's own words."""
    quoted = excerpt(t.payload.reason or "", _REASON_ROOM)
    stop = "" if quoted.endswith((".", "!", "?", "…")) else "."
    return (f"{t.body} gives this reason: “{quoted}”{stop}",) if quoted else ()


def listed(t: Telling) -> Said:
    """Say that the service knows a procedure from now on; with its dates, past or to come, beside it."""
    days = [last for last in (last_day(change.new) for change in t.payload.changes) if last is not None]
    past = bool(days) and max(days) < t.payload.day and not t.payload.next_dates
    note = ("All of its dates had passed when it was listed here.",) if past else ()
    return Said(lead="Now listed here", sentence=f"{t.topic} is now listed here.", notes=note)
