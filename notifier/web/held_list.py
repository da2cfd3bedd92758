"""What is held, as health tells it: everything, or the mail alone (promises §7). Pure.

While something is held, only the hold itself is told of it: what waits behind it is not late by accident.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from notifier.hold_kinds import HoldKind
from notifier.holds import Hold
from notifier.web.health_facts import (
    Now,
    Problem,
    State,
    Stored,
    digests_waiting_since,
    waiting_since,
)

HOLD_LIMIT = timedelta(hours=4)
"""How long everything, or all mail, may be held without an end while something waits."""

BRAKE_LIMIT = timedelta(minutes=60)
"""How long mail may wait behind the daily brake: nobody decided that it should."""


def held_list(stored: Stored, now: Now) -> Sequence[Problem]:
    """Return a problem for each hold."""
    return [_problem(one, stored, now) for one in stored.holds]


def _problem(one: Hold, stored: Stored, now: Now) -> Problem:
    if one.kind is HoldKind.PAUSE:
        return _pause(one, stored, now)
    if one.kind is HoldKind.BRAKE:
        return _brake(one, stored, now)
    waiting = stored.unannounced_since is not None or _mail_since(stored, now) is not None
    return Problem(
        state=State.BROKEN if waiting and _too_long(one, now) else State.ATTENTION,
        sentence=f"Nothing is announced or sent. {one.sentence}",
        since=now.in_calendar(one.since),
        detail="Something waits to be said." if waiting else "Nothing waits to be said so far.",
        advice=f"{one.remedy[:1].upper()}{one.remedy[1:]}.",
    )


def _pause(one: Hold, stored: Stored, now: Now) -> Problem:
    """A pause that ends by itself was meant to last so long, and is never red."""
    waiting = _mail_since(stored, now) is not None
    until = None if one.until is None else now.in_calendar(one.until)
    red = waiting and until is None and _too_long(one, now)
    end = "" if until is None else f", until {now.told(until)}"
    waits = "Mail waits" if waiting else "No mail waits so far"
    return Problem(
        state=State.BROKEN if red else State.ATTENTION,
        sentence=f"All mail has been paused since {now.told(now.in_calendar(one.since))}{end}.",
        since=now.in_calendar(one.since),
        detail=f"{one.sentence} {waits}; so do the links for people who sign up. Dates are announced.",
        advice="Run `notifier resume` when mail may go out again; it is then bound to what people want.",
    )


def _brake(one: Hold, stored: Stored, now: Now) -> Problem:
    mail_since = _mail_since(stored, now)
    red = mail_since is not None and now.calendar - mail_since > BRAKE_LIMIT
    waits = "Mail waits for tomorrow" if mail_since is not None else "No mail waits so far"
    return Problem(
        state=State.BROKEN if red else State.ATTENTION,
        sentence="As many mails as a day may have were sent today; the rest waits until midnight.",
        since=now.in_calendar(one.since),
        detail=f"{one.sentence} {waits}; answers to people's own requests still go out.",
        advice=(
            "See in the log what was sent. If it was right, run `notifier release brake`, which lets mail go "
            "for the rest of the day, and perhaps raise mail.per_day."
        ),
    )


def _mail_since(stored: Stored, now: Now) -> datetime | None:
    """Return since when mail of any kind waits (calendar time)."""
    waits = (waiting_since(stored, now), digests_waiting_since(stored, now))
    return min((one for one in waits if one is not None), default=None)


def _too_long(one: Hold, now: Now) -> bool:
    return now.machine - one.since > HOLD_LIMIT
