"""The web application: all routes, and what stands around every one of them."""

import secrets
from itertools import chain
from pathlib import Path

from aiohttp import web

from notifier.data_version import DataVersion
from notifier.db import Database
from notifier.web import (
    about,
    assets,
    confirm,
    feeds,
    front,
    health,
    metrics,
    new_address,
    preferences,
    preferences_acts,
    stop,
    subscribe,
    topic,
)
from notifier.web.connection import keep_answer
from notifier.web.errors import say_errors
from notifier.web.fence import NetworkFence
from notifier.web.gate import guard
from notifier.web.health_reading import HealthReader
from notifier.web.keys import FENCE, LIMITS, REPEATED, SITE, TALLY, VITALS, Site, Vitals
from notifier.web.limits import LARGEST_BODY, USUAL, Limits
from notifier.web.metrics import METRICS, Counted, Metrics, counted_of
from notifier.web.metrics_reading import MetricsReader
from notifier.web.overtaken import try_again
from notifier.web.rendering import PAGES, Pages
from notifier.web.repeated import Repeated
from notifier.web.security import protect
from notifier.web.tally import WebTally


def build(
    site: Site, vitals: Vitals, limits: Limits = USUAL, counted: Counted | None = None
) -> web.Application:
    """Return the application for a site; `vitals` tell its health, `counted` what its process has done."""
    app = web.Application(middlewares=[say_errors, guard, try_again], client_max_size=LARGEST_BODY)
    found = assets.load_assets()
    app[SITE], app[VITALS], app[PAGES] = site, vitals, Pages(site, found)
    app[health.READER] = HealthReader(site.db, site.clock, backup_file=site.backup_file)
    app[LIMITS] = limits
    app[FENCE] = NetworkFence(most=limits.asks_per_network, key=secrets.token_bytes(32))
    mine = (preferences, preferences_acts, new_address)
    rooms = (front, topic, subscribe, confirm, stop, *mine, about, feeds, health, metrics)
    app.add_routes(chain.from_iterable(room.routes() for room in rooms))
    app.add_routes(assets.routes(found))
    app.on_response_prepare.append(protect)
    counted = counted or counted_of(site.db)
    app[METRICS] = Metrics(MetricsReader(site.db, site.clock), counted)
    _remember(app, site.db, counted.web)
    return app


def _remember(app: web.Application, db: Database, tally: WebTally) -> None:
    """Count what is answered; keep what may be repeated: on SQLite, where asking for changes is cheap."""
    app[TALLY] = tally
    repeated = None
    if db.is_sqlite and db.url.database:
        version = DataVersion(Path(db.url.database))
        app[REPEATED] = repeated = Repeated(version.read, tally)

        async def forget(_: web.Application) -> None:
            version.close()

        app.on_cleanup.append(forget)

    async def note(request: web.Request, response: web.StreamResponse) -> None:
        tally.count(request, response)
        if repeated is not None:
            keep_answer(repeated, request, response)

    app.on_response_prepare.append(note)  # the last: the headers are complete
