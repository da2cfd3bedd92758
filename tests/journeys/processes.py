"""A service of several real processes on PostgreSQL, whose mail goes to a real server that counts it.

A crowd follows everything; one consultation opens today, as soon as all processes are up.
"""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import URL, text

from notifier import schema
from notifier.clock import machine_now
from notifier.db import Database, Rank
from notifier.events.interest import Preset, kinds_of
from tests.journeys.random_kills import Tally

PATIENCE_SECONDS = 180.0
_SETTINGS = """\
[service]
name = "Procedure alerts"
operator = "Example Charity"
postal_address = "1 Example Street, London"
contact = "help@alerts.example"
privacy_contact = "privacy@alerts.example"
relation = "third-party"
public_url = "https://alerts.example"
[times]
zone = "UTC"
announce_at = "23:59:58"
closes_at = "23:59:59"
[web]
port = 0
[mail]
host = "127.0.0.1"
port = {smtp_port}
security = "plain"
sender = "alerts@alerts.example"
reply_to = "help@alerts.example"
local_hostname = "localhost"
connections = 4
uncommitted = {uncommitted}
[procedures]
folder = "procedures"
[running]
sweep_seconds = 2
stop_seconds = 10
"""
_PROCEDURE = """\
reference = "GID-IPG1"
title = "One"
status = "In progress"
[[milestones]]
label = "Consultation"
start = {start}
end = {end}
"""
_DUE_NOW = "UPDATE due SET due_at = now(), attempt_after = now() WHERE edge = 'opens' AND state = 'pending'"
_CROWD = (
    "INSERT INTO topic (kind, value, followers) VALUES ('all', '', {people}) ON CONFLICT DO NOTHING",
    "INSERT INTO subscriber (address, address_key, state, nonce, created_at) "
    "SELECT 'person' || n || '@patients.example', 'person' || n || '@patients.example', 'active', "
    "'nonce' || n, now() FROM generate_series(1, {people}) n",
    "INSERT INTO subscription (subscriber_id, topic_id, kinds, state, nonce, asked_at, confirm_until, "
    "confirmed_at, since_seq) SELECT s.id, t.id, {kinds}, 'active', s.nonce, now(), now(), now(), 0 "
    "FROM subscriber s, topic t WHERE t.kind = 'all'",
)


