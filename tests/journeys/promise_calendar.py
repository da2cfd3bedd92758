"""When a step of a procedure speaks, as it is promised: days, hours, working days and reminders."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from holidays import country_holidays

from notifier.subscriptions.model import Rhythm

MEETING, CONSULTATION, PUBLICATION = "ipac-1", "consultation", "publication"
STEPS = (MEETING, CONSULTATION, PUBLICATION)

Days = tuple[date, date] | None
"""First and last day of a step, the same for a single day; None: no day is known."""

Moment = tuple[str, str, date]
"""(step, what comes, the day it stands for)."""


_LONDON = ZoneInfo("Europe/London")
_HOLIDAYS = country_holidays("GB", subdiv="ENG")


def at(day: date, hour: int) -> datetime:
    """Return the instant of an hour in London."""
    return datetime.combine(day, time(hour), tzinfo=_LONDON).astimezone(UTC)


def local(now: datetime) -> datetime:
    """Return what clocks in London show."""
    return now.astimezone(_LONDON)


def back_to_work(day: date) -> date:
    """Return the working day on or before `day`: when somebody reads a reminder."""
    while day.weekday() > 4 or day in _HOLIDAYS:
        day -= timedelta(days=1)
    return day


def _next_working_day(day: date) -> date:
    day += timedelta(days=1)
    while day.weekday() > 4 or day in _HOLIDAYS:
        day += timedelta(days=1)
    return day


def moments(step: str, days: Days) -> dict[Moment, datetime]:
    """Return when a step speaks: the promises about reminders and working days, in one place."""
    if days is None:
        return {}
    first, last = days
    if step == MEETING:
        return {(step, "meeting", first): at(first, 9)}
    if step == PUBLICATION:
        after = _next_working_day(first)
        return {(step, "expected", first): at(first, 9), (step, "not_yet", after): at(after, 9)}
    found = {(step, "opened", first): at(first, 9), (step, "closed", last): at(last, 17)}
    last_call, week = back_to_work(last - timedelta(days=1)), back_to_work(last - timedelta(days=7))
    if last_call > first:
        found[step, "closing:1", last_call] = at(last_call, 9)
    if week - first >= timedelta(days=3) and week < last_call:
        found[step, "closing:7", week] = at(week, 9)
    return found


def last_slot(rhythm: Rhythm, now: datetime) -> datetime:
    """Return the newest 9am at which readers of a rhythm are mailed what was gathered for them."""
    day = local(now).date()
    step = timedelta(days=1)
    while at(day, 9) > now or (rhythm is Rhythm.WEEKLY and day.weekday() != 0):
        day -= step
    return at(day, 9)


def next_slot(rhythm: Rhythm, now: datetime) -> datetime:
    """Return the next such 9am."""
    day = local(now).date()
    while at(day, 9) <= now or (rhythm is Rhythm.WEEKLY and day.weekday() != 0):
        day += timedelta(days=1)
    return at(day, 9)


def after_quiet_hours(now: datetime) -> datetime:
    """Return when a change that settles now is mailed: 9am for what comes between 8pm and 8am."""
    there = local(now)
    if there.hour >= 20:
        return at(there.date() + timedelta(days=1), 9)
    return at(there.date(), 9) if there.hour < 8 else now
