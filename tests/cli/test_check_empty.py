"""`notifier check` on a database without tables, and on one of another version: what to do first."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import URL, text
from typer.testing import CliRunner

from notifier.cli.main import app
from notifier.db import Database, Rank
from tests.cli.test_check import PROCEDURE, SETTINGS
from tests.postgresql import new_database


def _checked(monkeypatch: pytest.MonkeyPatch, url: URL) -> str:
    Path("notifier.toml").write_text(SETTINGS)
    Path("procedures").mkdir()
    Path("procedures/one.toml").write_text(PROCEDURE)
    monkeypatch.setenv("NOTIFIER_DATABASE__URL", url.render_as_string(hide_password=False))
    return " ".join(CliRunner().invoke(app, ["check", "--config", "notifier.toml"]).output.split())


async def test_an_empty_postgresql_is_laid_down_by_migrate_or_serve(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgresql_server: URL
) -> None:
    monkeypatch.chdir(tmp_path)
    async with new_database(postgresql_server) as url:
        said = await asyncio.to_thread(_checked, monkeypatch, url)
    assert "is empty" in said
    assert "`notifier migrate` lays its tables down, and so does the first `notifier serve`." in said
    assert "another version" not in said


async def test_another_version_is_migrated_once_those_who_serve_it_have_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgresql_url: URL
) -> None:
    monkeypatch.chdir(tmp_path)
    db = Database(postgresql_url)
    async with db.write(Rank.HOUSEKEEPING) as conn:
        await conn.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    await db.dispose()
    said = await asyncio.to_thread(_checked, monkeypatch, postgresql_url)
    assert "has the schema of another version." in said
    assert "Stop every process of the other version, then run `notifier migrate`" in said
