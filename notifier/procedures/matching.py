"""Which row of a reading is which stored milestone, when its label or its place has changed. Pure.

A key outlives labels: a row that was only relabelled must not be told as one date removed and another added.
Each rule takes what the ones before it left over, and a stored milestone is taken once.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from notifier.procedures.kinds import milestone_key, milestone_kind
from notifier.procedures.model import (
    Dates,
    Milestone,
    MilestoneKind,
    MilestoneState,
    Precision,
    TimelineEntry,
)

_Rule = Callable[[Milestone, Milestone], bool]


def align(stored: Sequence[Milestone], read: Sequence[Milestone], *, given: bool) -> tuple[Milestone, ...]:
    """Return the rows of a reading under the keys by which they are stored; a new row keeps its own.

    `given` is a reading that names things in its own way, as a list of open consultations does: a range that
    is the same to the day, or begins on the same day, is the same consultation whatever it is called.
    """
    free, keys = list(stored), dict[int, str]()
    for rule in _GIVEN if given else _RULES:
        for place, row in enumerate(read):
            if place in keys or not (rule is _same_key or _is_made_from_label(row)):
                continue
            found = next((one for one in free if rule(one, row)), None)
            if found is not None:
                keys[place] = found.key
                free.remove(found)
    taken = {*keys.values(), *(one.key for one in stored)}
    aligned: list[Milestone] = []
    for place, row in enumerate(read):
        key = keys.get(place) or _own_key(row.key, taken)
        taken.add(key)
        aligned.append(row if key == row.key else replace(row, key=key))
    return tuple(aligned)


def seen_in(timeline: Sequence[TimelineEntry], milestone: Milestone) -> Dates | None:
    """Return the days on which the source says that a milestone happened; None when it does not say so."""
    for entry in timeline:
        if entry.start is None:
            continue
        dates = replace(milestone.dates, start=entry.start, end=entry.end, precision=Precision.DAY)
        if milestone_key(entry.text) == milestone_key(milestone.label):
            return dates
        kind = milestone_kind(entry.text, spans=entry.end is not None, process=None)
        if kind is milestone.kind and _is_telling(milestone) and dates.same_days(milestone.dates):
            return dates
    return None


def _is_telling(milestone: Milestone) -> bool:
    """Whether its kind says what it is; two steps of no kind on one day need not be the same."""
    return milestone.kind is not MilestoneKind.OTHER


def _is_made_from_label(row: Milestone) -> bool:
    """Whether a key only repeats the label. One that somebody gave says itself which milestone it is."""
    made = milestone_key(row.label)
    return row.key == made or (row.key.startswith(f"{made}-") and row.key[len(made) + 1 :].isdecimal())


def _own_key(key: str, taken: set[str]) -> str:
    """Return a key that no stored milestone has: a repeated label may have been numbered otherwise before."""
    number, free = 2, key
    while free in taken:
        free, number = f"{key}-{number}", number + 1
    return free


def _same_label_and_days(one: Milestone, row: Milestone) -> bool:
    return _same_label(one, row) and _has_day(one) and one.dates.same_days(row.dates)


def _same_key(one: Milestone, row: Milestone) -> bool:
    return one.key == row.key


def _same_label(one: Milestone, row: Milestone) -> bool:
    return milestone_key(one.label) == milestone_key(row.label)


def _same_days(one: Milestone, row: Milestone) -> bool:
    stands = one.state is not MilestoneState.WITHDRAWN
    return stands and _has_day(one) and one.kind is row.kind and one.dates.same_days(row.dates)


def _same_range(one: Milestone, row: Milestone) -> bool:
    return one.kind.spans and _has_day(one) and one.dates.same_days(row.dates)


def _same_opening(one: Milestone, row: Milestone) -> bool:
    return one.kind.spans and _has_day(one) and one.dates.start == row.dates.start


def _has_day(one: Milestone) -> bool:
    return one.dates.precision is Precision.DAY


_RULES: tuple[_Rule, ...] = (_same_label_and_days, _same_key, _same_label, _same_days)
_GIVEN: tuple[_Rule, ...] = (
    _same_label_and_days,
    _same_range,
    _same_key,
    _same_label,
    _same_days,
    _same_opening,
)
"""The days before the name: the list's "Draft guidance" of last year is not the one that is open now."""
