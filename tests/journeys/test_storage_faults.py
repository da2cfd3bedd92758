"""A disk that is full, a database that is read-only or locked: clear errors, nothing half-written, and
recovery without a hand.

The full disk is a real one, a small tmpfs; where that cannot be mounted (it needs root) those cases are
skipped, and the read-only ones remain.
"""

import asyncio
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import feedparser
import pytest

from notifier import db as database
from notifier.app import Notifier
from notifier.clock import ReplayClock
from notifier.web import health_reading, red_list
from tests.journeys.house import IP1783, settings_for, utc
from tests.journeys.random_kills import Tally, prepare
from tests.journeys.troubled_storage import Disk, Locked, Switch, Trouble

PEOPLE = 60
UNCOMMITTED = 10
BEFORE, DUE = "2022-10-14T07:50", "2022-10-14T08:00"
SWEEPS = 150
MOST_GROWTH_BYTES = 20 << 20


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A small tmpfs, unmounted afterwards."""
    path = tmp_path / "disk"
    path.mkdir()
    small = Disk(path)
    if not small.mount():
        pytest.skip("a small disk of one's own can be mounted by root alone")
    yield small
    small.unmount()


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which sixty people wait for an opening."""
    home = tmp_path_factory.mktemp("storage") / "ready"
    home.mkdir()
    asyncio.run(prepare(home, PEOPLE))
    return home


