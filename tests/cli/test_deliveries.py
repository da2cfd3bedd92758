"""`notifier deliveries` and `notifier why`: the operator's answer to "I was not told"."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from notifier.cli import deliveries_text
from notifier.events.proof import records
from tests.cli.import_scene import DATABASE
from tests.cli.proof_scene import announce, say_then, settle

ERASED = "Handed to smtp.relay at 9:00:07am on 8 September 2022, reply 250."
TOLD = "Handed to smtp.relay at 9:00:07am on 8 September 2022, reply 250 2.0.0 Ok: queued as 4711."


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A minute after the announcement."""
    monkeypatch.chdir(tmp_path)
    settle(tmp_path)
    announce()
    return tmp_path


def test_everybody_is_listed_with_what_became_of_it() -> None:
    found = say_then("deliveries", "1")
    assert found.exit_code == 0, found.output
    head, event, *people, last = found.output.splitlines()
    assert head.startswith("IPAC-1 listed for 8 September 2022: Radiofrequency")
    assert event.startswith("Event 1 (")
    assert event.endswith("), announced at 9:00:00am on 8 September 2022.")
    told = {line.split("\t")[0]: line.split("\t")[2] for line in people}
    assert told["ada@example.org"] == TOLD
    assert told["ben@example.org"].startswith("Put off at 9:00:07am on 8 September 2022 with 451 4.7.1 Grey")
    assert told["cleo@example.org"] == "Refused by its server on 8 September 2022: 550 5.1.1 No such user."
    assert told["stopped@example.org"].endswith(
        "stopped with the link in a mail at 9:00:03am on 8 September 2022."
    )
    assert [line.split("\t")[1] for line in people] == ["2022-09-08 09:00:00"] * 6
    [erased] = [name for name in told if name.startswith("(erased, ")]
    assert told[erased] == ERASED
    assert last == "6 in all: 3 accepted, 1 put-off, 1 refused, 1 ended."


def test_a_terminal_gets_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "PAGE", 2)
    monkeypatch.setattr(deliveries_text, "Console", lambda: Console(force_terminal=True, width=110))
    found = say_then("deliveries", "1").output
    assert found.count("What became of it") == 1
    assert "ada@example.org" in found
    assert "3 accepted" in found


def test_one_address_is_asked_for_also_after_it_was_erased() -> None:
    assert say_then("deliveries", "1", "--address", "Ben@Example.org").output.count("\t") == 2
    assert ERASED in say_then("deliveries", "1", "--address", "erased@example.org").output
    nobody = say_then("deliveries", "1", "--address", "nobody@example.org")
    assert nobody.output.splitlines()[-1] == "Nobody; `notifier why ADDRESS EVENT` says why not."


def test_csv_has_a_row_for_each_attempt_and_no_formula() -> None:
    found = say_then("deliveries", "1", "--csv")
    rows = list(csv.DictReader(io.StringIO(found.stdout)))
    assert [row["address"] for row in rows[:4]] == [
        "ada@example.org",
        "ben@example.org",
        "cleo@example.org",
        "'=dan@example.org",
    ]
    ada = rows[0]
    assert (ada["state"], ada["queued_at"], ada["attempt"]) == ("accepted", "2022-09-08T09:00:00+01:00", "1")
    assert (ada["attempt_at"], ada["code"]) == ("2022-09-08T09:00:07+01:00", "250")
    assert rows[1]["waits_until"]
    assert {row["erased_as"] for row in rows} > {""}
    assert found.stderr.startswith("6 in all: ")


def test_json_is_one_document() -> None:
    found = json.loads(say_then("deliveries", "1", "--json").output)
    assert found["event"]["number"] == 1
    assert found["count"]["accepted"] == 3
    assert found["people"][0]["attempts"] == [
        {"n": 1, "at": "2022-09-08T09:00:07+01:00", "code": 250, "reply": "2.0.0 Ok: queued as 4711"}
    ]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("ada", TOLD),
        ("ADA", TOLD),
        ("erased", ERASED),
        ("openings", "Chose openings only; this is no part of it."),
        ("nobody", "Never asked: no sign-up with this address is known."),
    ],
)
def test_why_answers_in_one_sentence(name: str, sentence: str) -> None:
    found = say_then("why", f"{name}@example.org", "1")
    assert (found.exit_code, found.output) == (0, f"{sentence}\n")


def test_why_answers_scripts_too() -> None:
    found = json.loads(say_then("why", "cleo@example.org", "1", "--json").output)
    assert (found["case"], found["address"]) == ("refused", "cleo@example.org")
    assert found["attempts"][0]["code"] == 550
    assert found["event"]["kind"] == "meeting"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("deliveries", "9"), "notifier: there is no event “9”: the newest is 1\n"),
        (("why", "ada@example.org", "9"), "notifier: there is no event “9”: the newest is 1\n"),
        (("why", "ada", "1"), "notifier: An email address must have an @-sign.\n"),
    ],
)
def test_a_wrong_question_is_answered_with_a_sentence(words: tuple[str, ...], why: str) -> None:
    found = say_then(*words)
    assert (found.exit_code, found.stdout, found.stderr) == (2, "", why)


def test_without_keys_nothing_is_made_up(home: Path) -> None:
    secret = (home / DATABASE).with_suffix(".secret")
    secret.write_text("short")
    assert say_then("why", "ada@example.org", "1").exit_code == 1
    secret.unlink()
    found = say_then("why", "ada@example.org", "1")
    assert found.exit_code == 1
    assert "restore it from the backup" in found.stderr
    assert not secret.exists()


def test_csv_and_json_at_once_are_refused() -> None:
    assert say_then("deliveries", "1", "--csv", "--json").exit_code == 2


def test_help_loads_no_database_and_no_loop() -> None:
    loaded = (
        "notifier.events",
        "notifier.subscriptions",
        "pydantic",
        "email_validator",
        "sqlalchemy",
        "asyncio",
    )
    code = (
        "import sys; from typer.testing import CliRunner; from notifier.cli.main import app; "
        "r = CliRunner().invoke(app, ['--help']); assert r.exit_code == 0; "
        f"print([m for m in {loaded} if m in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout == "[]\n"
