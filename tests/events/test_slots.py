"""When gathered news is mailed: 9am by the clocks of London, each day or each Monday."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.events.slots import GATHERING, last_slot, next_slot, rhythm_of
from notifier.subscriptions.model import Rhythm
from tests.cast import RULES, london


@pytest.mark.parametrize(
    ("now", "key", "at"),
    [
        (london(2022, 10, 14, 8, 59), "daily:2022-10-13", london(2022, 10, 13)),
        (london(2022, 10, 14, 9, 0), "daily:2022-10-14", london(2022, 10, 14)),
        (london(2022, 10, 30, 9, 0), "daily:2022-10-30", datetime.fromisoformat("2022-10-30T09:00+00:00")),
        (london(2022, 10, 29, 9, 0), "daily:2022-10-29", datetime.fromisoformat("2022-10-29T08:00+00:00")),
        (london(2023, 3, 26, 0, 30), "daily:2023-03-25", london(2023, 3, 25)),
    ],
)
def test_the_daily_slot_is_nine_by_the_clock_on_the_wall(now: datetime, key: str, at: datetime) -> None:
    slot = last_slot(Rhythm.DAILY, now, RULES)
    assert (slot.key, slot.at) == (key, at)


@pytest.mark.parametrize(
    ("now", "key"),
    [
        (london(2022, 10, 17, 8, 59), "weekly:2022-10-10"),
        (london(2022, 10, 17, 9, 0), "weekly:2022-10-17"),
        (london(2022, 10, 23, 23, 59), "weekly:2022-10-17"),
        (london(2022, 10, 31, 9, 0), "weekly:2022-10-31"),
    ],
)
def test_the_weekly_slot_is_on_mondays(now: datetime, key: str) -> None:
    assert last_slot(Rhythm.WEEKLY, now, RULES).key == key


@given(
    st.sampled_from(GATHERING),
    st.integers(0, 10 * 365 * 24 * 60).map(lambda minutes: london(2020, 1, 1) + timedelta(minutes=minutes)),
)
def test_now_always_lies_from_the_last_slot_on_and_before_the_next(rhythm: Rhythm, now: datetime) -> None:
    last, following = last_slot(rhythm, now, RULES), next_slot(rhythm, now, RULES)
    assert last.at <= now < following.at
    assert last_slot(rhythm, following.at, RULES) == following
    assert last_slot(rhythm, following.at - timedelta(seconds=1), RULES) == last


def test_a_kind_of_mailing_tells_whether_it_is_a_digest() -> None:
    assert rhythm_of("daily") is Rhythm.DAILY
    assert rhythm_of("weekly") is Rhythm.WEEKLY
    assert rhythm_of("moment") is None
    assert date(2022, 10, 17).weekday() == 0
