"""What the database says of the health of the service, read in one short transaction."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier import backups, holds
from notifier.bounces.share import came_back
from notifier.clock import Clock
from notifier.db import Database, name_of
from notifier.delivery import backlog
from notifier.delivery.model import Lane
from notifier.events import mailings
from notifier.outage import first_line
from notifier.procedures import check_store, concerns, due_store, next_due, source_store
from notifier.procedures.source_store import WEB_PREFIX
from notifier.subscriptions import audience
from notifier.subscriptions.audience import Following
from notifier.subscriptions.topics import topics_of
from notifier.web.health_facts import Backup, Coming, Now, Source, Stored, Unanswered
from notifier.web.remembered import Remembered
from notifier.web.write_probe import WriteProbe

PATIENCE_SECONDS = 5.0
"""How long the database may take to answer: a probe that waits longer has its own answer by then."""

WRITE_KEPT_SECONDS = 10.0
BACKUP_KEPT_SECONDS = 60.0
CAME_BACK_KEPT_SECONDS = 60.0
FOLLOWING_KEPT_SECONDS = 600.0
"""How long the costly answers are kept: strangers may ask for health as often as they like."""

HELD_NEAR = timedelta(days=3)
"""A date held so shortly before its day is told: on a Friday for all of Monday."""

SILENT_LIMIT = timedelta(hours=24)
"""How long a date may be silent because its source cannot be read (promises §7)."""

_DAY = timedelta(days=1)
_AWAITED = tuple(lane for lane in Lane if lane is not Lane.DIGESTS)

log = logging.getLogger(__name__)


class HealthReader:
    """Reads the facts. One per application, because it remembers what is costly to find out."""

    def __init__(self, db: Database, clock: Clock, *, backup_file: str | None = None) -> None:
        self._db = db
        self._clock = clock
        self._backup_file = backup_file
        self.unanswered: Unanswered | None = None
        """What the database said when it did not answer last."""
        self._backup = Remembered(self._ask_backup, seconds=BACKUP_KEPT_SECONDS)
        self._unwritable = Remembered(WriteProbe(db, clock).failing_since, seconds=WRITE_KEPT_SECONDS)
        self._came_back = Remembered(self._ask_came_back, seconds=CAME_BACK_KEPT_SECONDS)
        self._following = Remembered(self._ask_following, seconds=FOLLOWING_KEPT_SECONDS)

    async def read(self, now: Now) -> Stored | None:
        """Return what the database says; None when it does not answer."""
        try:
            unwritable_since = await self._unwritable.get()
            async with asyncio.timeout(PATIENCE_SECONDS):
                following = await self._following.get()
                came_back = await self._came_back.get()
                async with self._db.read() as conn:
                    found = await _read(conn, now, unwritable_since, following)
                return replace(found, came_back=came_back)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            log.exception("database_does_not_answer")
            self.unanswered = self._unanswered(error)
            return None

    def _unanswered(self, error: Exception) -> Unanswered:
        waited = f"no answer within {PATIENCE_SECONDS:g} seconds"
        said = waited if isinstance(error, TimeoutError) else first_line(error)
        return Unanswered(name=name_of(self._db.url), said=said, is_file=self._db.is_sqlite)

    async def backup(self) -> Backup | None:
        """Return the newest backup; None where nobody looks for one, or where its disk does not answer."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await self._backup.get()
        except (OSError, TimeoutError):
            log.exception("backup_not_found_out")
            return None

    async def _ask_backup(self) -> Backup | None:
        if self._backup_file is None:
            return None
        return Backup(newest=await asyncio.to_thread(backups.newest, self._backup_file))

    async def _ask_came_back(self) -> int:
        async with self._db.read() as conn:
            return await came_back(conn)

    async def _ask_following(self) -> Following:
        async with self._db.read() as conn:
            return await audience.following(conn, self._clock.now() - _DAY)


async def _read(
    conn: AsyncConnection, now: Now, unwritable_since: datetime | None, following: Following
) -> Stored:
    unaddressed = await mailings.next_opening(conn)
    return Stored(
        coming=await _coming(conn, now.calendar),
        unannounced_since=await due_store.oldest_unannounced(conn, now.calendar),
        mail_since=await backlog.ready_since(conn, now.machine, lanes=_AWAITED),
        digests_since=await backlog.ready_since(conn, now.machine, lanes=(Lane.DIGESTS,)),
        unaddressed_since=unaddressed if unaddressed is not None and unaddressed <= now.calendar else None,
        unwritable_since=unwritable_since,
        held_dates=await concerns.held_dates(conn, now.calendar + HELD_NEAR),
        unknown_statuses=await concerns.unknown_statuses(conn),
        put_off=await backlog.put_off(conn, now.machine),
        doubtful_at=await backlog.doubtful_at(conn, now.machine),
        following=following,
        sources=await _sources(conn),
        silent_since=await check_store.silent_since(conn, now.calendar, for_=SILENT_LIMIT),
        holds=await holds.standing(conn, machine_now=now.machine),
    )


async def _sources(conn: AsyncConnection) -> Sequence[Source]:
    """Return the sources that are asked over the web; one that nobody asks has no next time."""
    return [
        Source(
            name=key.removeprefix(WEB_PREFIX),
            read_at=one.read_at,
            next_at=one.next_at,
            failing_since=one.failing_since,
            problem=one.problem,
        )
        for key, one in sorted((await source_store.known(conn)).items())
        if key.startswith(WEB_PREFIX) and one.next_at is not None
    ]


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
