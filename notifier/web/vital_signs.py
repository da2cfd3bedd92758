"""What the state of the service comes to, in sentences (promises §7). Pure: facts in, judgement out.

Red is kept for what somebody must get up for; everything else that is wrong asks for attention.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from notifier.delivery.deliver import Fault
from notifier.events.wording import hour, moment, plain_day

UNANNOUNCED_LIMIT = timedelta(minutes=5)
"""Longer than a sweep and a restart take: what is due and silent for so long will not speak by itself."""

MAIL_SLOW = timedelta(minutes=15)
MAIL_LIMIT = timedelta(minutes=60)
"""How long mail may be ready before somebody should look, and before somebody must."""

SWEEPS_MISSED = 3
"""So many intervals without a sweep: the task that watches the dates is stuck or gone."""


class State(StrEnum):
    """How the service is. Only `BROKEN` answers 503."""

    OK = "ok"
    ATTENTION = "attention"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """The next announcement: when (calendar time), of what, and how many people follow it."""

    at: datetime
    shown_ids: tuple[str, ...]
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What the database says. `mail_since` is machine time, the others are calendar time.

    `unannounced_since`: the oldest instant that is due, not held, and silent. `mail_since`: the oldest mail
    that is ready and not handed over. `unaddressed_since`: the oldest announcement that has not been turned
    into mails for all who follow.
    """

    coming: Coming | None
    unannounced_since: datetime | None
    mail_since: datetime | None
    unaddressed_since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """What the process says: `started_at` and `swept_at` are machine time."""

    started_at: datetime
    swept_at: datetime | None
    sweep_seconds: float
    fault: Fault | None
    source_problems: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """The two times of one moment, and the zone in which sentences tell it."""

    calendar: datetime
    machine: datetime
    zone: ZoneInfo

    def in_calendar(self, machine: datetime) -> datetime:
        """Return the calendar instant that is as long ago as this machine instant."""
        return self.calendar - (self.machine - machine)

    def told(self, instant: datetime) -> str:
        """Return "8:55am on 14 October 2022"."""
        return moment(instant, self.zone.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong. `since` is calendar time, None where nobody noted it.

    `sentence` is for everybody; `detail` and `advice` are for whoever runs the service.
    """

    state: State
    sentence: str
    since: datetime | None
    detail: str
    advice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The judgement. `since` is when the oldest problem of the worst kind began."""

    state: State
    sentence: str
    since: datetime | None
    coming: Coming | None
    problems: tuple[Problem, ...]


def judge(stored: Stored | None, running: Running, now: Now) -> Health:
    """Judge the service; `stored` is None when the database does not answer."""
    problems = tuple(
        problem
        for problem in (
            _database(stored),
            _sweep(running, now),
            _unannounced(stored, now),
            _mail(stored, now),
            _fault(running, now),
            _sources(running),
        )
        if problem is not None
    )
    broken = any(problem.state is State.BROKEN for problem in problems)
    state = State.BROKEN if broken else State.ATTENTION if problems else State.OK
    began = [one.since for one in problems if one.state is state and one.since is not None]
    return Health(
        state=state,
        sentence=_sentence(state, problems, stored, now),
        since=min(began, default=None),
        coming=stored.coming if stored is not None else None,
        problems=problems,
    )


def waiting_since(stored: Stored, now: Now) -> datetime | None:
    """Return since when (calendar time) the oldest mail waits, whether it has its address yet or not."""
    ready = now.in_calendar(stored.mail_since) if stored.mail_since is not None else None
    return min((one for one in (ready, stored.unaddressed_since) if one is not None), default=None)


def _database(stored: Stored | None) -> Problem | None:
    if stored is not None:
        return None
    return Problem(
        state=State.BROKEN,
        sentence="The database does not answer.",
        since=None,
        detail="Nothing can be announced, sent or signed up for meanwhile; nothing is lost.",
        advice="Look at the disk and at the log of this process.",
    )


def _sweep(running: Running, now: Now) -> Problem | None:
    last = running.swept_at or running.started_at
    if now.machine - last <= timedelta(seconds=SWEEPS_MISSED * running.sweep_seconds):
        return None
    since = now.in_calendar(last)
    return Problem(
        state=State.BROKEN,
        sentence=f"Nobody has looked for what is due since {now.told(since)}.",
        since=since,
        detail=f"A look is meant to happen every {running.sweep_seconds:g} seconds.",
        advice="Read the log, then restart the process; what fell due meanwhile is announced at once.",
    )


def _unannounced(stored: Stored | None, now: Now) -> Problem | None:
    since = stored.unannounced_since if stored is not None else None
    if since is None or now.calendar - since <= UNANNOUNCED_LIMIT:
        return None
    return Problem(
        state=State.BROKEN,
        sentence=f"A date that was due at {now.told(since)} has not been announced.",
        since=since,
        detail="It is not held, and it will be announced late.",
        advice='Look in the log for "row_poisoned" and its cause; hold the date if it should stay silent.',
    )


def _mail(stored: Stored | None, now: Now) -> Problem | None:
    since = waiting_since(stored, now) if stored is not None else None
    if since is None or now.calendar - since <= MAIL_SLOW:
        return None
    return Problem(
        state=State.BROKEN if now.calendar - since > MAIL_LIMIT else State.ATTENTION,
        sentence=f"Mail has waited to be handed over since {now.told(since)}.",
        since=since,
        detail="It is queued and will be sent; feeds and pages are not affected.",
        advice="See whether the mail server takes mail from here, and how fast.",
    )


def _fault(running: Running, now: Now) -> Problem | None:
    fault = running.fault
    if fault is None:
        return None
    return Problem(
        state=State.ATTENTION,
        sentence=f"Sending mail has been paused since {now.told(fault.since)}.",
        since=fault.since,
        detail=fault.reason,
        advice="Mend the cause; the server is tried again by itself, at least every hour.",
    )


def _sources(running: Running) -> Problem | None:
    count = len(running.source_problems)
    if not count:
        return None
    return Problem(
        state=State.ATTENTION,
        sentence=f"{count} {'source' if count == 1 else 'sources'} of dates could not be read.",
        since=None,
        detail="\n".join(running.source_problems),
        advice="Mend the file; until then the dates that were read before stay in force.",
    )


def _sentence(state: State, problems: Sequence[Problem], stored: Stored | None, now: Now) -> str:
    said = " ".join(problem.sentence for problem in problems) if problems else _all_well(stored, now)
    coming = _next(stored.coming, now) if stored is not None else ""
    first = "OK" if state is State.OK else state.value.capitalize()
    return " ".join(part for part in (f"{first}.", said, coming) if part)


def _all_well(stored: Stored | None, now: Now) -> str:
    if stored is not None and stored.unannounced_since is not None:
        return "What is due is being announced."
    if stored is not None and waiting_since(stored, now) is not None:
        return "Everything due is announced; mail is being handed over."
    return "Everything due is announced and handed over."


def _next(coming: Coming | None, now: Now) -> str:
    if coming is None:
        return "No date is to come."
    there = coming.at.astimezone(now.zone)
    what = coming.shown_ids[0] if coming.shown_ids else "a date"
    more = len(coming.shown_ids) - 1
    others = f" and {more} {'other' if more == 1 else 'others'}" if more > 0 else ""
    when = f"{hour(there.time())}, {plain_day(there.date())}"
    return f"Next: {when}, {what}{others}, {_people(coming.people)}."


def _people(number: int) -> str:
    return "nobody follows yet" if not number else "1 person" if number == 1 else f"{number:,} people"
