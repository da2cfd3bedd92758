"""A file of any shape: whose it is when it does not say so itself."""

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from notifier.sources.errors import SourceError
from notifier.sources.files import read_path

PAGE = "Status In progress\n\nProvisional Schedule\n\nCommittee meeting 8 September 2027\n"


def reference_of(path: Path) -> str:
    (found,) = read_path(path, zone=ZoneInfo("Europe/London"), today=date(2026, 11, 23)).snapshots
    return found.reference


def test_a_page_that_says_its_reference_keeps_it_whatever_its_name(tmp_path: Path) -> None:
    path = tmp_path / "saved-page.html"
    path.write_text(f"<html><body><h1>Warm knees [GID-IPG30009]</h1><pre>{PAGE}</pre></body></html>")
    assert reference_of(path) == "GID-IPG30009"


def test_a_page_that_does_not_is_named_after_it(tmp_path: Path) -> None:
    path = tmp_path / "GID-IPG30010.txt"
    path.write_text(PAGE)
    assert reference_of(path) == "GID-IPG30010"


def test_a_name_that_is_no_reference_leaves_it_to_be_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "a saved page.txt"
    path.write_text(PAGE)
    with pytest.raises(SourceError, match="give it with --reference"):
        reference_of(path)
