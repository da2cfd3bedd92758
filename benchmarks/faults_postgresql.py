"""Three processes on one PostgreSQL, as the command line starts them, killed by turns while they mail.

Time is real here, so the consultation opened yesterday, and the server announces it late when it starts. A
killed process is started again at once; what it had claimed returns when its lease ends, within a minute.
"""

import asyncio
import os
import random
import shutil
import sys
import tempfile
import time
from bisect import bisect_left
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import tomlkit
from sqlalchemy import URL

from benchmarks import postgresql
from benchmarks.readers import add_readers
from benchmarks.sink import Sink
from notifier.app import Notifier
from notifier.clock import ReplayClock, machine_now
from notifier.db import Database
from tests.journeys.house import settings_for
from tests.journeys.random_kills import Counted

ROLES = ("serve", "worker", "worker")
PATIENCE_SECONDS = 600.0
FLOWING_SECONDS = 0.3
"""Mail is on its way if one came within this time: only then a kill proves something."""

_PROCEDURE = """\
reference = "BENCH-1"
title = "Radiofrequency ablation for palliation of painful spinal metastases"
status = "In progress"

[[milestones]]
label = "Consultation"
start = {start}
end = {end}
"""


async def kill(times: int, people: int, uncommitted: int, seed: int, noted: Callable[[int], None]) -> Counted:
    """Kill so many times, over as many mailings as it takes, and count them all; `noted` hears of each."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with postgresql.server(folder / "server") as url:
            await _prepare(folder / "ready", url, people)
            killer = _Killer(folder, url, people=people, uncommitted=uncommitted, seed=seed, noted=noted)
            return await killer.kill(times)


async def _prepare(home: Path, url: URL, people: int) -> None:
    """Fill database and home as they were the day before the opening."""
    opened = machine_now().date() - timedelta(days=1)
    (home / "procedures").mkdir(parents=True)
    text = _PROCEDURE.format(start=opened, end=opened + timedelta(days=28))
    (home / "procedures" / "one.toml").write_text(text, encoding="utf-8")
    before = datetime(opened.year, opened.month, opened.day, 3, tzinfo=UTC) - timedelta(hours=12)
    settings = settings_for(home, web_port=0, smtp_port=9)
    db = Database(url, home=settings.database.path)
    notifier = Notifier(settings, clock=ReplayClock(before), db=db)
    await notifier.start()
    await add_readers(db, people, now=before)
    await notifier.stop()


class _Killer:
    """Runs mailings in copies of one database and kills who takes part, again and again."""

    def __init__(
        self,
        folder: Path,
        url: URL,
        *,
        people: int,
        uncommitted: int,
        seed: int,
        noted: Callable[[int], None],
    ) -> None:
        self._folder = folder
        self._url = url
        self._people = people
        self._uncommitted = uncommitted
        self._noted = noted
        self._random = random.Random(seed)  # noqa: S311 - moments, not secrets
        self._mailings = 0
        self._killed_at: list[float] = []

    async def kill(self, times: int) -> Counted:
        """Kill so many times; the first mailing is left alone, to know how long one takes."""
        began = time.monotonic()
        seconds, _ = await self._mailing(0, 0.0)
        lost = doubled = 0
        by_kill: list[int] = []
        while len(self._killed_at) < times:
            before = len(self._killed_at)
            _, sink = await self._mailing(times, seconds)
            lost += self._people - len(sink.told)
            doubled += sink.mails.total() - len(sink.mails)
            by_kill += doubled_by(self._killed_at[before:], sink)
            assert len(sink.mails) == len(sink.told), "somebody has the same alert under two Message-IDs"
        return Counted(
            people=self._people,
            mailings=self._mailings - 1,
            lost=lost,
            doubled=doubled,
            seconds=time.monotonic() - began,
            kills=len(self._killed_at),
            unrecorded=by_kill,
        )

    async def _mailing(self, times: int, seconds: float) -> tuple[float, Sink]:
        self._mailings += 1
        home = self._folder / f"mailing-{self._mailings}"
        shutil.copytree(self._folder / "ready", home)
        url = await asyncio.to_thread(postgresql.copy, self._url, f"mailing{self._mailings}")
        async with Sink().listening() as sink:
            config = self._config(home, url, sink.port)
            running = [await _start(role, config) for role in ROLES]
            began = time.monotonic()
            try:
                while len(self._killed_at) < times and len(sink.told) < self._people:
                    await asyncio.sleep(self._random.uniform(0.05, max(0.1, seconds / 4)))
                    _expect_alive(running, home)
                    await self._kill_one(running, config, sink)
                await self._finished(url, running, home)
                return time.monotonic() - began, sink
            finally:
                for process in running:
                    if process.returncode is None:
                        process.terminate()
                await asyncio.gather(*(process.wait() for process in running))

    async def _kill_one(self, running: list[asyncio.subprocess.Process], config: Path, sink: Sink) -> None:
        """Kill one of them while mail is on its way, and start it again."""
        before = sink.mails.total()
        await asyncio.sleep(FLOWING_SECONDS)
        if sink.mails.total() == before:
            return
        place = self._random.randrange(len(ROLES))
        await asyncio.sleep(self._random.uniform(0, FLOWING_SECONDS))
        self._killed_at.append(time.time())
        running[place].kill()
        await running[place].wait()
        self._noted(len(self._killed_at))
        running[place] = await _start(ROLES[place], config)

    async def _finished(self, url: URL, running: list[asyncio.subprocess.Process], home: Path) -> None:
        """Wait until everybody was told, and all that is recorded."""
        query = "SELECT count(*) FROM delivery WHERE state = 'accepted'"
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await asyncio.to_thread(postgresql.execute, url, query) != self._people:
                _expect_alive(running, home)
                await asyncio.sleep(0.2)

    def _config(self, home: Path, url: URL, smtp_port: int) -> Path:
        settings = settings_for(home, web_port=0, smtp_port=smtp_port)
        said = settings.model_dump(mode="json", include={"service", "mail"}, exclude_none=True)
        said["mail"] |= {"uncommitted": self._uncommitted}
        said |= {
            "database": {
                "path": str(home / "notifier.db"),
                "url": url.render_as_string(hide_password=False),
            },
            "procedures": {"folder": str(home / "procedures")},
            "web": {"port": 0},
            "running": {"sweep_seconds": 1},
        }
        path = home / "notifier.toml"
        path.write_text(tomlkit.dumps(said), encoding="utf-8")
        return path


def doubled_by(killed_at: Sequence[float], sink: Sink) -> list[int]:
    """Return how many mails came twice because of each kill: of those, the next after the mail came first.

    What a process has sent is recorded long before the kill after the next.
    """
    counts = [0] * len(killed_at)
    for (recipient, _), mails in sink.mails.items():
        if mails > 1:
            place = bisect_left(killed_at, sink.begun[recipient])
            counts[min(place, len(counts) - 1)] += mails - 1
    return counts


def _expect_alive(running: list[asyncio.subprocess.Process], home: Path) -> None:
    """Fail with the last line of its log if one of them ended by itself."""
    for role, process in zip(ROLES, running, strict=True):
        if process.returncode is not None:
            last = (home / f"{role}.log").read_text(encoding="utf-8").strip().rpartition("\n")[2]
            raise RuntimeError(f"notifier {role} ended by itself with {process.returncode}: {last}")


async def _start(role: str, config: Path) -> asyncio.subprocess.Process:
    command = (str(Path(sys.executable).with_name("notifier")), role, "--config", str(config))
    with (config.parent / f"{role}.log").open("ab") as log:
        return await asyncio.create_subprocess_exec(*command, stdout=log, stderr=log, env=dict(os.environ))
