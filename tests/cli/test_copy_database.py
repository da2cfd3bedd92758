"""`notifier copy-database`: what it prints, and when it fails."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL
from typer.testing import CliRunner, Result

from notifier.cli.main import app
from notifier.columns import metadata
from tests.copying.scene import Machine, change, live


@pytest.fixture
def machine(
    sqlite_template: Path, tmp_path: Path, postgresql_url: URL, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Machine]:
    """A machine whose service was stopped, and settings that name a new PostgreSQL database."""
    path = tmp_path / "notifier.db"
    shutil.copy(sqlite_template, path)
    monkeypatch.setenv("NOTIFIER_DATABASE__PATH", str(path))
    monkeypatch.setenv("NOTIFIER_DATABASE__URL", postgresql_url.render_as_string(hide_password=False))
    found = Machine(path, postgresql_url)
    asyncio.run(live(found))
    return found


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["copy-database", *words])


def check() -> str:
    return " ".join(CliRunner().invoke(app, ["check"]).output.split())


def test_a_copy_says_for_each_table_what_is_on_either_side_and_how_to_go_on(machine: Machine) -> None:
    done = run()
    assert done.exit_code == 0, done.output
    *lines, same, then = done.stdout.splitlines()
    cells = [line.split("\t") for line in lines]
    assert [table for table, *_ in cells] == [table.name for table in metadata.sorted_tables]
    for _, here, there, sum_here, sum_there, word in cells:
        assert (here, sum_here, word) == (there, sum_there, "same")
    assert f"are the same in {machine.path} and the database" in same
    assert then.startswith("Start `notifier serve`: it goes on there.")
    assert done.stderr == ""


def test_a_difference_ends_the_comparison_with_1_and_names_the_table(machine: Machine) -> None:
    assert run().exit_code == 0
    assert run("--verify").exit_code == 0
    asyncio.run(change(machine.url, "UPDATE topic SET followers = followers + 1 WHERE id = 1"))
    found = run("--verify")
    assert found.exit_code == 1
    assert next(line for line in found.stdout.splitlines() if "DIFFERENT" in line).startswith("topic\t")
    assert found.stderr == 'notifier: PostgreSQL does not hold what the SQLite file holds: "topic"\n'


def test_a_terminal_of_80_columns_has_room_for_every_name(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("FORCE_COLOR", "1"), ("NO_COLOR", "1"), ("TERM", "xterm"), ("COLUMNS", "80")):
        monkeypatch.setenv(name, value)
    done = run()
    assert done.exit_code == 0
    assert [table.name for table in metadata.sorted_tables if table.name not in done.stdout] == []
    assert "…" not in done.stdout
    assert "Copying" in done.stderr


def test_a_copy_that_differs_is_not_kept(machine: Machine) -> None:
    """A trigger of the database's owner changes what is written: rare, and exactly what is looked for."""
    for statement in (
        "CREATE FUNCTION refuse() RETURNS trigger AS $$ BEGIN NEW.language = 'xx'; RETURN NEW; END $$"
        " LANGUAGE plpgsql",
        "CREATE TRIGGER odd BEFORE INSERT ON subscriber FOR EACH ROW EXECUTE FUNCTION refuse()",
    ):
        asyncio.run(change(machine.url, statement))
    found = run()
    assert found.exit_code == 1
    assert '"subscriber"; nothing was kept of the copy' in found.stderr
    assert not machine.path.with_suffix(".copied").exists()
    asyncio.run(change(machine.url, "DROP FUNCTION refuse CASCADE"))
    assert run().exit_code == 0


def test_check_says_beforehand_and_afterwards_what_serve_would_refuse(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert f"It is new, and {machine.path} was not copied to it." in check()
    assert run().exit_code == 0
    assert "answers, and its schema is current" in check()
    monkeypatch.delenv("NOTIFIER_DATABASE__URL")
    assert f"{machine.path} was copied to the database" in check()


def test_without_a_url_it_says_what_is_missing(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFIER_DATABASE__URL")
    found = run()
    assert found.exit_code == 1
    assert 'there is no "url" in [database]' in found.stderr


def test_without_a_file_it_makes_none(machine: Machine) -> None:
    machine.path.unlink()
    found = run()
    assert found.exit_code == 1
    assert f"there is no SQLite file at {machine.path}" in found.stderr
    assert not machine.path.exists()


def test_a_server_that_does_not_answer_is_told_in_a_line(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFIER_DATABASE__URL", "postgresql+psycopg://notifier:s3cret@127.0.0.1:1/notifier")
    found = run()
    assert found.exit_code == 1
    assert found.stderr.startswith("notifier: cannot go on: ")
    assert "s3cret" not in found.output
    assert "Traceback" not in found.output
