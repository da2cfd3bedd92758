"""A worker tells of itself: what it sent, in its own metrics, and to a container whether it lives."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import URL, text

from notifier.db import Rank
from tests.journeys.house import free_port
from tests.journeys.processes import Town, town
from tests.postgresql import new_database
from tests.promtool import found_promtool, judged

PEOPLE = 900
TOKEN = "correct-horse-battery-staple"
ASIDE = {"X-Forwarded-For": "192.0.2.1"}
SHOWN = ASIDE | {"Authorization": f"Bearer {TOKEN}"}


@dataclass(frozen=True)
class Place:
    """A town whose worker listens on `port`, and what is needed to ask it."""

    town: Town
    home: Path
    url: URL
    port: int
    asker: aiohttp.ClientSession

    async def get(self, path: str, port: int | None = None, **headers: str) -> tuple[int, str]:
        """Return status and words of an answer."""
        url = f"http://127.0.0.1:{port or self.port}{path}"
        async with self.asker.get(url, headers=headers) as answer:
            return answer.status, await answer.text()

    async def accepted(self, port: int | None = None) -> float:
        """Return how many mails a process says were accepted from it."""
        status, page = await self.get("/metrics", port)
        assert status == 200
        return next(
            one.value
            for family in text_string_to_metric_families(page)
            for one in family.samples
            if one.name == "notifier_delivery_outcomes_total" and one.labels == {"verdict": "accepted"}
        )

    async def owned(self, statement: str) -> None:
        """Change what is known of the processes: another machine, or the time that passed since a renewal."""
        async with self.town.db.write(Rank.HOUSEKEEPING) as conn:
            await conn.execute(text(statement))

    async def is_healthy(self, *words: str, **environ: str) -> tuple[int | None, str]:
        """Run `notifier healthcheck --worker` in the folder of the service; return exit code and words."""
        url = self.url.render_as_string(hide_password=False)
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            "from notifier.cli.main import app; app()",
            "healthcheck",
            "--worker",
            "--config",
            "notifier.toml",
            *words,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd=self.home,
            env={
                **os.environ,
                "NOTIFIER_DATABASE__URL": url,
                "PYTHONPATH": str(Path(__file__).parents[2]),
                **environ,
            },
        )
        said, _ = await child.communicate()
        return child.returncode, said.decode()


@pytest.fixture
async def place(postgresql_server: URL, tmp_path: Path) -> AsyncIterator[Place]:
    """A town where nothing runs yet, and a port for its worker."""
    port = free_port()
    async with (
        new_database(postgresql_server) as url,
        town(tmp_path, url, people=PEOPLE) as found,
        aiohttp.ClientSession() as asker,
    ):
        more = f'[worker]\nport = {port}\n[health]\ntoken = "{TOKEN}"\n'
        await found.prepare(more=more)
        yield Place(found, tmp_path, url, port, asker)


async def test_the_processes_together_count_every_mail_and_each_its_own(place: Place) -> None:
    server = await place.town.start("serve")
    worker = await place.town.start("worker")
    (started,) = [line for line in server.lines() if line["event"] == "started"]
    await place.town.opens()
    await place.town.until_told()
    sent = "SELECT count(*) FROM delivery WHERE state = 'accepted' AND owner_id = {}"
    by_worker = await place.accepted()
    assert by_worker == await place.town.number(sent.format(worker.owner)) > 0
    assert by_worker + await place.accepted(started["port"]) == PEOPLE
    _, page = await place.get("/metrics")
    assert "notifier_owners_alive 2.0" in page
    assert 'database="postgresql"' in page
    assert await judged(found_promtool(), "check", "metrics", said=page) == (0, "")


async def test_a_worker_tells_strangers_only_that_it_lives(place: Place) -> None:
    await place.town.start("serve")
    await place.town.start("worker")
    assert (await place.get("/metrics", **ASIDE))[0] == 404
    assert (await place.get("/metrics", **SHOWN))[0] == 200
    assert (await place.get("/metrics", Host="evil.example"))[0] == 421
    assert await place.get("/health/live", **ASIDE) == (200, "The process answers.\n")
    assert await place.get("/health/ready", **ASIDE) == (200, "Ready.\n")
    for page in ("/", "/health", "/subscribe", "/feeds/all.atom"):
        assert (await place.get(page))[0] == 404, page


async def test_a_container_asks_whether_its_worker_lives(place: Place) -> None:
    await place.town.start("serve")
    worker = await place.town.start("worker")
    assert await place.is_healthy() == (0, "The process answers.\n")
    assert await place.is_healthy("--ready") == (0, "Ready.\n")
    worker.signal(signal.SIGKILL)
    await worker.ends()
    code, words = await place.is_healthy()
    assert code == 1
    assert f"no answer from 127.0.0.1 port {place.port}" in words


async def test_without_a_port_the_database_says_whether_a_worker_lives_here(place: Place) -> None:
    no_port = {"NOTIFIER_WORKER__PORT": "0"}
    code, words = await place.is_healthy(**no_port)
    assert code == 1
    assert "no process of this machine" in words
    server, worker = await place.town.start("serve"), await place.town.start("worker")
    await place.owned(f"UPDATE owner SET host = 'another' WHERE id = {server.owner}")
    assert (await place.is_healthy(**no_port))[0] == 0
    worker.signal(signal.SIGKILL)
    await worker.ends()
    await place.owned(f"UPDATE owner SET expires_at = clock_timestamp() WHERE id = {worker.owner}")
    code, words = await place.is_healthy(**no_port)
    assert code == 1
    assert "no process of this machine" in words


async def test_a_worker_whose_port_is_taken_ends_and_says_so(place: Place) -> None:
    taken = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", place.port)
    await place.town.start("serve")
    async with taken:
        with pytest.raises(AssertionError, match="cannot start or go on"):
            await place.town.start("worker")
