"""When staff are written to: over weekends, bank holidays, both changes of the clocks, and random years."""

from datetime import date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.events.staff.calendar import StaffKind, StaffSlot, is_fresh, kind_of, slots
from tests.cast import RULES, london

THREE = time(15)


def _slots(now: datetime) -> tuple[StaffSlot, ...]:
    return slots(now, letter_at=THREE, rules=RULES)


def _letter(now: datetime) -> StaffSlot:
    return next(one for one in _slots(now) if one.kind is StaffKind.LETTER)


@pytest.mark.parametrize(
    ("day", "last"),
    [
        (date(2022, 10, 13), date(2022, 10, 14)),  # Thursday: Friday
        (date(2022, 10, 14), date(2022, 10, 17)),  # Friday: the weekend and Monday
        (date(2022, 12, 23), date(2022, 12, 28)),  # Friday before Christmas: Wednesday
        (date(2022, 12, 30), date(2023, 1, 3)),  # the Friday before a Monday off: Tuesday
        (date(2023, 4, 6), date(2023, 4, 11)),  # Maundy Thursday: Tuesday after Easter
    ],
)
def test_a_letter_is_about_the_days_up_to_and_including_the_next_working_day(day: date, last: date) -> None:
    slot = _letter(RULES.instant(day, THREE))
    assert (slot.key, slot.day, slot.last) == (f"staff:{day}", day, last)
    assert slot.start == RULES.instant(day + timedelta(days=1), time(0))
    assert slot.end == RULES.instant(last + timedelta(days=1), time(0))


@pytest.mark.parametrize(
    "day", [date(2022, 10, 15), date(2022, 10, 16), date(2022, 12, 26), date(2023, 4, 7)]
)
def test_nobody_is_written_to_on_a_day_off(day: date) -> None:
    assert _slots(RULES.instant(day, THREE)) == ()


def test_a_letter_waits_for_its_hour_and_is_late_on_its_own_day_alone() -> None:
    assert _slots(london(2022, 10, 13, 15) - timedelta(microseconds=1)) == ()
    assert _letter(london(2022, 10, 13, 23, 59)).day == date(2022, 10, 13)
    assert _slots(london(2022, 10, 14, 0)) == ()


def test_a_week_begins_with_an_outlook_over_fourteen_days() -> None:
    slot = next(one for one in _slots(london(2022, 10, 17, 15)) if one.kind is StaffKind.OUTLOOK)
    assert (slot.key, slot.last) == ("outlook:2022-10-17", date(2022, 10, 31))
    assert (slot.start, slot.end) == (london(2022, 10, 18, 0), london(2022, 11, 1, 0))


def test_a_week_that_begins_with_a_day_off_has_its_outlook_on_tuesday() -> None:
    assert _slots(london(2023, 1, 2, 15)) == ()
    kinds = {one.kind: one.key for one in _slots(london(2023, 1, 3, 15))}
    assert kinds == {StaffKind.LETTER: "staff:2023-01-03", StaffKind.OUTLOOK: "outlook:2023-01-02"}


@pytest.mark.parametrize("day", [date(2022, 10, 18), date(2022, 10, 21)])
def test_no_later_day_of_a_week_has_an_outlook(day: date) -> None:
    assert [one.kind for one in _slots(RULES.instant(day, THREE))] == [StaffKind.LETTER]


@pytest.mark.parametrize(
    ("friday", "hours"),
    [(date(2023, 3, 24), 71), (date(2022, 10, 28), 73), (date(2022, 10, 21), 72)],
)
def test_a_weekend_on_which_the_clocks_change_is_whole(friday: date, hours: int) -> None:
    slot = _letter(RULES.instant(friday, THREE))
    assert slot.end - slot.start == timedelta(hours=hours)


@given(first=st.dates(date(2020, 1, 1), date(2035, 1, 1)))
def test_letters_follow_on_one_another_without_a_gap_or_an_overlap(first: date) -> None:
    days = [first + timedelta(days=ahead) for ahead in range(30)]
    letters = [_letter(RULES.instant(day, THREE)) for day in days if RULES.is_working(day)]
    for one, following in pairwise(letters):
        assert (one.end, one.last) == (following.start, following.day)


@given(day=st.dates(date(2020, 1, 1), date(2035, 1, 1)))
def test_each_week_has_at_most_one_outlook(day: date) -> None:
    monday = day - timedelta(days=day.weekday())
    keys = [
        slot.key
        for ahead in range(7)
        for slot in _slots(RULES.instant(monday + timedelta(days=ahead), THREE))
        if slot.kind is StaffKind.OUTLOOK
    ]
    assert keys in ([], [f"outlook:{monday}"])


def test_what_is_about_tomorrow_is_not_sent_tomorrow_but_a_receipt_is() -> None:
    written, midnight = london(2022, 10, 13, 15), london(2022, 10, 14, 0)
    assert is_fresh(StaffKind.LETTER, written, midnight - timedelta(seconds=1), rules=RULES)
    assert not is_fresh(StaffKind.LETTER, written, midnight, rules=RULES)
    assert not is_fresh(StaffKind.OUTLOOK, written, midnight, rules=RULES)
    assert is_fresh(StaffKind.RECEIPT, written, midnight, rules=RULES)


@pytest.mark.parametrize("kind", StaffKind)
def test_a_slot_key_tells_its_kind(kind: StaffKind) -> None:
    assert kind_of(f"{kind}:2022-10-13") is kind
