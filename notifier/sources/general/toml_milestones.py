"""The milestones of a procedure in a document of one's own, be it TOML, JSON or CSV → milestones. Pure."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, time

from notifier.procedures.date_words import DateError, read_time
from notifier.procedures.dates import EARLIEST_YEAR, YEARS_AHEAD, believable, read_dates, says_unset
from notifier.procedures.kinds import milestone_keys, milestone_kind
from notifier.procedures.model import Dates, Milestone, MilestoneKind, MilestoneState, Precision
from notifier.sources.errors import SourceError
from notifier.sources.general.toml_table import DAY, HOUR, TEXT, Kind, Table

MILESTONE_NAMES: dict[str, tuple[Kind, ...]] = {
    "label": (TEXT,),
    "date": (TEXT, DAY),
    "start": (DAY,),
    "end": (DAY,),
    "closes_at": (HOUR, TEXT),
    "kind": (TEXT,),
    "key": (TEXT,),
    "state": (TEXT,),
}
STATES = (MilestoneState.PLANNED, MilestoneState.REACHED)
"""What a body can say of a milestone; one that it takes back is left out."""

_KEY = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_DATE = 'a date, such as "14 October 2022 - 11 November 2022", "March 2023" or "TBC"'


def read_milestones(
    entries: Sequence[Table], *, process: str | None, today: date
) -> tuple[tuple[Milestone, ...], tuple[SourceError, ...]]:
    """Read every milestone, in the order of the document; or say what is wrong with each that is refused.

    Where there is a problem there are no milestones: a part of a schedule would withdraw the rest.
    """
    given: dict[str, Table] = {}
    found: list[Milestone] = []
    problems: list[SourceError] = []
    for entry in entries:
        try:
            key = _given_key(entry, given)
            found.append(_milestone(entry, key or "", process, today))
        except SourceError as error:
            problems.append(error)
    if problems:
        return (), tuple(problems)
    made = iter(milestone_keys([one.label for one in found if not one.key], taken=frozenset(given)))
    return tuple(one if one.key else replace(one, key=next(made)) for one in found), ()


def _given_key(entry: Table, given: dict[str, Table]) -> str | None:
    key = entry.text("key")
    if key is None:
        return None
    if not (_KEY.fullmatch(key) and len(key) <= 80):
        raise entry.refuse("key", expected="lower-case letters, digits and hyphens, at most 80")
    before = given.setdefault(key, entry)
    if before is not entry:
        expected = f"a key of its own: {before.place_of('key')} has it too"
        raise entry.refuse("key", expected=expected)
    return key


def _milestone(entry: Table, key: str, process: str | None, today: date) -> Milestone:
    label = entry.needed("label")
    dates = _closing(entry, _dates(entry, today))
    kind = entry.choice("kind", MilestoneKind)
    state = entry.choice("state", STATES)
    return Milestone(
        key=key,
        label=label,
        kind=MilestoneKind(kind)
        if kind
        else milestone_kind(label, spans=dates.end is not None, process=process),
        dates=dates,
        state=MilestoneState(state) if state else MilestoneState.PLANNED,
    )


def _dates(entry: Table, today: date) -> Dates:
    if ("date" in entry.values) is ("start" in entry.values):
        raise entry.error("date", found=None, expected='either "date" or "start"')
    if "end" in entry.values and "start" not in entry.values:
        raise entry.refuse("end", expected='given beside "date": write the range in it, or use "start"')
    written = entry.text("date")
    return _days(entry, today) if written is None else _as_text(entry, written, today)


def _as_text(entry: Table, written: str, today: date) -> Dates:
    try:
        dates = read_dates(written, today=today)
    except DateError as error:
        raise entry.undated("date", error) from error
    if dates.precision is Precision.UNKNOWN and not says_unset(written):
        raise entry.refuse("date", expected=f"{_DATE}, in a year from {_years(today)}")
    return dates


def _days(entry: Table, today: date) -> Dates:
    name = "start" if "start" in entry.values else "date"
    start, end = entry.day(name), entry.day("end")
    for place, day in ((name, start), ("end", end)):
        if day is not None and not believable(day.year, today):
            raise entry.refuse(place, expected=f"a day in a year from {_years(today)}")
    if start is not None and end is not None and end < start:
        raise entry.refuse("end", expected=f"a day on or after the start, {start}")
    written = " - ".join(day.isoformat() for day in (start, end) if day is not None)
    return Dates(start=start, end=end, precision=Precision.DAY, as_written=written)


def _years(today: date) -> str:
    return f"{EARLIEST_YEAR} to {today.year + YEARS_AHEAD}"


def _closing(entry: Table, dates: Dates) -> Dates:
    """Add the hour at which a range closes, where the document gives it beside the date."""
    hour = entry.values.get("closes_at")
    if hour is None:
        return dates
    if isinstance(hour, str):
        try:
            hour = read_time(hour)
        except DateError as error:
            raise entry.refuse("closes_at", expected=HOUR.expected) from error
    if dates.end is None or dates.precision is not Precision.DAY:
        raise entry.refuse("closes_at", expected="beside a range of days, which alone closes")
    if not isinstance(hour, time) or dates.closes_at not in (None, hour):
        raise entry.refuse("closes_at", expected=f"the hour given in the date, {dates.closes_at}")
    return replace(dates, closes_at=hour.replace(second=0, microsecond=0))
