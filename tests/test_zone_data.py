"""Which time-zone data is in use, and when it counts as old."""

import zoneinfo
from datetime import date
from pathlib import Path

import pytest

from notifier.zone_data import is_old, zone_version


def system_data(folder: Path, first_line: str) -> None:
    (folder / "Europe").mkdir(parents=True)
    (folder / "Europe" / "London").touch()
    (folder / "tzdata.zi").write_text(f"{first_line}\nR d 1916 o\n")


def test_the_systems_data_names_its_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    system_data(tmp_path, "# version 2025b")
    monkeypatch.setattr(zoneinfo, "TZPATH", ("/nowhere", str(tmp_path)))
    assert zone_version() == "2025b"


def test_data_that_does_not_say_its_version_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    system_data(tmp_path, "# nothing")
    monkeypatch.setattr(zoneinfo, "TZPATH", (str(tmp_path),))
    assert zone_version() is None


@pytest.mark.parametrize(("installed", "found"), [("2026.1", "2026a"), ("2025.3", "2025c"), ("x", None)])
def test_without_the_systems_data_the_packages_counts(
    monkeypatch: pytest.MonkeyPatch, installed: str, found: str | None
) -> None:
    monkeypatch.setattr(zoneinfo, "TZPATH", ())
    monkeypatch.setattr("notifier.zone_data.version", lambda _: installed)
    assert zone_version() == found


@pytest.mark.parametrize(
    ("found", "today", "old"),
    [
        ("2025a", date(2025, 3, 1), False),
        ("2025a", date(2026, 12, 31), False),
        ("2025c", date(2027, 1, 1), True),
        ("2026a", date(2027, 1, 1), False),
    ],
)
def test_data_is_old_when_it_is_certainly_older_than_a_year(found: str, today: date, old: bool) -> None:
    assert is_old(found, today) is old
