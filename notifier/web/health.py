"""Health over HTTP: whether the process lives, whether it can serve, and how the service is.

The answer for everybody is a sentence; what lies behind it is told only to this machine, and to whoever has
the token (RFC 6750).
"""

import asyncio
import json
import logging
from dataclasses import replace
from datetime import datetime
from typing import Any

from aiohttp import hdrs, web
from sqlalchemy.exc import SQLAlchemyError

from notifier import schema, zone_data
from notifier.clock import machine_now
from notifier.events.ages import age
from notifier.web import vital_signs
from notifier.web.attention_list import source_advice
from notifier.web.health_facts import (
    Now,
    Running,
    Source,
    State,
    Stored,
    digests_waiting_since,
    waiting_since,
)
from notifier.web.health_reading import PATIENCE_SECONDS, HealthReader
from notifier.web.insider import is_insider
from notifier.web.keys import SITE, VITALS, Vitals
from notifier.web.vital_signs import Health

READER = web.AppKey("health_reader", HealthReader)

_NEVER_KEPT = {hdrs.CACHE_CONTROL: "no-store"}

log = logging.getLogger(__name__)


def routes() -> list[web.RouteDef]:
    """Return the routes of health."""
    return [web.get("/health", _health), *probes()]


def probes() -> list[web.RouteDef]:
    """Return the routes that tell of one process only, not of the service."""
    return [web.get("/health/live", _live), web.get("/health/ready", _ready)]


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
    site, reader = request.app[SITE], request.app[READER]
    backup = await reader.backup()
    now = Now(calendar=site.clock.now(), machine=machine_now(), zone=site.rules.zone)
    stored = await reader.read(now)
    running = replace(_running(request.app[VITALS]), backup=backup, unanswered=reader.unanswered)
    found = vital_signs.judge(stored, running, now)
    answer = _public(found)
    if is_insider(request, site.health_token):
        answer |= _details(found, stored, running, now)
    text = json.dumps(answer, indent=2, ensure_ascii=False) + "\n"
    as_json = _wants_json(request)
    return web.Response(
        status=503 if found.state is State.BROKEN else 200,
        text=text if as_json else f"{found.sentence}\n\n{text}",
        content_type="application/json" if as_json else "text/plain",
        headers=_NEVER_KEPT | {hdrs.VARY: f"{hdrs.ACCEPT}, {hdrs.AUTHORIZATION}"},
    )


def _running(vitals: Vitals) -> Running:
    return Running(
        started_at=vitals.started_at,
        swept_at=vitals.swept_at,
        sweep_seconds=vitals.sweep_seconds,
        fault=vitals.fault,
        source_problems=tuple(vitals.source_problems),
        sources_unread_since=vitals.sources_unread_since,
        disk=vitals.disk(),
        missed=vitals.missed,
        mail_unread_since=vitals.mail_unread_since,
        unknown_addresses=vitals.unknown_addresses,
        unaccepted=vitals.unaccepted,
        zones=zone_data.zone_version(),
    )


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
        "oldest_unsent_mail": _iso(waiting_since(stored, now) if stored is not None else None),
        "oldest_unsent_digest": _iso(digests_waiting_since(stored, now) if stored is not None else None),
        "disk_free_bytes": running.disk and running.disk.free,
        "zone_data": running.zones,
        "sources": [_source(one, now) for one in stored.sources] if stored is not None else [],
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


def _source(one: Source, now: Now) -> dict[str, Any]:
    """Return how a source fares; what to do, where it cannot be read."""
    read = f"{age(now.calendar - one.read_at)} ago" if one.read_at is not None else "never"
    failing = one.failing_since is not None
    return {
        "name": one.name,
        "read": read,
        "read_at": _iso(one.read_at),
        "next": _iso(one.next_at),
        "failing_since": _iso(one.failing_since),
        "sentence": one.problem if failing else None,
        "advice": source_advice(one) if failing else None,
    }


def _iso(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat(timespec="seconds")
