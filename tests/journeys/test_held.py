"""A held service says nothing and loses nothing; lifted, it says what is due."""

import asyncio
import shutil
from pathlib import Path

from typer.testing import CliRunner

from notifier.cli.main import app
from tests.journeys.house import IP1783, House, open_house, ship_ip1783, subject

ADA = "ada@patients.example"


async def _opening_is_due(home: Path) -> None:
    """Ada follows IP1783; the server stops before the consultation opens."""
    ship_ip1783(home)
    async with open_house(home, "2022-09-20T09:00") as house:
        await house.sign_up(ADA, to=IP1783)


def _restore(home: Path) -> None:
    """Put back a database that is older than what was served last."""
    (home / "notifier.seen").write_text("1000000")


def _notifier(home: Path, *words: str) -> str:
    environment = {"NOTIFIER_DATABASE__PATH": str(home / "notifier.db")}
    result = CliRunner().invoke(app, list(words), env=environment)
    assert result.exit_code == 0, result.output
    return result.output


async def _leads(house: House, *, mails: int = 0) -> list[str]:
    """Return how the subjects begin once so many mails have come; for none, after a while."""
    house.notifier.watch.ring()
    if not mails:
        await asyncio.sleep(1.5)
    async with asyncio.timeout(30):
        while len(house.mails_to(ADA)) < mails:  # noqa: ASYNC110 - an inbox tells nobody
            await asyncio.sleep(0.05)
    return [subject(mail).partition(":")[0] for mail in house.mails_to(ADA)]


async def test_a_restored_database_says_nothing_until_it_is_told_to_send(tmp_path: Path) -> None:
    await _opening_is_due(tmp_path)
    _restore(tmp_path)
    async with open_house(tmp_path, "2022-10-14T09:30") as house:
        assert await _leads(house) == []
        assert b"restored from a backup" in (await house.get("/health"))[1]
        assert "restored" in await asyncio.to_thread(_notifier, tmp_path, "holds")
        await asyncio.to_thread(_notifier, tmp_path, "release", "restored", "--send")
        assert await _leads(house, mails=1) == ["Due to open today"]


async def test_a_restored_database_can_treat_what_is_past_as_told(tmp_path: Path) -> None:
    await _opening_is_due(tmp_path)
    _restore(tmp_path)
    async with open_house(tmp_path, "2022-10-14T09:30") as house:
        told = ("release", "restored", "--told-until", "2022-10-14T09:30:00")
        assert "1 dates" in await asyncio.to_thread(_notifier, tmp_path, *told)
        assert await _leads(house) == []
    shutil.rmtree(tmp_path / "procedures")
    async with open_house(tmp_path, "2022-11-04T10:00") as house:
        assert await _leads(house, mails=1) == ["7 days left to comment"]
