"""Outcomes on their way into the database: in groups, and never more unrecorded than the bound.

The bound is how many mails a crash can double: sending stops when it is reached (decision 0006).
"""

import asyncio
import logging
import random
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.clock import Clock, machine_now
from notifier.db import Database, Rank
from notifier.delivery import outbox
from notifier.delivery.fuse import Fuse
from notifier.delivery.model import AddressEnder, Outcome, Verdict
from notifier.delivery.retry import next_attempt

GROUP_SECONDS = 0.05
"""How long an outcome may wait for others to be recorded with it."""

DATABASE_PAUSE_SECONDS = 1.0
"""How long to wait before asking a database again that refused: a full disk is not cured by haste."""

log = logging.getLogger(__name__)


class Recorder:
    """Collects outcomes and records them. `uncommitted` bounds letters begun and not yet recorded."""

    def __init__(
        self,
        db: Database,
        *,
        end_address: AddressEnder,
        clock: Clock,
        owner_id: Callable[[], int],
        fuse: Fuse,
        uncommitted: int,
    ) -> None:
        self._db = db
        self._end_address = end_address
        self._clock = clock
        self._owner_id = owner_id
        self._fuse = fuse
        self._waiting: list[Outcome] = []
        self._some = asyncio.Event()
        self._places = asyncio.Semaphore(uncommitted)
        self._ended = False
        self.recorded = 0

    async def place(self) -> None:
        """Wait until one more letter may be begun."""
        await self._places.acquire()

    def no_outcome(self) -> None:
        """Give a place back: the letter was not begun after all."""
        self._places.release()

    def add(self, outcome: Outcome) -> None:
        """Hand over the outcome of a letter that has a place."""
        self._waiting.append(outcome)
        self._some.set()

    def end(self) -> None:
        """Let `run` record what it has, and return."""
        self._ended = True
        self._some.set()

    async def run(self) -> None:
        """Record groups until `end`."""
        while not (self._ended and not self._waiting):
            await self._some.wait()
            self._some.clear()
            if not self._ended:
                await asyncio.sleep(GROUP_SECONDS)
            group, self._waiting = self._waiting, []
            if group:
                await self._record(group)
                for _ in group:
                    self._places.release()
                self.recorded += len(group)

    async def _record(self, group: Sequence[Outcome]) -> None:
        """Record a group whole, however long the database refuses: what was sent must not be forgotten."""
        while True:
            try:
                async with self._db.write(Rank.OUTCOMES) as conn:
                    late = await self._write(conn, group, self._clock.now())
            except SQLAlchemyError:
                log.exception("outcomes_not_recorded", extra={"count": len(group)})
                await asyncio.sleep(DATABASE_PAUSE_SECONDS)
                continue
            if late:
                log.warning("outcomes_came_late", extra={"count": late})
            return

    async def _write(self, conn: AsyncConnection, group: Sequence[Outcome], now: datetime) -> int:
        owner_id = self._owner_id()
        accepted = [
            (one.letter.delivery_id, one.code or 250, one.reply)
            for one in group
            if one.verdict is Verdict.ACCEPTED
        ]
        kept = await outbox.accept(conn, accepted, owner_id=owner_id, now=now) if accepted else 0
        for one in group:
            if one.verdict is not Verdict.ACCEPTED:
                await self._refused(conn, one, owner_id, now)
        return len(accepted) - kept

    async def _refused(self, conn: AsyncConnection, one: Outcome, owner_id: int, now: datetime) -> None:
        verdict = one.verdict
        if verdict is Verdict.BAD_ADDRESS and self._fuse.blown:
            verdict = Verdict.RETRY  # so many at once speak of the server, not of the addresses
        doubtful = one.letter.doubtful + int(verdict is Verdict.DOUBTFUL)
        jitter = random.random()  # noqa: S311 - spreads load, guards nothing
        wait = next_attempt(one.letter.attempts + 1, verdict=verdict, jitter=jitter, doubtful=doubtful)
        if wait is None:
            ours = await outbox.fail(
                conn, one.letter, owner_id=owner_id, code=one.code, reply=one.reply, now=now
            )
            if ours and verdict is Verdict.BAD_ADDRESS:
                await self._end_address(conn, one.letter.subscriber_id, now)
            return
        await outbox.retry(
            conn,
            one.letter,
            owner_id=owner_id,
            next_at=machine_now() + wait,
            doubtful=verdict is Verdict.DOUBTFUL,
            code=one.code,
            reply=one.reply,
            now=now,
        )