class Process:
    """One process of the service, and its log."""

    def __init__(self, command: str, log: Path, child: asyncio.subprocess.Process) -> None:
        self.command = command
        self._log = log
        self.child = child
        self.owner = 0

    def lines(self) -> list[dict[str, Any]]:
        """Return what it logged; not what it merely printed."""
        found = self._log.read_text().splitlines()
        return [json.loads(line) for line in found if line.startswith("{")]

    def events(self) -> list[str]:
        """Return the names of what it logged."""
        return [line["event"] for line in self.lines()]

    def signal(self, signum: signal.Signals) -> None:
        """Send it a signal."""
        self.child.send_signal(signum)

    async def ends(self) -> int:
        """Wait for its end, and return its exit code."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await self.child.wait()


class Town:
    """The processes, their one database, and the mail server that counts."""

    def __init__(self, home: Path, url: URL, tally: Tally, people: int) -> None:
        self._home = home
        self._url = url
        self._processes: list[Process] = []
        self.tally = tally
        self.people = people
        self.db = Database(url)

    async def prepare(self, *, uncommitted: int = 50, more: str = "") -> None:
        """Lay down schema, people, procedure and settings, with an opening soon."""
        await schema.upgrade(self.db)
        kinds = kinds_of(Preset.DEADLINES)
        async with self.db.write(Rank.HOUSEKEEPING) as conn:
            for statement in _CROWD:
                await conn.execute(text(statement.format(people=self.people, kinds=int(kinds))))
        today = machine_now().date()
        procedures = self._home / "procedures"
        procedures.mkdir()
        end = today + timedelta(days=28)
        (procedures / "one.toml").write_text(_PROCEDURE.format(start=today, end=end))
        settings = _SETTINGS.format(smtp_port=self.tally.port, uncommitted=uncommitted)
        (self._home / "notifier.toml").write_text(settings + more)

    async def start(self, command: str) -> Process:
        """Start `notifier serve` or `notifier worker`, and wait until it is up."""
        log = self._home / f"{command}-{len(self._processes)}.log"
        with log.open("w") as out:
            child = await asyncio.create_subprocess_exec(
                sys.executable,
                "-c",
                "from notifier.cli.main import app; app()",
                command,
                "--config",
                "notifier.toml",
                stdout=out,
                stderr=out,
                cwd=self._home,
                env={
                    **os.environ,
                    "NOTIFIER_DATABASE__URL": self._url.render_as_string(hide_password=False),
                    "PYTHONPATH": str(Path(__file__).parents[2]),
                },
            )
        started = Process(command, log, child)
        self._processes.append(started)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not {"started", "worker_started"} & set(started.events()):
                assert child.returncode is None, log.read_text()
                await asyncio.sleep(0.05)
            before = max(one.owner for one in self._processes)
            while (newest := await self._newest_owner()) <= before:  # noqa: ASYNC110 - a table tells nobody
                await asyncio.sleep(0.05)
        started.owner = newest
        return started

    async def _newest_owner(self) -> int:
        return await self.number("SELECT max(id) FROM owner")

    async def while_sending(self, one: Process, signum: signal.Signals) -> list[int]:
        """Stop a process by a signal while it holds letters; return their deliveries."""
        holds = f"SELECT id FROM delivery WHERE state = 'sending' AND owner_id = {one.owner}"
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                if await self.number(f"SELECT count(*) FROM ({holds}) held"):
                    one.signal(signum)
                    await asyncio.sleep(0.2)  # what it sent to the database still arrives
                    async with self.db.read() as conn:
                        held = list(await conn.scalars(text(holds)))
                    if held or signum is not signal.SIGSTOP:
                        return held
                    one.signal(signal.SIGCONT)
                await asyncio.sleep(0.01)

    async def outcomes(self, deliveries: list[int]) -> list[tuple[object, ...]]:
        """Return what is recorded of deliveries: state, owner, attempts and end."""
        query = text(
            "SELECT id, state, owner_id, attempts, done_at FROM delivery WHERE id = ANY(:ids) ORDER BY id"
        )
        async with self.db.read() as conn:
            return [tuple(row) for row in await conn.execute(query, {"ids": deliveries})]

    async def opens(self) -> None:
        """Let the opening be due now, and wait until somebody has announced it."""
        async with self.db.write(Rank.HOUSEKEEPING) as conn:
            await conn.execute(text(_DUE_NOW))
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await self.number("SELECT count(*) FROM event"):  # noqa: ASYNC110 - a table tells nobody
                await asyncio.sleep(0.02)

    async def number(self, query: str) -> int:
        """Return one number from the database."""
        async with self.db.read() as conn:
            return int(await conn.scalar(text(query)) or 0)

    async def accepted(self) -> int:
        """Return how many deliveries are recorded as accepted."""
        return await self.number("SELECT count(*) FROM delivery WHERE state = 'accepted'")

    async def until_told(self, share: float = 1.0) -> None:
        """Wait until so many have their mail; for all: until it is recorded too."""
        wanted = self.people * share
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(self.tally.told) < wanted or (  # noqa: ASYNC110 - a table tells nobody
                share == 1.0 and await self.accepted() < wanted
            ):
                await asyncio.sleep(0.02)

    def doubled(self) -> int:
        """Return how many mails came more than once. Under another Message-ID none may."""
        assert len(self.tally.mails) == len(self.tally.told)
        return self.tally.mails.total() - len(self.tally.mails)

    async def close(self) -> None:
        """End what still runs."""
        for one in self._processes:
            if one.child.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    one.child.kill()
                await one.child.wait()
        await self.db.dispose()


@asynccontextmanager
async def town(home: Path, url: URL, *, people: int) -> AsyncIterator[Town]:
    """Found a town for the length of the block."""
    async with Tally().listening() as tally:
        found = Town(home, url, tally, people)
        try:
            yield found
        finally:
            await found.close()
