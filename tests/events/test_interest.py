"""Which events a choice stands for. The numbers are stored with every subscription: they never change."""

from dataclasses import replace

import pytest

from notifier.events.interest import Preset, has_reminders, kind_bit, kinds_of, preset_of, reminding
from notifier.events.model import DateChange, EventKind
from notifier.procedures.model import MilestoneKind
from tests.events.words_cast import PAYLOADS, PUBLICATION, on

MINOR = 1_073_741_824
CHANGES = (
    EventKind.DATE_ADDED,
    EventKind.DATE_SET,
    EventKind.MOVED,
    EventKind.EXTENDED,
    EventKind.SHORTENED,
    EventKind.REMOVED,
)
MAJOR = (MilestoneKind.CONSULTATION, MilestoneKind.WINDOW, MilestoneKind.PUBLICATION)

STORED_BITS = {
    EventKind.OPENED: 1,
    EventKind.CLOSING_SOON: 2,
    EventKind.CLOSED: 4,
    EventKind.MEETING: 8,
    EventKind.EXPECTED: 16,
    EventKind.NOT_YET: 32,
    EventKind.REACHED: 64,
    EventKind.DATE_ADDED: 128,
    EventKind.DATE_SET: 256,
    EventKind.MOVED: 512,
    EventKind.EXTENDED: 1_024,
    EventKind.SHORTENED: 2_048,
    EventKind.REMOVED: 4_096,
    EventKind.SUSPENDED: 8_192,
    EventKind.RESTARTED: 16_384,
    EventKind.DISCONTINUED: 32_768,
    EventKind.PUBLISHED: 65_536,
    EventKind.LISTED: 131_072,
    EventKind.CORRECTION: 262_144,
    EventKind.REOPENED: 524_288,
    EventKind.CONFIRMED: 1_048_576,
}


def changed(kind: EventKind, *milestones: MilestoneKind) -> int:
    rows = tuple(
        DateChange(kind=kind, milestone_kind=one, label="Step", old=None, new=on(2023, 5, 24))
        for one in milestones
    )
    return kind_bit(kind, replace(PUBLICATION, changes=rows))


@pytest.mark.parametrize("kind", list(EventKind))
def test_the_bit_of_a_kind_is_the_stored_one(kind: EventKind) -> None:
    assert kind.bit == STORED_BITS[kind]
    assert kind_bit(kind, PAYLOADS[kind]) == STORED_BITS[kind]


def test_a_choice_is_the_stored_number() -> None:
    assert {preset: kinds_of(preset) for preset in Preset} == {
        Preset.DEADLINES: 393_139 + 524_288,
        Preset.OPENINGS: 262_145 + 524_288,
        Preset.EVERY_STEP: 1_048_575 + MINOR,
    }


@pytest.mark.parametrize(
    ("kind", "deadlines", "openings"),
    [
        (EventKind.OPENED, True, True),
        (EventKind.CLOSING_SOON, True, False),
        (EventKind.CLOSED, False, False),
        (EventKind.MEETING, False, False),
        (EventKind.EXPECTED, True, False),
        (EventKind.NOT_YET, True, False),
        (EventKind.REACHED, False, False),
        *((kind, True, False) for kind in CHANGES),
        (EventKind.SUSPENDED, True, False),
        (EventKind.RESTARTED, True, False),
        (EventKind.DISCONTINUED, True, False),
        (EventKind.PUBLISHED, True, False),
        (EventKind.LISTED, False, False),
        (EventKind.CORRECTION, True, True),
        (EventKind.REOPENED, True, True),
    ],
)
def test_a_choice_gets_its_kinds_and_every_step_gets_all(
    kind: EventKind, deadlines: bool, openings: bool
) -> None:
    bit = kind_bit(kind, PAYLOADS[kind])
    assert bool(kinds_of(Preset.DEADLINES) & bit) is deadlines
    assert bool(kinds_of(Preset.OPENINGS) & bit) is openings
    assert kinds_of(Preset.EVERY_STEP) & bit


@pytest.mark.parametrize("preset", list(Preset))
def test_nobody_is_mailed_that_what_was_told_is_confirmed(preset: Preset) -> None:
    assert not kinds_of(preset) & kind_bit(EventKind.CONFIRMED, PAYLOADS[EventKind.CONFIRMED])


@pytest.mark.parametrize("kind", CHANGES)
@pytest.mark.parametrize("milestone", list(MilestoneKind))
def test_a_change_to_a_small_step_reaches_only_every_step(kind: EventKind, milestone: MilestoneKind) -> None:
    bit = changed(kind, milestone)
    assert bit == (STORED_BITS[kind] if milestone in MAJOR else MINOR)
    wanted_by = {preset for preset in Preset if kinds_of(preset) & bit}
    assert wanted_by == {Preset.EVERY_STEP} | ({Preset.DEADLINES} if milestone in MAJOR else set())


def test_a_small_step_that_moves_beside_a_deadline_goes_with_it() -> None:
    assert changed(EventKind.MOVED, MilestoneKind.MEETING, MilestoneKind.CONSULTATION) == 512


def test_every_bit_fits_a_stored_integer_and_stands_alone() -> None:
    bits = [*STORED_BITS.values(), MINOR]
    assert sum(bits) < 2**31
    assert len({*bits}) == len(bits) == len(EventKind) + 1


@pytest.mark.parametrize("preset", Preset)
def test_a_preset_is_known_again_by_its_kinds_with_reminders_and_without(preset: Preset) -> None:
    for wanted in (True, False):
        assert preset_of(reminding(kinds_of(preset), on=wanted)) is preset


def test_kinds_that_no_preset_has_are_no_preset() -> None:
    assert preset_of(EventKind.MEETING.bit) is None


@pytest.mark.parametrize("preset", Preset)
def test_reminders_are_taken_out_and_put_back_where_the_preset_has_them(preset: Preset) -> None:
    without = reminding(kinds_of(preset), on=False)
    assert not without & EventKind.CLOSING_SOON.bit
    assert without | EventKind.CLOSING_SOON.bit == kinds_of(preset) | EventKind.CLOSING_SOON.bit
    assert reminding(without, on=True) == kinds_of(preset)
    assert bool(reminding(without, on=True) & EventKind.CLOSING_SOON.bit) is has_reminders(preset)


def test_kinds_that_no_preset_has_lose_their_reminders_and_nothing_else() -> None:
    odd = EventKind.CLOSING_SOON.bit | EventKind.MEETING.bit
    assert reminding(odd, on=True) == odd
    assert reminding(odd, on=False) == EventKind.MEETING.bit
