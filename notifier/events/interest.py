"""Which events somebody wants: presets, not a grid of boxes (promises §6). Pure."""

from enum import StrEnum

from notifier.events.model import EventKind, Payload
from notifier.procedures.model import MilestoneKind

_CHANGES = frozenset(
    (
        EventKind.DATE_ADDED,
        EventKind.DATE_SET,
        EventKind.MOVED,
        EventKind.EXTENDED,
        EventKind.SHORTENED,
        EventKind.REMOVED,
    )
)

_MINOR_CHANGE = 1 << 30
"""The bit of a change to a meeting or another small step: only "Every step" has it. Stored; never changes."""

_REMINDERS = EventKind.CLOSING_SOON.bit

_MAJOR = frozenset((MilestoneKind.CONSULTATION, MilestoneKind.WINDOW, MilestoneKind.PUBLICATION))


class Preset(StrEnum):
    """What a person chooses when subscribing."""

    DEADLINES = "deadlines"
    OPENINGS = "openings"
    EVERY_STEP = "every-step"


def kind_bit(kind: EventKind, payload: Payload) -> int:
    """Return the bit by which subscriptions choose this event."""
    if kind in _CHANGES and not any(one.milestone_kind in _MAJOR for one in payload.changes):
        return _MINOR_CHANGE
    return kind.bit


def kinds_of(preset: Preset) -> int:
    """Return the kinds of event that a preset stands for, as the bits of a subscription."""
    bits = 0
    for kind in _KINDS[preset]:
        bits |= kind.bit
    return bits | _MINOR_CHANGE if preset is Preset.EVERY_STEP else bits


def preset_of(kinds: int) -> Preset | None:
    """Return the preset that the bits of a subscription stand for, with reminders or without; None: none."""
    plain = kinds & ~_REMINDERS
    return next((preset for preset in Preset if kinds_of(preset) & ~_REMINDERS == plain), None)


def reminding(kinds: int, *, on: bool) -> int:
    """Return the kinds of a subscription of somebody who wants reminders, or wants none.

    Without, their bit is taken out of every subscription; with, it is put back where the preset has it.
    """
    preset = preset_of(kinds)
    whole = kinds if preset is None else kinds_of(preset)
    return whole if on else whole & ~_REMINDERS


def has_reminders(preset: Preset) -> bool:
    """Whether a preset speaks of reminders at all."""
    return bool(kinds_of(preset) & _REMINDERS)


_DEADLINES = frozenset(
    (
        EventKind.OPENED,
        EventKind.CLOSING_SOON,
        EventKind.EXPECTED,
        EventKind.NOT_YET,
        EventKind.SUSPENDED,
        EventKind.RESTARTED,
        EventKind.DISCONTINUED,
        EventKind.PUBLISHED,
        EventKind.CORRECTION,
        EventKind.REOPENED,
        *_CHANGES,
    )
)

_KINDS: dict[Preset, frozenset[EventKind]] = {
    Preset.DEADLINES: _DEADLINES,
    Preset.OPENINGS: frozenset((EventKind.OPENED, EventKind.REOPENED, EventKind.CORRECTION)),
    # What confirms something was told before, and is no mail of its own.
    Preset.EVERY_STEP: frozenset(EventKind) - {EventKind.CONFIRMED},
}
