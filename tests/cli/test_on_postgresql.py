"""The commands on PostgreSQL: they open the database that the URL names, and never show its password."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import URL
from typer.testing import CliRunner, Result

from notifier.cli.main import app
from notifier.clock import machine_now
from notifier.db import Database
from notifier.instance import load_secret, recognise
from notifier.subscriptions.tokens import Signer
from tests.cli.test_check import PROCEDURE, SETTINGS

NOBODY = "postgresql+psycopg://notifier:s3cret@127.0.0.1:1/notifier"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgresql_url: URL) -> Path:
    """A folder of its own with settings and one procedure; the database is on a server."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NOTIFIER_DATABASE__URL", postgresql_url.render_as_string(hide_password=False))
    Path("notifier.toml").write_text(SETTINGS)
    Path("procedures").mkdir()
    Path("procedures/one.toml").write_text(PROCEDURE)
    Path("data").mkdir()
    return tmp_path


@pytest.fixture
def served(home: Path, postgresql_url: URL) -> Path:
    """The same after a first start."""

    async def start() -> None:
        db, now, path = Database(postgresql_url), machine_now(), Path("data/notifier.db")
        url = "https://alerts.kidneys.org.uk"
        await recognise(
            db, Signer(load_secret(path)), database=path, public_url=url, now=now, machine_now=now
        )
        await db.dispose()

    asyncio.run(start())
    return home


def run(*words: str) -> Result:
    return CliRunner().invoke(app, [*words, "--config", "notifier.toml"])


def test_migrate_finds_a_current_schema() -> None:
    found = run("migrate")
    assert (found.exit_code, found.output) == (0, "The schema is current.\n")


def test_every_kind_of_command_works_on_it(served: Path) -> None:
    assert run("import", "procedures/one.toml", "--dry-run").exit_code == 0
    assert run("import", "procedures/one.toml").exit_code == 0
    assert "GID-IPG1" in run("procedure", "list").output
    assert run("pause", "--reason", "a test").exit_code == 0
    assert "pause: " in run("holds").output
    assert run("resume").exit_code == 0
    assert run("sources").exit_code == 0
    assert run("simulate", "--from", "2026-12-01", "--to", "2027-01-01").exit_code == 0
    assert run("subscribers", "show", "ada@example.org").exit_code in (0, 2)
    assert not Path("data/notifier.db").exists()


def test_check_says_that_another_secret_must_be_copied(served: Path) -> None:
    assert "answers, and its schema is current" in " ".join(run("check").output.split())
    Path("data/notifier.secret").unlink()
    found = " ".join(run("check").output.split())
    assert "It belongs to a secret that is not yet in" in found
    assert not Path("data/notifier.secret").exists()


@pytest.mark.parametrize("command", [("migrate",), ("holds",), ("sources",), ("procedure", "list")])
def test_a_server_that_does_not_answer_is_told_without_the_password(
    command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFIER_DATABASE__URL", NOBODY)
    found = run(*command)
    assert found.exit_code == 1
    assert 'notifier: cannot use the database "notifier" on 127.0.0.1: ' in found.stderr
    assert "s3cret" not in found.output + found.stderr
    assert "Traceback" not in found.output + found.stderr
