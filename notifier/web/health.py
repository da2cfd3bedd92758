"""Health over HTTP: whether the process lives, whether it can serve, and how the service is.

The answer for everybody is a sentence; what lies behind it is told only to this machine.
"""

import asyncio
import ipaddress
import json
import logging
from datetime import datetime
from typing import Any

from aiohttp import hdrs, web
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier import schema
from notifier.clock import machine_now
from notifier.delivery import backlog
from notifier.events import mailings
from notifier.procedures import due_store, next_due
from notifier.subscriptions import audience
from notifier.subscriptions.topics import topics_of
from notifier.web import vital_signs
from notifier.web.keys import SITE, VITALS, Site, Vitals
from notifier.web.vital_signs import Coming, Health, Now, Running, State, Stored

PATIENCE_SECONDS = 5.0
"""How long the database may take to answer: a probe that waits longer has its own answer by then."""

_NEVER_KEPT = {hdrs.CACHE_CONTROL: "no-store"}
_FORWARDED = (hdrs.X_FORWARDED_FOR, hdrs.FORWARDED, hdrs.VIA)

log = logging.getLogger(__name__)


def routes() -> list[web.RouteDef]:
    """Return the routes of health."""
    return [
        web.get("/health", _health),
        web.get("/health/live", _live),
        web.get("/health/ready", _ready),
    ]


async def _live(_: web.Request) -> web.Response:
    """Answer while the loop answers at all; asks nothing of anybody."""
    return web.Response(text="The process answers.\n", headers=_NEVER_KEPT)


async def _ready(request: web.Request) -> web.Response:
    """Answer whether requests can be served: the database answers, with this version's schema."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            current = await schema.is_current(request.app[SITE].db)
    except (SQLAlchemyError, OSError, TimeoutError):
        log.exception("database_does_not_answer")
        return web.Response(status=503, text="The database does not answer.\n", headers=_NEVER_KEPT)
    if not current:
        words = "The database has the schema of another version.\n"
        return web.Response(status=503, text=words, headers=_NEVER_KEPT)
    return web.Response(text="Ready.\n", headers=_NEVER_KEPT)


async def _health(request: web.Request) -> web.Response:
    """Answer how the service is: 503 when it is broken, else 200."""
    site, running = request.app[SITE], _running(request.app[VITALS])
    now = Now(calendar=site.clock.now(), machine=machine_now(), zone=site.rules.zone)
    stored = await _stored(site, now)
    found = vital_signs.judge(stored, running, now)
    answer = _public(found)
    if _from_here(request):
        answer |= _details(found, stored, running, now)
    text = json.dumps(answer, indent=2, ensure_ascii=False) + "\n"
    as_json = _wants_json(request)
    return web.Response(
        status=503 if found.state is State.BROKEN else 200,
        text=text if as_json else f"{found.sentence}\n\n{text}",
        content_type="application/json" if as_json else "text/plain",
        headers=_NEVER_KEPT | {hdrs.VARY: hdrs.ACCEPT},
    )


def _running(vitals: Vitals) -> Running:
    return Running(
        started_at=vitals.started_at,
        swept_at=vitals.swept_at,
        sweep_seconds=vitals.sweep_seconds,
        fault=vitals.fault,
        source_problems=tuple(vitals.source_problems),
    )


async def _stored(site: Site, now: Now) -> Stored | None:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS), site.db.read() as conn:
            return await _read(conn, now)
    except (SQLAlchemyError, OSError, TimeoutError):
        log.exception("database_does_not_answer")
        return None


async def _read(conn: AsyncConnection, now: Now) -> Stored:
    unaddressed = await mailings.next_opening(conn)
    return Stored(
        coming=await _coming(conn, now.calendar),
        unannounced_since=await due_store.oldest_unannounced(conn, now.calendar),
        mail_since=await backlog.ready_since(conn, now.machine),
        unaddressed_since=unaddressed if unaddressed is not None and unaddressed <= now.calendar else None,
    )


async def _coming(conn: AsyncConnection, now: datetime) -> Coming | None:
    found = await next_due.after(conn, now)
    if found is None:
        return None
    topics = {
        topic
        for one in found.procedures
        for topic in topics_of(one.id, process=one.facts.process, technology_type=one.facts.technology_type)
    }
    return Coming(
        at=found.at,
        shown_ids=tuple(one.shown_id for one in found.procedures),
        people=await audience.people(conn, topics),
    )


def _from_here(request: web.Request) -> bool:
    """Whether somebody on this machine asks, and not a proxy on it for somebody else."""
    if any(name in request.headers for name in _FORWARDED):
        return False
    peer = request.transport.get_extra_info("peername") if request.transport is not None else None
    if not isinstance(peer, tuple):
        return False
    found = ipaddress.ip_address(str(peer[0]).partition("%")[0])
    plain = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return (plain or found).is_loopback


def _wants_json(request: web.Request) -> bool:
    ranges = ",".join(request.headers.getall(hdrs.ACCEPT, [])).split(",")
    return any(one.partition(";")[0].strip().lower() == "application/json" for one in ranges)


def _public(found: Health) -> dict[str, Any]:
    return {
        "state": found.state.value,
        "sentence": found.sentence,
        "since": _iso(found.since),
        "next": _iso(found.coming.at if found.coming is not None else None),
    }


def _details(found: Health, stored: Stored | None, running: Running, now: Now) -> dict[str, Any]:
    coming = found.coming
    return {
        "now": _iso(now.calendar),
        "last_sweep": _iso(now.in_calendar(running.swept_at) if running.swept_at is not None else None),
        "next_due": coming and {"at": _iso(coming.at), "ids": coming.shown_ids, "people": coming.people},
        "oldest_unannounced": _iso(stored.unannounced_since if stored is not None else None),
        "oldest_unsent_mail": _iso(vital_signs.waiting_since(stored, now) if stored is not None else None),
        "problems": [
            {
                "state": one.state.value,
                "sentence": one.sentence,
                "since": _iso(one.since),
                "detail": one.detail,
                "advice": one.advice,
            }
            for one in found.problems
        ],
    }


def _iso(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat(timespec="seconds")
