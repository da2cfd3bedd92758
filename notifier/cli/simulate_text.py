"""What will be announced, as a table, and as a script reads it."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from notifier.events.forecast import Forecast
from notifier.events.titles import clean, named
from notifier.events.wording import count, hour, local, moment
from notifier.subscriptions.audience import Rhythms

_HEADINGS = ("When", "Procedure", "What is said", "At once", "Daily", "Weekly")
_NUMBERS = 3
"""So many columns, the last ones, hold numbers and are set to the right."""


def as_text(found: Sequence[Forecast], *, start: datetime, end: datetime, zone: str) -> str:
    """Return a line for each alert, earliest first; last, how many mails that is."""
    if not found:
        return f"Nothing is to be said from {moment(start, zone)} to {moment(end, zone)}."
    rows = [_HEADINGS, *(_row(one, zone) for one in found)]
    sums = together(found)
    rows.append((count(len(found), "alert"), "", "", *_numbers(sums)))
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    return "\n".join(_line(row, widths) for row in rows)


def as_json(found: Sequence[Forecast], *, start: datetime, end: datetime) -> dict[str, object]:
    """Return the alerts, earliest first, and the sums."""
    return {
        "from": _iso(start),
        "to": _iso(end),
        "alerts": [_alert(one) for one in found],
        "people": asdict(together(found)),
    }


def together(found: Sequence[Forecast]) -> Rhythms:
    """Return the sums over all that is not held; who is told of two alerts counts twice."""
    people = [one.people for one in found if not one.held]
    return Rhythms(
        at_once=sum(one.at_once for one in people),
        daily=sum(one.daily for one in people),
        weekly=sum(one.weekly for one in people),
    )


def _row(one: Forecast, zone: str) -> tuple[str, ...]:
    there = local(one.at, zone)
    when = f"{there:%Y-%m-%d} {hour(there.time())}"
    said = "".join([_lead(one), *(f" [{mark}]" for mark in _marks(one))])
    return (when, clean(one.procedure.shown_id), said, *_numbers(one.people))


def _lead(one: Forecast) -> str:
    """Return what the entry's title says before it names the procedure."""
    return one.title.removesuffix(f": {named(one.procedure.title, one.procedure.shown_id)}")


def _marks(one: Forecast) -> list[str]:
    marks = {"held": one.held, "draft": one.procedure.draft, "in the feeds only": not one.mailed}
    return [mark for mark, stands in marks.items() if stands]


def _numbers(people: Rhythms) -> tuple[str, str, str]:
    return f"{people.at_once:,}", f"{people.daily:,}", f"{people.weekly:,}"


def _line(row: tuple[str, ...], widths: Sequence[int]) -> str:
    texts = [cell.ljust(width) for cell, width in zip(row[:-_NUMBERS], widths, strict=False)]
    numbers = [cell.rjust(width) for cell, width in zip(row[-_NUMBERS:], widths[-_NUMBERS:], strict=True)]
    return "  ".join([*texts, *numbers]).rstrip()


def _alert(one: Forecast) -> dict[str, object]:
    return {
        "at": _iso(one.at),
        "day": one.day.isoformat(),
        "reference": one.procedure.slug,
        "id": one.procedure.shown_id,
        "milestone": one.milestone.key,
        "kind": one.kind.value,
        "title": one.title,
        "held": one.held,
        "draft": one.procedure.draft,
        "mailed": one.mailed,
        "people": asdict(one.people),
    }


def _iso(instant: datetime) -> str:
    return instant.isoformat(timespec="seconds")
