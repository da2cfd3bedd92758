"""`notifier import` with real files: what was read, what it changes, how many people that is told to."""

import json
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine
from sqlalchemy import text as sql

from notifier import migrations
from notifier.cli import import_text
from notifier.db import Database
from notifier.procedures import store as procedures
from notifier.procedures.model import Procedure
from notifier.subscriptions.model import Rhythm
from tests.cli.import_scene import (
    DATABASE,
    day_words,
    in_days,
    page,
    people_follow,
    say,
    settle_in,
    with_database,
)

REFERENCE = ("--reference", "GID-IPG10999")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    settle_in(tmp_path)
    (tmp_path / "page.txt").write_text(page())
    return tmp_path


def _stored(reference: str = "GID-IPG10999") -> Procedure | None:
    async def look(db: Database) -> Procedure | None:
        async with db.read() as conn:
            return await procedures.find(conn, reference)

    return with_database(look)


def _csv(*rows: str) -> str:
    """Return procedures of our own format: reference, title, label and date."""
    return "\n".join(("status,reference,title,label,date", *(f"In progress,{row}" for row in rows)))


def test_a_page_is_read_shown_and_taken_in(home: Path) -> None:
    found = say("import", "page.txt", *REFERENCE, "--title", "An invented procedure")
    assert found.exit_code == 0, found.output
    assert f"publication      Expected publication: {day_words(200)}" in found.output
    assert "An invented procedure is listed; its dates still to come will be announced." in found.output
    kept = _stored()
    assert kept is not None
    assert (kept.title, len(kept.milestones), kept.read_at) == ("An invented procedure", 3, None)


def test_a_dry_run_makes_no_database_and_no_folder(home: Path) -> None:
    found = say("import", "page.txt", *REFERENCE, "--dry-run")
    assert found.exit_code == 0
    assert "Nothing was changed: this was a dry run." in found.output
    assert sorted(one.name for one in home.iterdir()) == ["config", "page.txt"]


def test_a_dry_run_counts_the_people_of_each_change_and_changes_nothing(home: Path) -> None:
    say("import", "page.txt", *REFERENCE)
    people_follow(Rhythm.AT_ONCE, Rhythm.AT_ONCE, Rhythm.DAILY, Rhythm.WEEKLY)
    (home / "page.txt").write_text(page(publication=256))
    found = say("import", "page.txt", *REFERENCE, "--dry-run")
    line = (
        f"Expected publication: {day_words(200)} → {day_words(256)}; 4 people (2 at once, 1 daily, 1 weekly)."
    )
    assert line in found.output
    kept = _stored()
    assert kept is not None
    assert kept.milestones[-1].dates.start == in_days(200)


def test_a_dry_run_says_the_same_as_the_import_that_follows(home: Path) -> None:
    say("import", "page.txt", *REFERENCE)
    people_follow(Rhythm.AT_ONCE)
    (home / "page.txt").write_text(page(publication=256))
    before = say("import", "page.txt", *REFERENCE, "--dry-run", "--json").stdout
    after = say("import", "page.txt", *REFERENCE, "--json").stdout
    assert before == after
    assert say("import", "page.txt", *REFERENCE).output.endswith("nothing new since it was last read.\n")


def test_a_dry_run_beside_an_older_schema_compares_with_what_is_stored_and_leaves_it(home: Path) -> None:
    DATABASE.parent.mkdir()
    engine = create_engine(f"sqlite:///{DATABASE}")
    with engine.connect() as conn:
        conn.execute(sql("PRAGMA journal_mode=WAL"))
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    with engine.begin() as conn:
        config.attributes["connection"] = conn
        command.upgrade(config, "0001")
        seen = "'2022-09-01 08:00:00'"
        conn.execute(
            sql(
                "INSERT INTO procedure (id, slug, status, first_seen_at, changed_at) "
                f"VALUES (1, 'GID-IPG10999', 'in_progress', {seen}, {seen})"
            )
        )
        conn.execute(sql("INSERT INTO procedure_alias VALUES ('gid-ipg10999', 'GID-IPG10999', 1)"))
    engine.dispose()
    before = DATABASE.read_bytes()
    found = say("import", "page.txt", *REFERENCE, "--dry-run")
    assert f"IPAC 1: none → {day_words(30)}; in the feeds, nobody is mailed." in found.output
    assert DATABASE.read_bytes() == before


def test_json_prints_all_that_was_read_and_who_is_told(home: Path) -> None:
    say("import", "page.txt", *REFERENCE)
    people_follow(Rhythm.AT_ONCE, Rhythm.WEEKLY)
    (home / "page.txt").write_text(page(publication=256))
    found = say("import", "page.txt", *REFERENCE, "--dry-run", "--json")
    document = json.loads(found.stdout)
    assert {"reference", "milestones", "timeline", "sections", "changes"} <= set(document)
    assert document["changes"] == [
        {
            "kind": "moved",
            "subject": "expected-publication",
            "old": day_words(200),
            "new": day_words(256),
            "people": {"at_once": 1, "daily": 0, "weekly": 1},
            "told": "when settled",
        }
    ]
    assert "dry run" in found.stderr


def test_a_page_without_a_reference_asks_for_it() -> None:
    found = say("import", "page.txt")
    assert (found.exit_code, found.stdout) == (2, "")
    assert "page.txt: expected a page that says its reference" in found.stderr
    assert "--reference" in found.stderr
    assert not DATABASE.exists()


