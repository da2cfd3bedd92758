"""The web application: all routes, and what stands around every one of them."""

from itertools import chain

from aiohttp import web

from notifier.web import about, assets, confirm, feeds, front, health, stop, subscribe, topic
from notifier.web.errors import say_errors
from notifier.web.keys import SITE, VITALS, Site, Vitals
from notifier.web.rendering import PAGES, Pages
from notifier.web.security import protect

LARGEST_BODY = 16 * 1024
"""Bytes. No form here needs more than a tenth of it."""


def build(site: Site, vitals: Vitals) -> web.Application:
    """Return the application for a site; `vitals` tell its health."""
    app = web.Application(middlewares=[say_errors], client_max_size=LARGEST_BODY)
    found = assets.load_assets()
    app[SITE], app[VITALS], app[PAGES] = site, vitals, Pages(site, found)
    rooms = (front, topic, subscribe, confirm, stop, about, feeds, health)
    app.add_routes(chain.from_iterable(room.routes() for room in rooms))
    app.add_routes(assets.routes(found))
    app.on_response_prepare.append(protect)
    return app
