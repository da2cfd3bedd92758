"""Quiet hours: a change found at night is in the feed when it has settled, and mailed in the morning."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.events.voice import Voice
from tests.events.words_cast import SERVICE
from tests.procedures.schedule_cast import RULES, at

VOICE = Voice(rules=RULES, service=SERVICE, quiet_from=time(20), quiet_until=time(8))
NOON_REST = replace(VOICE, quiet_from=time(12), quiet_until=time(14))
AFTER_MIDNIGHT = replace(VOICE, quiet_from=time(0), quiet_until=time(6))
EARLY = replace(VOICE, rules=replace(RULES, announce_at=time(7)))


@pytest.mark.parametrize(
    ("voice", "found", "mailed"),
    [
        pytest.param(VOICE, at(2022, 12, 5, 7, 59), at(2022, 12, 5, 9), id="last quiet minute"),
        pytest.param(VOICE, at(2022, 12, 5, 8), at(2022, 12, 5, 8), id="quiet hours are over"),
        pytest.param(VOICE, at(2022, 12, 5, 12), at(2022, 12, 5, 12), id="by day"),
        pytest.param(VOICE, at(2022, 12, 5, 19, 59), at(2022, 12, 5, 19, 59), id="just before"),
        pytest.param(VOICE, at(2022, 12, 5, 20), at(2022, 12, 6, 9), id="quiet hours begin"),
        pytest.param(VOICE, at(2022, 12, 5, 23, 59), at(2022, 12, 6, 9), id="before midnight"),
        pytest.param(VOICE, at(2022, 12, 6, 0), at(2022, 12, 6, 9), id="midnight"),
        pytest.param(VOICE, at(2022, 12, 31, 22), at(2023, 1, 1, 9), id="new year's eve"),
        pytest.param(VOICE, at(2022, 6, 5, 18, 59), at(2022, 6, 5, 18, 59), id="summer, 19:59 local"),
        pytest.param(VOICE, at(2022, 6, 5, 19), at(2022, 6, 6, 8), id="summer, 20:00 local"),
        pytest.param(VOICE, at(2022, 6, 5, 23, 30), at(2022, 6, 6, 8), id="summer, local midnight past"),
        pytest.param(VOICE, at(2023, 3, 25, 21), at(2023, 3, 26, 8), id="the clocks go on in the night"),
        pytest.param(VOICE, at(2023, 3, 26, 1, 30), at(2023, 3, 26, 8), id="just after they went on"),
        pytest.param(VOICE, at(2022, 10, 29, 20), at(2022, 10, 30, 9), id="the clocks go back in the night"),
        pytest.param(VOICE, at(2022, 10, 30, 0, 30), at(2022, 10, 30, 9), id="half past one, the first"),
        pytest.param(VOICE, at(2022, 10, 30, 1, 30), at(2022, 10, 30, 9), id="half past one, the second"),
        pytest.param(AFTER_MIDNIGHT, at(2022, 12, 5, 23, 59), at(2022, 12, 5, 23, 59), id="not yet quiet"),
        pytest.param(AFTER_MIDNIGHT, at(2022, 12, 6, 0), at(2022, 12, 6, 9), id="quiet from midnight"),
        pytest.param(NOON_REST, at(2022, 12, 5, 11, 59), at(2022, 12, 5, 11, 59), id="before a rest"),
        pytest.param(NOON_REST, at(2022, 12, 5, 12), at(2022, 12, 5, 14), id="a rest after the announcement"),
        pytest.param(NOON_REST, at(2022, 12, 5, 14), at(2022, 12, 5, 14), id="after a rest"),
        pytest.param(EARLY, at(2022, 12, 5, 6), at(2022, 12, 5, 8), id="an announcement in the quiet hours"),
        pytest.param(EARLY, at(2022, 12, 5, 7, 30), at(2022, 12, 5, 8), id="just after that announcement"),
        pytest.param(EARLY, at(2022, 12, 5, 21), at(2022, 12, 6, 8), id="the evening before it"),
    ],
)
def test_a_change_is_mailed_at_once_or_after_the_quiet_hours(
    voice: Voice, found: datetime, mailed: datetime
) -> None:
    assert voice.mail_from(found) == mailed


@given(st.times(), st.datetimes(datetime(2022, 1, 1), datetime(2024, 1, 1)))  # noqa: DTZ001 - made aware below
def test_the_same_time_for_both_means_no_quiet_hours(hour: time, found: datetime) -> None:
    voice = replace(VOICE, quiet_from=hour, quiet_until=hour)
    now = found.replace(tzinfo=at(2022, 1, 1).tzinfo)
    assert voice.mail_from(now) == now


_hours = st.sampled_from([time(hour, minute) for hour in range(24) for minute in (0, 30)])
_minutes = st.integers(0, 3 * 24 * 60)


@given(quiet_from=_hours, quiet_until=_hours, announce_at=_hours, minutes=_minutes)
def test_no_mail_goes_back_in_time_or_into_the_quiet_hours_it_waited_for(
    quiet_from: time, quiet_until: time, announce_at: time, minutes: int
) -> None:
    rules = replace(RULES, announce_at=announce_at)
    voice = replace(VOICE, rules=rules, quiet_from=quiet_from, quiet_until=quiet_until)
    now = at(2022, 12, 5) + timedelta(minutes=minutes)
    mailed = voice.mail_from(now)
    assert now <= mailed <= now + timedelta(hours=48)
    day = rules.local_date(mailed)
    assert mailed in (now, rules.announcement(day), rules.instant(day, quiet_until))
    assert mailed == now or mailed >= _end_of_quiet(now, quiet_until)


def _end_of_quiet(now: datetime, quiet_until: time) -> datetime:
    """Return when the quiet hours that hold `now` are over; winter, so that local time is UTC."""
    today = RULES.instant(date(now.year, now.month, now.day), quiet_until)
    return today if today > now else today + timedelta(days=1)
