"""Days and instants as they are typed on a command line, in the zone of the service."""

import re
from datetime import UTC, date, datetime, time, timedelta

import typer

from notifier.procedures.due import Rules
from notifier.procedures.typed_days import YEARS, guess_day, read_day

_SPAN = re.compile(r"(?:(\d{1,3})d)? ?(?:(\d{1,3})h)? ?(?:(\d{1,4})m)?")


def read_instant(text: str, rules: Rules, *, option: str, today: date, ends: bool = False) -> datetime:
    """Return the instant of "2022-09-01", where that day begins or, if it `ends` a period, where it ends.

    An instant such as "2022-09-01T09:00" is taken as it is; without an offset it is local.

    Raises:
        typer.BadParameter: it is neither; the message guesses what was meant.
    """
    day = read_day(text)
    if day is not None:
        return rules.instant(day + timedelta(days=1) if ends else day, time(0))
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        found = None
    if found is not None and found.year in YEARS:
        return (found if found.tzinfo else found.replace(tzinfo=rules.zone)).astimezone(UTC)
    guess = guess_day(text, today)
    meant = f"; did you mean {guess.isoformat()}?" if guess is not None else ""
    words = f"“{text}” is not a day such as 2022-09-01, or an instant such as 2022-09-01T09:00{meant}"
    raise typer.BadParameter(words, param_hint=option)


def read_span(text: str, *, option: str) -> timedelta:
    """Return how long "2h", "90m" or "1d 12h" is.

    Raises:
        typer.BadParameter: it is none of these, or nothing.
    """
    found = _SPAN.fullmatch(text.strip().lower())
    days, hours, minutes = (int(part or 0) for part in found.groups()) if found else (0, 0, 0)
    span = timedelta(days=days, hours=hours, minutes=minutes)
    if not span:
        raise typer.BadParameter(f"“{text}” is not a time such as 2h, 90m or 1d 12h", param_hint=option)
    return span