@pytest.fixture(autouse=True)
def _asked_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Health asks each time whether the database can be written, and finds a small disk large enough."""
    monkeypatch.setattr(health_reading, "WRITE_KEPT_SECONDS", 0.0)
    monkeypatch.setattr(red_list, "LEAST_FREE", 1)
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.2)  # a lock is longer than that


class HookedTally(Tally):
    """A mail server that calls `hook` when it has taken so many mails."""

    def __init__(self) -> None:
        super().__init__()
        self.at = 0
        self.hook: Callable[[], None] = lambda: None

    async def handle_DATA(self, *about: Any) -> str:  # noqa: N802 - the name is aiosmtpd's
        """Count a mail."""
        answer = await super().handle_DATA(*about)
        if self.mails.total() == self.at:
            self.hook()
        return answer


@dataclass(frozen=True)
class Scene:
    """A service whose storage can be troubled."""

    home: Path
    notifier: Notifier
    clock: ReplayClock
    tally: HookedTally
    trouble: Trouble
    browser: aiohttp.ClientSession

    def opening_comes(self) -> None:
        """Let the clock come to the announcement."""
        self.clock.leap(utc(DUE))
        self.notifier.watch.ring()

    def count(self, table: str) -> int:
        """Count rows, past the service."""
        with closing(sqlite3.connect(f"file:{self.home / 'notifier.db'}?mode=ro", uri=True)) as connection:
            found: int = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            return found

    async def get(self, path: str) -> tuple[int, bytes]:
        async with self.browser.get(f"http://localhost:{self.notifier.port}{path}") as answer:
            return answer.status, await answer.read()

    async def health(self) -> tuple[int, str]:
        """Return status and sentence."""
        status, body = await self.get("/health")
        return status, json.loads(body)["sentence"]

    async def sign_up(self) -> int:
        """Fill in the form; return the status of the answer."""
        form = {"address": "late@patients.example", "to": "all", "preset": "deadlines"}
        url = f"http://localhost:{self.notifier.port}/subscribe"
        async with self.browser.post(url, data=form) as answer:
            return answer.status

    async def everybody_told(self) -> None:
        """Wait until the last person has a mail, without any help."""
        async with asyncio.timeout(20):
            while len(self.tally.told) < PEOPLE:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.02)
        await asyncio.sleep(0.3)


@pytest.fixture(params=["a full disk", "a read-only database", "a locked database"])
async def scene(request: pytest.FixtureRequest, ready: Path, tmp_path: Path) -> AsyncIterator[Scene]:
    """A service that waits for the opening, and its kind of trouble."""
    full = request.param == "a full disk"
    home = (request.getfixturevalue("disk").path if full else tmp_path) / "home"
    shutil.copytree(ready, home)
    async with HookedTally().listening() as tally, aiohttp.ClientSession(headers=_ASKING) as browser:
        assert isinstance(tally, HookedTally)
        settings = settings_for(home, web_port=0, smtp_port=tally.port)
        mail = settings.mail.model_copy(update={"uncommitted": UNCOMMITTED})
        locked = request.param == "a locked database"
        db = (Locked if locked else Switch)(settings.database.path)
        clock = ReplayClock(utc(BEFORE))
        notifier = Notifier(settings.model_copy(update={"mail": mail}), clock=clock, db=db)
        trouble: Trouble = request.getfixturevalue("disk") if full else db
        await notifier.start()
        try:
            yield Scene(home, notifier, clock, tally, trouble, browser)
        finally:
            trouble.end()
            await notifier.stop()


_ASKING = {"Accept": "application/json"}


async def test_what_falls_due_meanwhile_is_said_whole_once_there_is_room_again(scene: Scene) -> None:
    scene.trouble.begin()
    await asyncio.sleep(0.3)  # a transaction that was under way may end
    tables = ("event", "mailing", "delivery", "subscriber")
    before = [scene.count(table) for table in tables]
    assert before[0] == before[2] == 0
    scene.opening_comes()
    await _sweeps_fail(scene)
    status, sentence = await scene.health()
    assert status == 503
    assert sentence.startswith(f"Broken. {scene.trouble.said}")
    assert await scene.sign_up() in (500, 503)
    assert (await scene.get(f"/procedures/{IP1783}"))[0] == 200
    assert feedparser.parse((await scene.get("/feeds/all.atom"))[1]).entries == []
    assert [scene.count(table) for table in tables] == before
    assert scene.tally.mails.total() == 0

    scene.trouble.end()
    await scene.everybody_told()
    assert scene.tally.mails.total() == PEOPLE
    assert (scene.count("event"), scene.count("mailing WHERE kind = 'moment'")) == (1, 1)
    status, sentence = await scene.health()
    assert (status, sentence.split(". ")[0]) == (200, "OK")
    assert await scene.sign_up() == 200


async def test_no_memory_is_lost_to_a_long_trouble(scene: Scene) -> None:
    scene.trouble.begin()
    scene.opening_comes()
    await _sweeps_fail(scene)
    before = _resident_bytes()
    for _ in range(SWEEPS):
        scene.notifier.watch.ring()
        scene.notifier.deliverer.ring()
        await asyncio.sleep(0.005)
    await _sweeps_fail(scene)
    assert _resident_bytes() - before < MOST_GROWTH_BYTES


async def test_in_the_middle_of_a_mailing_sending_stops_at_the_bound_and_goes_on_without_a_double(
    scene: Scene,
) -> None:
    scene.tally.at, scene.tally.hook = PEOPLE // 3, scene.trouble.begin
    scene.opening_comes()
    async with asyncio.timeout(10):
        while scene.tally.mails.total() < PEOPLE // 3:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)
    await asyncio.sleep(1.5)
    assert scene.tally.mails.total() <= PEOPLE // 3 + UNCOMMITTED
    status, sentence = await scene.health()
    assert status == 503
    assert scene.trouble.said in sentence

    scene.trouble.end()
    await scene.everybody_told()
    assert scene.tally.mails.total() == PEOPLE
    async with asyncio.timeout(5):
        while (await scene.health())[0] != 200:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.1)


async def _sweeps_fail(scene: Scene) -> None:
    """Wait for sweeps that ended badly: at least two rings, and no good end among them."""
    swept = scene.notifier.watch.swept_at
    for _ in range(2):
        scene.notifier.watch.ring()
        await asyncio.sleep(0.1)
    assert scene.notifier.watch.swept_at == swept


def _resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE")


@pytest.mark.parametrize("trouble", ["full", "read-only"])
def test_the_service_does_not_start_on_such_a_disk_and_says_why_in_a_sentence(
    trouble: str, disk: Disk, ready: Path
) -> None:
    home = disk.path / "home"
    shutil.copytree(ready, home)
    if trouble == "full":
        disk.begin()
    else:
        disk.make_read_only()
    ended = subprocess.run(
        [sys.executable, "-c", "from notifier.cli.main import app; app()", "serve"],
        env=os.environ | _environment(home),
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert ended.returncode == 1, ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stderr.splitlines()[-1].startswith("notifier: ")
    assert {"full": "0 MB are free", "read-only": "Read-only"}[trouble] in ended.stderr


def _environment(home: Path) -> dict[str, str]:
    settings = settings_for(home, web_port=0, smtp_port=9)
    service = {
        f"NOTIFIER_SERVICE__{name.upper()}": str(value)
        for name, value in settings.service.model_dump(mode="json").items()
    }
    return service | {
        "NOTIFIER_DATABASE__PATH": str(home / "notifier.db"),
        "NOTIFIER_PROCEDURES__FOLDER": str(home / "procedures"),
        "NOTIFIER_WEB__PORT": "0",
        "NOTIFIER_MAIL__SENDER": "alerts@alerts.example",
        "NOTIFIER_MAIL__REPLY_TO": "help@alerts.example",
        "NOTIFIER_MAIL__SECURITY": "plain",
    }
