"""A clock that leaps ahead is not believed at once; one that drifts or falls back is followed."""

from datetime import UTC, datetime, timedelta

from notifier.clock_guard import ClockGuard

START = datetime(2022, 10, 14, 7, 0, tzinfo=UTC)


class Machine:
    """Two clocks that a test moves."""

    def __init__(self) -> None:
        self.wall = START
        self.seconds = 0.0
        self.guard = ClockGuard(lambda: self.wall, lambda: self.seconds)

    def runs(self, time: timedelta, *, wall_too: timedelta | None = None) -> None:
        """Let time pass; the wall clock may show another length of it."""
        self.seconds += time.total_seconds()
        self.wall += time if wall_too is None else wall_too


def test_a_clock_that_runs_evenly_is_believed() -> None:
    machine = Machine()
    machine.runs(timedelta(days=400))
    assert machine.guard.look() is None


def test_a_leap_ahead_is_news_once_and_stands_until_the_clock_was_steady() -> None:
    machine = Machine()
    machine.runs(timedelta(seconds=30), wall_too=timedelta(hours=2))
    first = machine.guard.look()
    assert first is not None
    assert (first.is_new, first.believed, round(first.lead.total_seconds() / 60)) == (True, False, 120)
    machine.runs(timedelta(minutes=9))
    again = machine.guard.look()
    assert again is not None
    assert (again.is_new, again.believed) == (False, False)
    machine.runs(timedelta(minutes=2))
    steady = machine.guard.look()
    assert steady is not None
    assert steady.believed
    assert machine.guard.look() is None


def test_a_false_year_waits_for_a_person_however_steady_it_is() -> None:
    machine = Machine()
    machine.runs(timedelta(seconds=30), wall_too=timedelta(days=365))
    machine.guard.look()
    machine.runs(timedelta(days=2))
    leap = machine.guard.look()
    assert leap is not None
    assert not leap.believed
    machine.guard.forget()
    assert machine.guard.look() is None


def test_a_second_leap_begins_the_wait_anew() -> None:
    machine = Machine()
    machine.runs(timedelta(seconds=30), wall_too=timedelta(hours=2))
    machine.guard.look()
    machine.runs(timedelta(minutes=8))
    machine.runs(timedelta(seconds=30), wall_too=timedelta(hours=1))
    second = machine.guard.look()
    assert second is not None
    assert second.is_new
    machine.runs(timedelta(minutes=8))
    leap = machine.guard.look()
    assert leap is not None
    assert not leap.believed


def test_small_corrections_and_steps_back_are_followed() -> None:
    machine = Machine()
    for step in (timedelta(minutes=4), -timedelta(hours=3), timedelta(minutes=4)):
        machine.runs(timedelta(seconds=30), wall_too=timedelta(seconds=30) + step)
        assert machine.guard.look() is None
