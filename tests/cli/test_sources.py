"""`notifier sources`: how each source fares, configured or known from earlier."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from notifier.clock import machine_now
from notifier.db import Database, Rank
from notifier.procedures import source_store
from notifier.procedures.tables import procedure
from tests.cli.import_scene import page, say, settle_in, with_database

SOURCES = """
[[sources]]
name = "nice-list"
url = "https://www.nice.example/list.json?key=s3cret"

[[sources]]
name = "pages"
folder = "pages"

[[sources]]
name = "new"
url = "https://www.nice.example/new"
"""

READ = (("web:nice-list", 26), ("web:old", 500), ("folder:pages", 7), ("file:pages/a.csv", 3))
"""How many hours ago each was read well, and a minute."""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A page was imported by hand and is the list's since; another source is configured no more."""
    monkeypatch.chdir(tmp_path)
    settle_in(tmp_path, SOURCES)
    (tmp_path / "page.txt").write_text(page())
    (tmp_path / "pages").mkdir()
    assert say("import", "page.txt", "--reference", "GID-IPG10999").exit_code == 0
    now = machine_now()

    async def work(db: Database) -> None:
        async with db.write(Rank.HOUSEKEEPING) as conn:
            for key, hours in (
                ("web:nice-list", 26),
                ("web:old", 500),
                ("folder:pages", 7),
                ("file:pages/a.csv", 3),
            ):
                await source_store.note(conn, key, now=now - timedelta(hours=hours, minutes=1))
            await source_store.note_failure(
                conn,
                "web:nice-list",
                "https://www.nice.example/list.json?… answered 503",
                now=now - timedelta(hours=25),
                next_at=now + timedelta(hours=3, minutes=1),
            )
            await conn.execute(procedure.update().values(source_key="web:nice-list"))

    with_database(work)
    return tmp_path


def _sources() -> dict[str, dict[str, Any]]:
    found = say("sources", "--json")
    assert found.exit_code == 0, found.output
    return {one["name"]: one for one in json.loads(found.stdout)["sources"]}


def test_a_source_that_fails_says_since_when_and_why() -> None:
    found = say("sources").output
    assert "nice-list: https://www.nice.example/list.json?…\n" in found
    assert "  Last read 26 hours ago, asked next in 3 hours; speaks for 1 procedure.\n" in found
    assert "answered 503" in found
    assert "s3cret" not in found
    assert _sources()["nice-list"]["failing_since"] is not None


def test_a_source_that_was_never_asked_is_listed() -> None:
    assert (
        "new: https://www.nice.example/new\n  Never read; speaks for 0 procedures.\n" in say("sources").output
    )


def test_a_folder_is_one_source_with_its_files() -> None:
    found = say("sources").output
    assert "pages: pages\n  Last read 3 hours ago; speaks for 0 procedures.\n" in found
    assert "a.csv" not in found


def test_a_folder_that_is_not_there_is_told() -> None:
    assert _sources()["procedures"]["problem"] == "There is no such folder."


def test_what_the_settings_name_no_more_is_shown_after_the_rest() -> None:
    found = _sources()
    assert [name for name, one in found.items() if not one["configured"]] == ["imports by hand", "old"]
    assert list(found) == ["procedures", "nice-list", "pages", "new", "imports by hand", "old"]
    assert "old: not in the settings" in say("sources").output


def test_without_a_database_it_says_so(home: Path) -> None:
    (home / "data" / "notifier.db").unlink()
    assert say("sources").exit_code == 1
