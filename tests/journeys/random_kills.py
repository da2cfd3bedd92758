"""Killing a service at random moments of a mailing, and counting: who was told, who twice, who not at all."""

import asyncio
import random
import shutil
import sqlite3
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from dataclasses import dataclass, field
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Protocol, Self

from aiosmtpd.smtp import SMTP, Envelope, Session

from notifier.db import Rank
from notifier.events.interest import Preset, kinds_of
from notifier.subscriptions import course, store
from notifier.subscriptions.topics import EVERYTHING
from tests.journeys.house import House, open_house, ship_ip1783
from tests.journeys.mailing_child import serve
from tests.journeys.warm import Child

CONNECTIONS = 8
"""Of `settings_for`."""

START = "2022-10-14T07:59:59.5"
"""Half a second before an opening is due, so that a kill may also come before its announcement."""

PATIENCE_SECONDS = 120.0


class Counting(Protocol):
    """A mail server that knows who got which Message-ID how often, and everybody who has a mail."""

    mails: Counter[tuple[str, str]]
    port: int

    @property
    def told(self) -> set[str]: ...

    def listening(self) -> AbstractAsyncContextManager[Self]: ...


class Tally:
    """The one of the tests: aiosmtpd takes the mail."""

    def __init__(self) -> None:
        self.mails: Counter[tuple[str, str]] = Counter()
        self.port = 0

    @property
    def told(self) -> set[str]:
        """Everybody who has a mail."""
        return {recipient for recipient, _ in self.mails}

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Count a mail (the name is aiosmtpd's)."""
        headers = BytesHeaderParser().parsebytes(envelope.original_content or b"", headersonly=True)
        self.mails[envelope.rcpt_tos[0], str(headers["Message-ID"])] += 1
        return "250 2.0.0 Taken"

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["Tally"]:
        """Take mail while the block lasts."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(self, hostname="tally"), "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            yield self


@dataclass(frozen=True)
class Counted:
    """What some kills came to. `unrecorded`: per kill, mails taken by the server that nobody had noted."""

    people: int
    mailings: int
    lost: int
    doubled: int
    seconds: float
    kills: int
    unrecorded: list[int] = field(default_factory=list)


async def prepare(home: Path, people: int) -> None:
    """Make a home in which so many people follow everything, before an opening."""
    ship_ip1783(home)
    async with open_house(home, "2022-10-01T09:00") as house:
        await _crowd(house, people)


async def _crowd(house: House, people: int) -> None:
    now = house.clock.now()
    async with house.notifier.db.write(Rank.HOUSEKEEPING) as conn:
        topic = await store.topic_id(conn, EVERYTHING)
        for n in range(people):
            address = f"person{n}@patients.example"
            who = await store.subscriber_id(conn, address=address, address_key=address, now=now)
            wanted = {"kinds": kinds_of(Preset.DEADLINES), "now": now, "confirm_until": now}
            asked = await course.ask(conn, subscriber_id=who, topic_id=topic, **wanted)
            found = await store.get(conn, asked)
            assert found is not None
            await course.activate(conn, found, since_seq=0, wording="a crowd", now=now)


class Killer:
    """Runs mailings in copies of one home and kills the service that sends them, again and again.

    `noted` is told after each kill how many there were.
    """

    def __init__(
        self,
        ready: Path,
        *,
        people: int,
        uncommitted: int,
        seed: int,
        tally: Callable[[], Counting] = Tally,
        noted: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._ready = ready
        self._people = people
        self._uncommitted = uncommitted
        self._tally = tally
        self._noted = noted
        self._random = random.Random(seed)  # noqa: S311 - moments, not secrets
        self._seconds = 0.0
        self._unrecorded: list[int] = []
        self._mailings = 0

    async def kill(self, times: int) -> Counted:
        """Kill so many times, over as many mailings as it takes, and count them all."""
        began = time.monotonic()
        self._seconds = await self._unharmed()
        lost = doubled = 0
        while len(self._unrecorded) < times:
            tally = await self._mailing(times)
            lost += self._people - len(tally.told)
            doubled += tally.mails.total() - len(tally.mails)
            assert len(tally.mails) == len(tally.told), "somebody has the same alert under two Message-IDs"
        return Counted(
            people=self._people,
            mailings=self._mailings - 1,  # the first was left alone
            lost=lost,
            doubled=doubled,
            seconds=time.monotonic() - began,
            kills=len(self._unrecorded),
            unrecorded=self._unrecorded,
        )

    async def _unharmed(self) -> float:
        """Return how long a mailing takes whose service is left alone."""
        home = self._copy()
        async with self._tally().listening() as tally:
            child = await self._start(home, tally)
            began = time.monotonic()
            await self._finish(home, child)
            assert tally.mails.total() == len(tally.told) == self._people
            return time.monotonic() - began

    async def _mailing(self, times: int) -> Counting:
        home = self._copy()
        async with self._tally().listening() as tally:
            while len(tally.told) < self._people and len(self._unrecorded) < times:
                before = tally.mails.total() - _accepted(home)
                child = await self._start(home, tally)
                left = 1 - len(tally.told) / self._people
                await asyncio.sleep(self._random.uniform(0, self._seconds * left))
                child.kill()
                await child.wait()
                await asyncio.sleep(0.05)  # what is in the socket still arrives
                # Of this life alone: who was in doubt before and not yet told again is not in doubt twice.
                self._unrecorded.append(tally.mails.total() - _accepted(home) - before)
                self._noted(len(self._unrecorded))
            await self._finish(home, await self._start(home, tally))
        assert _events(home) == 1, "one opening is one event"
        return tally

    async def _finish(self, home: Path, child: Child) -> None:
        """Let the service tell everybody, and stop it in order."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while _accepted(home) < self._people:  # noqa: ASYNC110 - a table tells nobody
                await asyncio.sleep(0.05)
        child.terminate()
        await child.wait()

    def _copy(self) -> Path:
        self._mailings += 1
        home = self._ready.parent / f"mailing-{self._mailings}"
        return shutil.copytree(self._ready, home)

    async def _start(self, home: Path, tally: Counting) -> Child:
        child = Child(serve, home, tally.port, START, self._uncommitted)
        assert await child.hear() == "up"
        return child


def _accepted(home: Path) -> int:
    return _one_number(home, "SELECT count(*) FROM delivery WHERE state = 'accepted'")


def _events(home: Path) -> int:
    return _one_number(home, "SELECT count(*) FROM event")


def _one_number(home: Path, query: str) -> int:
    with closing(sqlite3.connect(home / "notifier.db")) as connection:
        found: int = connection.execute(query).fetchone()[0]
        return found
