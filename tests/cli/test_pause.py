"""`notifier pause`, `resume`, and `release` of both: what they write down, say and refuse."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import typer
from sqlalchemy import select
from typer.testing import CliRunner

from notifier import holds, schema
from notifier.cli.instants import read_span
from notifier.cli.main import app
from notifier.clock import machine_now
from notifier.db import Database, Rank, sqlite_url
from notifier.delivery.tables import accepted_day
from notifier.hold_kinds import HoldKind
from notifier.holds import Hold
from tests.cli.charity import SETTINGS

DATA = Path("data/notifier.db")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sqlite_template: Path) -> None:
    monkeypatch.chdir(tmp_path)
    Path("notifier.toml").write_text(SETTINGS)
    DATA.parent.mkdir()
    DATA.write_bytes(sqlite_template.read_bytes())


def run(*words: str, ends: int = 0) -> str:
    result = CliRunner().invoke(app, [*words, "--config", "notifier.toml"])
    assert result.exit_code == ends, result.output
    return " ".join(result.output.replace("│", " ").split())


def standing() -> list[Hold]:
    async def ask() -> list[Hold]:
        db = Database(sqlite_url(DATA))
        async with db.read() as conn:
            found = list(await holds.standing(conn, machine_now=machine_now()))
        await db.dispose()
        return found

    return asyncio.run(ask())


def test_a_pause_keeps_who_why_and_until_when() -> None:
    before = datetime.now(UTC)
    said = run("pause", "--for", "1d 2h", "--reason", "the relay moves!", "--by", "Anna  B")
    assert said.startswith("All mail is paused until ")
    [one] = standing()
    assert (one.kind, one.sentence) == (HoldKind.PAUSE, "Paused by Anna B: the relay moves!")
    assert one.until is not None
    assert timedelta(0) <= one.until - before - timedelta(hours=26) < timedelta(minutes=1)
    assert "until" in run("holds")


def test_an_end_is_local_time_where_nothing_else_is_said() -> None:
    run("pause", "--until", "2096-07-01T09:00", "--reason", "a test")
    assert standing()[0].until == datetime(2096, 7, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize("words", [["resume"], ["release", "pause"]])
def test_a_pause_is_ended_by_either_command(words: list[str]) -> None:
    assert run("pause", "--reason", "a test").startswith(
        "All mail is paused until you run `notifier resume`."
    )
    assert run(*words).startswith("Resumed: mail goes out again.")
    assert standing() == []
    assert "othing" in run(*words)  # nothing was changed


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--reason", "x", "--for", "2h", "--until", "2030-01-01"], "not both"),
        (["--reason", "x", "--for", "soon"], "is not a time such as 2h"),
        (["--reason", "x", "--for", "0h"], "is not a time such as 2h"),
        (["--reason", "x", "--until", "2020-01-01T09:00"], "has passed already"),
        (["--reason", "x", "--until", "1/12/2026"], "did you mean 2026-12-01?"),
        (["--reason", " "], "a reason is needed"),
        (["--reason", "x", "--by", " "], "a name is needed"),
        ([], "--reason"),
    ],
)
def test_a_pause_that_makes_no_sense_is_refused(words: list[str], why: str) -> None:
    assert why in run("pause", *words, ends=2)
    assert standing() == []


@pytest.mark.parametrize(
    ("text", "minutes"), [("90m", 90), ("2h", 120), ("1h30m", 90), (" 1D 12h ", 2160), ("3d", 4320)]
)
def test_spans_are_read(text: str, minutes: int) -> None:
    assert read_span(text, option="--for") == timedelta(minutes=minutes)


@pytest.mark.parametrize("text", ["", "h", "2", "-2h", "2h 1d", "1.5h", "2 hours"])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="such as 2h"):
        read_span(text, option="--for")


def test_a_released_brake_lets_today_go() -> None:
    async def brake() -> None:
        db = Database(sqlite_url(DATA))
        await schema.upgrade(db)
        async with db.write(Rank.WEB) as conn:
            await holds.put(conn, HoldKind.BRAKE, "As many as 500.", machine_now=machine_now())
        await db.dispose()

    asyncio.run(brake())
    assert "notifier release brake" in run("holds")
    assert run("release", "brake").startswith("Released: mail goes out for the rest of the day")
    assert standing() == []
    assert len(asyncio.run(_days_let_go())) == 1


def test_where_no_brake_stands_releasing_it_changes_nothing() -> None:
    said = run("release", "brake")
    assert said.strip() == "There is no hold “brake”; nothing was changed."
    assert asyncio.run(_days_let_go()) == []


async def _days_let_go() -> list[date]:
    db = Database(sqlite_url(DATA))
    async with db.read() as conn:
        found = await conn.scalars(select(accepted_day.c.day).where(accepted_day.c.let_go))
        days = list(found)
    await db.dispose()
    return days
