"""The gate of the benchmarks: what falls is said, and nothing that was not measured passes."""

from datetime import date
from pathlib import Path

import pytest

from benchmarks.floors import FILE, fallen, read_floors
from benchmarks.table import medians

WRITTEN = """
[[floor]]
benchmark = "send"
row = "SQLite"
column = "÷ smtp-source"
at_least = 0.6
measured = 0.9
on = 2026-11-27
machine = "2 cores"

[[floor]]
benchmark = "send"
row = "SQLite"
column = "CPU ÷ smtp-source"
at_most = 1.5
measured = 1.0
on = 2026-11-27
machine = "2 cores"
"""


def written(tmp_path: Path, text: str = WRITTEN) -> Path:
    path = tmp_path / "floors.toml"
    path.write_text(text, encoding="utf-8")
    return path


def found(rate: float | str, cpu: float = 1.0) -> dict[str, list[dict[str, float | int | str]]]:
    other = {"sender": "smtp-source", "÷ smtp-source": 1.0, "CPU ÷ smtp-source": 1.0}
    return {"send": [other, {"sender": "SQLite", "÷ smtp-source": rate, "CPU ÷ smtp-source": cpu}]}


@pytest.mark.parametrize(("rate", "cpu"), [(0.6, 1.5), (0.9, 1.0), (3.0, 0.1)])
def test_what_holds_its_floors_passes(tmp_path: Path, rate: float, cpu: float) -> None:
    assert fallen(found(rate, cpu), read_floors(written(tmp_path))) == []


def test_what_falls_is_named_with_what_it_was(tmp_path: Path) -> None:
    floors = read_floors(written(tmp_path))
    assert fallen(found(0.59), floors) == ["send: SQLite, ÷ smtp-source: 0.59, at least 0.6 (was 0.9)"]
    assert fallen(found(0.9, 1.51), floors) == ["send: SQLite, CPU ÷ smtp-source: 1.51, at most 1.5 (was 1)"]


@pytest.mark.parametrize("results", [{}, {"send": []}, {"send": [{"sender": "SQLite"}]}, found("")])
def test_what_was_not_measured_fell(
    tmp_path: Path, results: dict[str, list[dict[str, float | int | str]]]
) -> None:
    sentences = fallen(results, read_floors(written(tmp_path)))
    assert "send: SQLite, ÷ smtp-source: not measured" in sentences


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('column = "÷ smtp-source"', 'column = "mails/s"', "send, SQLite, mails/s is no ratio"),
        ("at_least = 0.6\n", "", "needs at_least or at_most"),
        ("at_least = 0.6\n", "at_least = 0.6\nat_most = 2\n", "needs at_least or at_most"),
        ("on = 2026-11-27\n", "", "cannot be read"),
        ("at_least", "atleast", "cannot be read"),
    ],
)
def test_a_floor_that_would_hold_nothing_is_refused(tmp_path: Path, old: str, new: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read_floors(written(tmp_path, WRITTEN.replace(old, new, 1)))


def test_the_floors_of_this_project_can_be_read() -> None:
    for floor in read_floors(FILE):
        assert floor.measured > 0
        assert isinstance(floor.on, date)


def test_several_runs_become_the_median_of_each_figure() -> None:
    runs = [[{"sender": "SQLite", "mails/s": rate, "÷ Django": ""}] for rate in (900.0, 100.0, 500.0)]
    assert medians(runs) == [{"sender": "SQLite", "mails/s": 500.0, "÷ Django": ""}]
