"""`notifier procedure`: each act by hand, beside a running server, with one sentence and an honest exit."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from typer.testing import CliRunner, Result

from notifier import schema
from notifier.cli import procedure_run
from notifier.cli.procedure import app
from notifier.clock import machine_now
from notifier.db import Database, sqlite_url
from notifier.procedures import hand_store, revision_store
from notifier.procedures.model import Procedure
from notifier.procedures.revision_store import Recorded
from tests.cast import consultation, meeting, publication, read, snapshot
from tests.cli import charity

SETTINGS = (
    charity.SETTINGS
    + """
[database]
path = "notifier.db"
"""
)


T = TypeVar("T")


def _ahead(days: int) -> date:
    return machine_now().date() + timedelta(days=days)


FOUND = snapshot(meeting("ipac-1", _ahead(40)), consultation(_ahead(60), _ahead(90)))
WHY = ("--reason", "the room is flooded", "--by", "Cora")


def _run(work: Callable[[Database], Awaitable[T]]) -> T:
    async def run() -> T:
        db = Database(sqlite_url(Path("notifier.db")))
        try:
            return await work(db)
        finally:
            await db.dispose()

    return asyncio.run(run())


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with settings and one procedure in its database."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "notifier.toml").write_text(SETTINGS)

    async def fill(db: Database) -> None:
        await schema.upgrade(db)
        await read(db, FOUND, now=machine_now())

    _run(fill)
    return tmp_path


def _say(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def _procedure() -> Procedure:
    async def look(db: Database) -> Procedure:
        async with db.read() as conn:
            return await hand_store.the_procedure(conn, FOUND.reference)

    return _run(look)


def _revisions() -> list[Recorded]:
    async def look(db: Database) -> list[Recorded]:
        async with db.read() as conn:
            return list(await revision_store.of_procedure(conn, 1, limit=10))

    return _run(look)


def test_a_date_is_held_and_released_with_one_sentence_each() -> None:
    held = _say("hold", "gid-ipg1783", "ipac-1", *WHY)
    assert (held.exit_code, held.output) == (
        0,
        "“IPAC-1” of IP1783 is held; nobody is mailed about it until you release it.\n",
    )
    assert _procedure().milestones[0].held
    assert _say("release", "GID-IPG1783", "ipac-1", *WHY).exit_code == 0
    assert not _procedure().milestones[0].held


def test_a_whole_procedure_is_held_when_no_date_is_named() -> None:
    assert _say("hold", "GID-IPG1783", *WHY).output.startswith("2 dates of IP1783 held;")
    assert _procedure().held


def test_an_act_without_a_reason_is_refused() -> None:
    found = _say("hold", "GID-IPG1783")
    assert found.exit_code == 2
    assert "--reason" in found.output
    assert _say("hold", "GID-IPG1783", "--reason", " ", "--by", "Cora").exit_code == 2
    assert not _procedure().held


def test_who_acted_is_kept_by_default_as_they_logged_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(procedure_run.getpass, "getuser", lambda: "dora")
    assert _say("hold", "GID-IPG1783", "--reason", "a flood").exit_code == 0
    assert [(one.actor, one.reason) for one in _revisions()] == [("dora", "a flood")]


def test_where_nobody_is_logged_in_a_name_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError

    monkeypatch.setattr(procedure_run.getpass, "getuser", nobody)
    found = _say("hold", "GID-IPG1783", "--reason", "a flood")
    assert (found.exit_code, found.stderr) == (
        2,
        "notifier: nobody is logged in here: say who you are with --by\n",
    )


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("hold", "GID-IPG1738"), "did you mean “GID-IPG1783”?"),
        (("hold", "IP1783"), "“IP1783” is an ID number; name the reference: GID-IPG1783"),
        (("hold", "GID-IPG1783", "ipca-1"), "did you mean “ipac-1”?"),
        (("confirm", "GID-IPG1783", "ipac-1"), "which has not come"),
        (("correct", "GID-IPG1783", "ipac-1", "--say", "No."), "no alert of GID-IPG1783 is called “ipac-1”"),
    ],
)
def test_a_wrong_name_is_answered_with_what_was_probably_meant(words: tuple[str, ...], why: str) -> None:
    found = _say(*words, *WHY)
    assert found.exit_code == 2
    assert why in found.stderr
    assert found.stdout == ""
    assert _revisions() == []


@pytest.mark.parametrize(
    "words", [("hold", "GID-IPG1783"), ("hold", "GID-IPG1783", "ipac-1"), ("draft", "GID-IPG1783")]
)
def test_a_dry_run_says_what_would_be_and_changes_nothing(words: tuple[str, ...]) -> None:
    before = _procedure()
    found = _say(*words, *WHY, "--dry-run")
    assert found.exit_code == 0
    assert found.output.startswith("A dry run, nothing was changed. What would be: ")
    assert _procedure() == before
    assert _revisions() == []


def test_a_draft_is_made_and_published() -> None:
    assert "is a draft" in _say("draft", "GID-IPG1783", *WHY).output
    assert _procedure().draft
    assert "is published" in _say("publish", "GID-IPG1783", *WHY).output
    assert not _procedure().draft


def test_a_publication_is_confirmed_before_its_day() -> None:
    async def add(db: Database) -> None:
        found = snapshot(publication(_ahead(10)), number=2)
        await read(db, found, now=machine_now())

    _run(add)
    assert "IP2 is published, as you say" in _say("confirm", "GID-IPG2", "publication", *WHY).output


def test_every_procedure_is_listed_with_its_marks_and_next_date() -> None:
    _say("hold", "GID-IPG1783", "ipac-1", *WHY)
    lines = _say("list").output.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("GID-IPG1783  IP1783  in_progress [some dates held]  ")
    assert ": IPAC-1  Radiofrequency" in lines[0]


def test_a_procedure_is_shown_with_dates_holds_and_who_changed_what() -> None:
    _say("hold", "GID-IPG1783", "ipac-1", *WHY)
    said = _say("show", "gid-ipg1783").output
    assert "ipac-1: IPAC-1, " in said
    assert "meeting, planned [held]" in said
    assert "IP1783: “IPAC-1” is due, nobody (held)" in said
    assert "Cora: IPAC-1: " in said
    assert "(the room is flooded)" in said
    assert "Said (newest first)\n  nothing" in said


def test_without_a_database_nothing_is_made(home: Path) -> None:
    (home / "notifier.db").unlink()
    found = _say("list")
    assert (found.exit_code, found.stderr) == (1, "notifier: there is no database at notifier.db\n")
    assert not (home / "notifier.db").exists()


def test_settings_that_do_not_say_who_serves_are_refused(home: Path) -> None:
    (home / "config" / "notifier.toml").write_text('[database]\npath = "notifier.db"\n')
    found = _say("list")
    assert found.exit_code == 2
    assert "service" in found.stderr
