"""`serve` beside a database that was served, without the file of its secret: refused, and nothing written."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import URL

from notifier import schema
from notifier.clock import machine_now
from notifier.db import Database, sqlite_url
from notifier.instance import load_secret, recognise, secret_path
from notifier.subscriptions.tokens import Signer
from tests.cli.test_check import PROCEDURE, SETTINGS


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> URL:
    """Where the database is; on SQLite beside its secret."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path / "data" / "notifier.db")
    found: URL = request.getfixturevalue("postgresql_url")
    return found


async def _serve_first(url: URL, home: Path) -> None:
    db, now = Database(url), machine_now()
    await schema.upgrade(db)
    secret = Signer(load_secret(home))
    there = "https://alerts.kidneys.org.uk"
    await recognise(db, secret, database=home, public_url=there, now=now, machine_now=now)
    await db.dispose()


def test_it_asks_for_the_secret_of_the_database_and_makes_none(database_url: URL, tmp_path: Path) -> None:
    (tmp_path / "notifier.toml").write_text(SETTINGS)
    (tmp_path / "procedures").mkdir()
    (tmp_path / "procedures" / "one.toml").write_text(PROCEDURE)
    home = tmp_path / "data" / "notifier.db"
    home.parent.mkdir()
    asyncio.run(_serve_first(database_url, home))
    secret_path(home).unlink()
    before = sorted(home.parent.iterdir())
    surroundings = dict(os.environ)
    if database_url.get_backend_name() == "postgresql":
        surroundings["NOTIFIER_DATABASE__URL"] = database_url.render_as_string(hide_password=False)
    ended = subprocess.run(
        [
            sys.executable,
            "-c",
            "from notifier.cli.main import app; app()",
            "serve",
            "--config",
            "notifier.toml",
        ],
        cwd=tmp_path,
        env=surroundings,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    assert "there is no data/notifier.secret" in ended.stderr
    assert "copy it here from" in ended.stderr
    assert sorted(home.parent.iterdir()) == before
