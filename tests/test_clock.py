"""The two clocks: a replay leaps forward and never back; production is real, aware time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from notifier.clock import Clock, ReplayClock, SystemClock, machine_now

START = datetime(2022, 9, 1, 8, tzinfo=UTC)
OPENING = datetime(2022, 10, 14, 8, tzinfo=UTC)
TODAY = datetime(2026, 11, 1, 12, tzinfo=UTC)


class Monotonic:
    """Real seconds that pass only when told to."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def monotonic(monkeypatch: pytest.MonkeyPatch) -> Iterator[Monotonic]:
    made = Monotonic()
    with monkeypatch.context() as patch:
        patch.setattr("notifier.clock.time.monotonic", made)
        yield made


def test_a_replay_begins_where_it_is_told_and_runs_at_real_speed(monotonic: Monotonic) -> None:
    clock = ReplayClock(START)
    assert clock.now() == START
    monotonic.seconds += 90.5
    assert clock.now() == START + timedelta(seconds=90.5)


def test_a_replay_leaps_forward_and_runs_on_from_there(monotonic: Monotonic) -> None:
    clock = ReplayClock(START)
    monotonic.seconds += 10
    clock.leap(OPENING)
    assert clock.now() == OPENING
    monotonic.seconds += 3
    assert clock.now() == OPENING + timedelta(seconds=3)


@pytest.mark.parametrize("back", [timedelta(0), timedelta(seconds=1), timedelta(days=400)])
def test_a_replay_never_goes_back(monotonic: Monotonic, back: timedelta) -> None:
    clock = ReplayClock(START)
    monotonic.seconds += 10
    before = clock.now()
    clock.leap(before - back)
    assert clock.now() == before
    monotonic.seconds += 1
    assert clock.now() == before + timedelta(seconds=1)


def test_a_replay_says_how_long_until_an_instant_without_leaping(monotonic: Monotonic) -> None:
    clock = ReplayClock(START)
    monotonic.seconds += 60
    assert clock.seconds_until(START + timedelta(hours=1)) == 3_540
    assert clock.seconds_until(START) == -60
    clock.leap(START + timedelta(hours=1))
    assert clock.seconds_until(START + timedelta(hours=1)) == 0


def test_a_replay_does_not_follow_the_wall_clock(monotonic: Monotonic) -> None:
    clock = ReplayClock(START)
    with time_machine.travel(TODAY, tick=False):
        assert clock.now() == START


def test_real_time_is_aware_and_utc() -> None:
    for now in (SystemClock().now(), machine_now(), ReplayClock(START).now()):
        assert now.utcoffset() == timedelta(0)


def test_production_waits_real_seconds() -> None:
    with time_machine.travel(TODAY, tick=False):
        clock = SystemClock()
        assert clock.now() == machine_now() == TODAY
        assert clock.seconds_until(TODAY + timedelta(minutes=2)) == 120
        assert clock.seconds_until(TODAY - timedelta(minutes=2)) == -120


def test_machine_time_is_real_beside_a_replay() -> None:
    with time_machine.travel(TODAY, tick=False):
        clock: Clock = ReplayClock(START)
        assert machine_now() == TODAY
        assert clock.now() < TODAY
