"""`/metrics` for Prometheus, told to whoever may read the details of health; `docs/metrics.md` explains each.

No label holds an address, an id, a slug or a token.
"""

import asyncio
import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version

from aiohttp import hdrs, web

from notifier.db import Database, Rank
from notifier.delivery.tally import DeliveryTally
from notifier.durations import Durations
from notifier.scheduling import ANNOUNCE_BOUNDS
from notifier.web.insider import is_insider
from notifier.web.keys import SITE
from notifier.web.metrics_reading import MetricsReader
from notifier.web.tally import WebTally


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What this process counts of itself, by those who count it."""

    delivery: DeliveryTally
    web: WebTally = field(default_factory=WebTally)
    announcing: Durations
    gate_waits: Mapping[Rank, Durations]
    database: str
    """Which kind it is: "sqlite" or "postgresql"."""


class Metrics:
    """The metrics of one process, in a registry of their own."""

    def __init__(self, reader: MetricsReader, counted: Counted) -> None:
        self._reader = reader
        self._counted = counted
        self._labels = {
            "version": version("notifier"),
            "python": platform.python_version(),
            "database": counted.database,
        }

    async def text(self) -> bytes:
        """Return the page, in Prometheus' text format 0.0.4."""
        facts = await self._reader.read()
        written = await asyncio.to_thread(_loaded)
        return written(self._counted, facts, build=self._labels)


def counted_of(
    db: Database, *, delivery: DeliveryTally | None = None, announcing: Durations | None = None
) -> Counted:
    """Return what a process counts that works on a database; zeros for whoever is not given."""
    return Counted(
        delivery=delivery or DeliveryTally(),
        announcing=announcing or Durations(ANNOUNCE_BOUNDS),
        gate_waits=db.gate_waits if db.is_sqlite else {},
        database="sqlite" if db.is_sqlite else "postgresql",
    )


METRICS = web.AppKey("metrics", Metrics)


def _loaded() -> Callable[..., bytes]:
    """Load Prometheus' library, which takes tens of milliseconds, when somebody first asks."""
    from notifier.web.exposition import written  # noqa: PLC0415

    return written


def routes() -> list[web.RouteDef]:
    """Return the route of the metrics."""
    return [web.get("/metrics", _metrics)]


async def _metrics(request: web.Request) -> web.Response:
    """Answer insiders; to strangers there is no such page."""
    if not is_insider(request, request.app[SITE].health_token):
        raise web.HTTPNotFound
    return web.Response(
        body=await request.app[METRICS].text(),
        headers={
            hdrs.CONTENT_TYPE: "text/plain; version=0.0.4; charset=utf-8",
            hdrs.CACHE_CONTROL: "no-store",
            hdrs.VARY: hdrs.AUTHORIZATION,
        },
    )
