"""`notifier worker` says why it cannot help here; what it does is for the journeys."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import URL
from typer.testing import CliRunner, Result

from notifier.cli.main import app
from tests.cli.test_check import PROCEDURE, SETTINGS
from tests.postgresql import new_database


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own with settings and one procedure."""
    monkeypatch.chdir(tmp_path)
    Path("notifier.toml").write_text(SETTINGS)
    Path("procedures").mkdir()
    Path("procedures/one.toml").write_text(PROCEDURE)
    return tmp_path


def work(**environ: str) -> Result:
    return CliRunner().invoke(app, ["worker", "--config", "notifier.toml"], env=environ)


def _url(url: URL) -> str:
    return url.render_as_string(hide_password=False)


def test_without_postgresql_there_is_nothing_to_share() -> None:
    found = work()
    assert (found.exit_code, found.stderr.splitlines()[-1]) == (
        1,
        'notifier: a worker needs "url" in [database]: an SQLite file has one process',
    )


def test_the_secret_is_copied_and_never_made_by_a_worker(postgresql_url: URL) -> None:
    found = work(NOTIFIER_DATABASE__URL=_url(postgresql_url))
    assert found.exit_code == 1
    assert "there is no data/notifier.secret; copy it here from a machine that serves" in found.stderr
    assert not Path("data").exists()


def test_a_worker_does_not_join_what_nobody_serves(postgresql_url: URL) -> None:
    Path("data").mkdir()
    Path("data/notifier.secret").write_text("ab" * 32)
    found = work(NOTIFIER_DATABASE__URL=_url(postgresql_url))
    assert found.exit_code == 1
    assert "nobody serves from this database yet; start `notifier serve` first" in found.stderr


async def test_a_worker_changes_no_schema(postgresql_server: URL) -> None:
    Path("data").mkdir()
    Path("data/notifier.secret").write_text("ab" * 32)
    async with new_database(postgresql_server) as url:
        found = await asyncio.to_thread(work, NOTIFIER_DATABASE__URL=_url(url))
    assert found.exit_code == 1
    assert "the database is of another version; run `notifier migrate`" in found.stderr
