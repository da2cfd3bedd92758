"""`notifier bounces ingest`: exit codes are for relays, which throw away what they are not told to keep."""

import os
import threading
from pathlib import Path
from sqlite3 import connect

import pytest
from typer.testing import CliRunner, Result

from notifier.cli.bounces import EX_NOINPUT, EX_TEMPFAIL
from notifier.cli.main import app
from tests.bounces.sample_files import sample

EX_OK = 0


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sqlite_template: Path) -> Path:
    """A data folder as `notifier serve` leaves it, and settings that name a mailbox for returned mail."""
    for name in [name for name in os.environ if name.startswith("NOTIFIER_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NOTIFIER_MAIL__BOUNCES", "bounces@alerts.example.org")
    monkeypatch.setenv("NOTIFIER_DATABASE__PATH", "notifier.db")
    (tmp_path / "notifier.db").write_bytes(sqlite_template.read_bytes())
    (tmp_path / "notifier.secret").write_text("ab" * 32)
    with connect("notifier.db") as file:
        values = "(1, 'https://alerts.example.org', ?, '2022-10-14 00:00:00.000000')"
        file.execute(f"INSERT INTO instance VALUES {values}", (_fingerprint(),))
    return tmp_path


def _fingerprint() -> str:
    from notifier.subscriptions.tokens import Signer

    return Signer(bytes.fromhex("ab" * 32)).fingerprint()


def say(*words: str, given: bytes = b"") -> Result:
    return CliRunner().invoke(app, ["bounces", "ingest", *words], input=given)


def _counted() -> int:
    with connect("notifier.db") as file:
        [(count,)] = file.execute("SELECT count(*) FROM bounce")
        return int(count)


def test_a_message_is_taken_from_standard_input() -> None:
    result = say("-", given=sample("postfix_unknown_user"))
    assert (result.exit_code, result.output) == (EX_OK, "1 message: hard, unproven 1\n")
    assert _counted() == 1


def test_a_message_is_taken_from_a_file(home: Path) -> None:
    (home / "one.eml").write_bytes(sample("vacation_gmail"))
    assert say("one.eml").output == "1 message: autoreply, unproven 1\n"
    assert say("one.eml").output == "1 message: autoreply, known 1\n"


def test_messages_are_taken_from_a_maildir(home: Path) -> None:
    for name in ("new", "cur", "tmp"):
        (home / "box" / name).mkdir(parents=True)
    for name in ("vacation_gmail", "vacation_sieve", "spam"):
        (home / "box" / "new" / name).write_bytes(sample(name))
    result = say("box")
    assert (result.exit_code, result.output) == (
        EX_OK,
        "3 messages: autoreply, unproven 2; unknown, unproven 1\n",
    )
    assert say("box").output == "0 messages\n"


def test_a_huge_or_empty_message_is_taken_too() -> None:
    assert say("-", given=b"").exit_code == EX_OK
    assert say("-", given=b"x" * 3_000_000).exit_code == EX_OK
    assert _counted() == 2


def test_a_missing_file_is_said_to_be_missing() -> None:
    result = say("none.eml")
    assert result.exit_code == EX_NOINPUT
    assert "no file or folder none.eml" in result.stderr


@pytest.mark.parametrize("missing", ["notifier.db", "notifier.secret"])
def test_without_database_or_secret_it_is_to_be_tried_again_and_neither_is_made(
    home: Path, missing: str
) -> None:
    (home / missing).unlink()
    result = say("-", given=sample("spam"))
    assert result.exit_code == EX_TEMPFAIL
    assert "to be tried again: there is no database at notifier.db, or no secret beside it" in result.stderr
    assert not (home / missing).exists()


def test_with_another_secret_nothing_is_counted_as_forged(home: Path) -> None:
    (home / "notifier.secret").write_text("cd" * 32)
    result = say("-", given=sample("spam"))
    assert result.exit_code == EX_TEMPFAIL
    assert "is not the one that mails were made with" in result.stderr
    assert _counted() == 0


def test_with_a_database_of_another_version_it_is_to_be_tried_again() -> None:
    with connect("notifier.db") as file:
        file.execute("UPDATE alembic_version SET version_num = '0001'")
    result = say("-", given=sample("spam"))
    assert result.exit_code == EX_TEMPFAIL
    assert "of another version" in result.stderr


def test_without_a_mailbox_in_the_settings_it_is_to_be_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFIER_MAIL__BOUNCES")
    result = say("-", given=sample("spam"))
    assert result.exit_code == EX_TEMPFAIL
    assert '"bounces" in [mail] is not set' in result.stderr


def test_with_settings_that_cannot_be_read_it_is_to_be_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFIER_MAIL__PORT", "many")
    assert say("-", given=sample("spam")).exit_code == EX_TEMPFAIL


def test_a_database_that_stays_locked_is_tried_again_and_one_that_is_soon_free_is_waited_for(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notifier.db.BUSY_SECONDS", 1.0)
    other = connect("notifier.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    result = say("-", given=sample("spam"))
    assert result.exit_code == EX_TEMPFAIL
    assert "to be tried again: OperationalError" in result.stderr
    freed = threading.Timer(0.3, other.execute, ["ROLLBACK"])
    freed.start()
    assert say("-", given=sample("spam")).exit_code == EX_OK
    freed.join()
    other.close()
    assert _counted() == 1
