"""A watched source of the tests: IP1783's page on a server of our own, its reader, and a clock by hand."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from notifier.db import Database
from notifier.procedures import source_store
from notifier.procedures.source_store import KnownSource
from notifier.sources.web_reading import Reader, WebReading, read_source
from notifier.sources.web_source import WebSource
from tests.cast import INTAKE
from tests.journeys.web_body import PROJECT, WebBody, running_body
from tests.sources.fetching.fetch_server import fetching

LIST = "/api/projects.json"


@dataclass
class HandClock:
    """Calendar time that stands still until it is moved."""

    instant: datetime

    def now(self) -> datetime:
        return self.instant

    def seconds_until(self, instant: datetime) -> float:
        return (instant - self.instant).total_seconds()


@dataclass
class Scene:
    """A reader, the website that it reads, and the time."""

    db: Database
    body: WebBody
    reader: Reader
    clock: HandClock

    def source(self, path: str = PROJECT, *, name: str = "ip1783", hours: int = 24) -> WebSource:
        return WebSource(name=name, url=self.body.url(path), interval=timedelta(hours=hours))

    async def known(self, source: WebSource) -> KnownSource | None:
        async with self.db.read() as conn:
            return (await source_store.known(conn)).get(source.key)

    async def read(self, source: WebSource, at: datetime) -> WebReading:
        """Read a source at an instant, by what is known of it."""
        self.clock.instant = at
        return await read_source(self.reader, source, await self.known(source))


@asynccontextmanager
async def reading(
    db: Database, at: datetime, *, living: Sequence[str] = ("web:ip1783",), most_events: int = 200
) -> AsyncIterator[Scene]:
    """Read at a hand-set instant while the block lasts."""
    clock = HandClock(at)
    async with running_body() as body, fetching() as fetcher:
        reader = Reader(
            db=db,
            fetcher=fetcher,
            intake=INTAKE,
            clock=clock.now,
            living=lambda: frozenset(living),
            most_events=most_events,
        )
        yield Scene(db=db, body=body, reader=reader, clock=clock)
