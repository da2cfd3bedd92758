"""How long the disk lasts: measured over hours, not guessed from a moment."""

from datetime import timedelta
from pathlib import Path

import pytest

from notifier.web.disk_gauge import DiskGauge, free_bytes
from notifier.web.health_facts import Disk

HOUR = 3600.0
GB = 10**9


class Machine:
    """A clock and a disk that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.free: int | None = 100 * GB
        self.gauge = DiskGauge(lambda: self.free, lambda: self.now)

    def pass_hours(self, hours: float, *, free: int) -> Disk | None:
        self.now += hours * HOUR
        self.free = free
        self.gauge.sample()
        return self.gauge.read()


@pytest.fixture
def machine() -> Machine:
    found = Machine()
    found.gauge.sample()
    return found


def test_a_short_fall_is_no_pace(machine: Machine) -> None:
    assert machine.pass_hours(5, free=10 * GB) == Disk(free=10 * GB, lasts=None)


def test_a_fall_of_hours_says_when_the_disk_is_full(machine: Machine) -> None:
    assert machine.pass_hours(10, free=50 * GB) == Disk(free=50 * GB, lasts=timedelta(hours=10))


def test_a_disk_that_gets_emptier_lasts(machine: Machine) -> None:
    assert machine.pass_hours(10, free=101 * GB) == Disk(free=101 * GB, lasts=None)


def test_what_happened_more_than_a_day_ago_is_no_longer_the_pace(machine: Machine) -> None:
    machine.pass_hours(2, free=60 * GB)
    assert machine.pass_hours(24, free=60 * GB) == Disk(free=60 * GB, lasts=None)


def test_the_room_is_measured_when_it_is_asked_for(machine: Machine) -> None:
    machine.free = 7
    assert machine.gauge.read() == Disk(free=7, lasts=None)


def test_a_disk_that_cannot_be_asked_says_nothing(machine: Machine) -> None:
    machine.free = None
    machine.now += HOUR
    machine.gauge.sample()
    assert machine.gauge.read() is None


def test_the_real_disk_has_room(tmp_path: Path) -> None:
    assert (free_bytes(tmp_path) or 0) > 0
    assert free_bytes(tmp_path / "nowhere") is None
