"""The web application of a worker: whether it lives, and its metrics. It has no pages, so errors are bare."""

from aiohttp import web

from notifier.web import health, metrics
from notifier.web.gate import guard
from notifier.web.keys import LIMITS, SITE, Site
from notifier.web.limits import Limits
from notifier.web.metrics import METRICS, Counted, Metrics
from notifier.web.metrics_reading import MetricsReader
from notifier.web.security import protect


def build_for_worker(site: Site, limits: Limits, counted: Counted) -> web.Application:
    """Return the application of a process that only helps to send; `counted` tells what it has done."""
    app = web.Application(middlewares=[guard])
    app[SITE], app[LIMITS] = site, limits
    app[METRICS] = Metrics(MetricsReader(site.db, site.clock), counted)
    app.add_routes([*health.probes(), *metrics.routes()])

    async def note(request: web.Request, response: web.StreamResponse) -> None:
        counted.web.count(request, response)

    app.on_response_prepare.extend([protect, note])
    return app