def test_standard_input_is_read() -> None:
    found = say("import", "-", *REFERENCE, "--dry-run", given=page())
    assert found.exit_code == 0, found.output
    assert "IPAC 1" in found.output
    assert say("import", "-", *REFERENCE, given=b"\xff\xfe").stderr.startswith("standard input:1: ")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("nowhere.txt",), "nowhere.txt: expected a readable file (No such file or directory)"),
        (("page.txt", "--reference", "a b"), '--reference: "a b" is not a reference'),
        (("page.txt", *REFERENCE, "--read-at", "14/10/2022"), "did you mean 2022-10-14?"),
        (("page.txt", *REFERENCE, "--read-at", "2099-01-01"), "has not come yet"),
        (("list.csv", "--title", "One"), "--title: expected one procedure for one title"),
        (("list.csv", "--read-at", "2022-01-01"), "--read-at: expected nothing here"),
        (("list.csv", "--reference", "GID-C"), '"GID-C" is not a procedure of this document'),
    ],
)
def test_what_cannot_be_imported_is_said_in_a_sentence(home: Path, words: tuple[str, ...], why: str) -> None:
    (home / "list.csv").write_text(_csv("GID-A,Alpha,IPAC 1,2030-01-01", "GID-B,Beta,IPAC 1,2030-01-01"))
    found = say("import", *words)
    assert found.exit_code == 2
    assert why in " ".join(found.output.replace("│", " ").split())
    assert "Traceback" not in found.output


def test_an_older_page_never_overwrites_a_newer_one_and_says_so(home: Path) -> None:
    say("import", "page.txt", *REFERENCE, "--read-at", "2022-11-14T08:55")
    (home / "page.txt").write_text(page(publication=256))
    older = ("import", "page.txt", *REFERENCE, "--read-at", "2022-10-14T08:55")
    looked = say(*older, "--dry-run")
    assert "Older than what is stored: nothing of it is taken." in looked.output
    found = say(*older)
    assert found.exit_code == 0
    assert "what is stored was read later, so nothing was taken" in found.output
    kept = _stored()
    assert kept is not None
    assert kept.milestones[-1].dates.start == in_days(200)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (page(status="Suspended"), "its dates do not count while its status is “Suspended”."),
        ("Status In progress\n\nProvisional Schedule\n\nIPAC 1 TBC", "no day that is still to come is set."),
        (page(status="In progress"), "its dates still to come will be announced."),
    ],
)
def test_what_can_be_expected_of_a_new_procedure_is_said(home: Path, text: str, said: str) -> None:
    (home / "page.txt").write_text(text)
    assert say("import", "page.txt", *REFERENCE).output.endswith(f"GID-IPG10999 is listed; {said}\n")


def test_a_wholly_past_page_points_to_the_demo(home: Path) -> None:
    (home / "page.txt").write_text("Status In progress\n\nProvisional Schedule\n\nIPAC 1 8 September 2022")
    assert "run `notifier demo`" in say("import", "page.txt", *REFERENCE).output


def test_many_procedures_are_a_table_by_status_and_what_changed(home: Path) -> None:
    day, later = in_days(50), in_days(80)
    (home / "a.csv").write_text(_csv(f"GID-A,Alpha,IPAC 1,{day}", f"GID-B,Beta,IPAC 1,{day}"))
    first = say("import", "a.csv")
    assert first.exit_code == 0, first.output
    assert "2 procedures taken in: 2 new, 0 changed, 0 as before." in first.output
    people_follow(Rhythm.DAILY)
    (home / "a.csv").write_text(_csv(f"GID-A,Alpha,IPAC 1,{later}", f"GID-B,Beta,IPAC 1,{day}"))
    found = say("import", "a.csv")
    assert f"GID-A: IPAC 1: {day_words(50)} → {day_words(80)}; 1 person (1 daily)" in found.output
    assert "GID-B" not in found.output
    assert "0 new, 1 changed, 1 as before; people are told when the changes have settled." in found.output
    kept = _stored("GID-A")
    assert kept is not None
    assert kept.read_at is None, "no body's page was read"


def test_a_problem_costs_only_its_own_procedure_and_is_told_at_the_end(home: Path) -> None:
    (home / "a.csv").write_text(_csv("GID-A,Alpha,IPAC 1,2030-01-01", "GID-B,Beta,IPAC 1,2030-02-31"))
    found = say("import", "a.csv", "--json")
    assert found.exit_code == 0
    document = json.loads(found.stdout)
    assert [one["reference"] for one in document["procedures"]] == ["GID-A"]
    assert len(document["problems"]) == 1
    assert "2030-02-31" in document["problems"][0]
    assert found.stderr.count("Left out: a.csv:3") == 1


def test_a_document_of_which_nothing_can_be_read_ends_with_2(home: Path) -> None:
    (home / "a.csv").write_text(_csv("GID-B,Beta,IPAC 1,2030-02-31"))
    found = say("import", "a.csv")
    assert (found.exit_code, found.stdout) == (2, "")
    assert "2030-02-31" in found.stderr


def test_more_changes_than_a_screen_holds_are_counted(home: Path) -> None:
    (home / "a.csv").write_text(_csv(*(f"GID-A{n},Alpha,IPAC 1,2030-01-01" for n in range(60))))
    found = say("import", "a.csv", "--dry-run").output
    assert found.count("GID-A") == import_text.MOST_LINES
    assert "… and 10 more; --json prints all." in found


def test_what_a_page_says_cannot_write_on_the_terminal(home: Path) -> None:
    (home / "page.txt").write_text("Status \x1b[31mIn progress\n\nProvisional Schedule\n\nIPAC 1 8 May 2030")
    assert "\x1b" not in say("import", "page.txt", *REFERENCE, "--dry-run").output
