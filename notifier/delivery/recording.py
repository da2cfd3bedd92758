"""Outcomes on their way into the database: in groups, and never more unrecorded than the bound.

The bound is how many mails a crash can double: sending stops when it is reached (decision 0006).
"""

import asyncio
import contextlib
import logging
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.clock import Clock, machine_now
from notifier.db import Database, Rank, refuses_everything
from notifier.delivery import allowance as allowances
from notifier.delivery import outbox
from notifier.delivery.allowance import Allowance
from notifier.delivery.fuse import Fuse
from notifier.delivery.model import AddressEnder, Outcome, Verdict
from notifier.delivery.retry import next_attempt
from notifier.outage import Outage

GROUP_SECONDS = 0.05
"""How long an outcome may wait for others to be recorded with it."""

GROUPS = 2
"""A group is recorded early when it holds this share of what may be unrecorded: while it is written down,
the other shares keep the connections busy."""

DATABASE_PAUSE_SECONDS = 1.0
"""How long to wait before asking a database again that refused: a full disk is not cured by haste."""

PATIENCE_SECONDS = 5.0
"""How long an unknown address waits to be believed while no other letter was accepted: longer than it takes
a server that suddenly knows nobody to blow the fuse."""

log = logging.getLogger(__name__)


class _Ended(NamedTuple):
    """An outcome, and the owner under which its letter was claimed: only that one may record it."""

    outcome: Outcome
    owner_id: int
    has_place: bool


class Recorder:
    """Collects outcomes and records them. `uncommitted` bounds letters begun and not yet recorded; `freed` is
    called when some were recorded.

    What blames an address waits until it is clear that not the server is wrong (`fuse.py`): until another
    letter was accepted, or for `PATIENCE_SECONDS`.
    """

    def __init__(
        self,
        db: Database,
        *,
        end_address: AddressEnder,
        clock: Clock,
        fuse: Fuse,
        uncommitted: int,
        allowance: Allowance,
        freed: Callable[[], None],
    ) -> None:
        self._db = db
        self._freed = freed
        self._end_address = end_address
        self._clock = clock
        self._fuse = fuse
        self._allowance = allowance
        self._waiting: list[_Ended] = []
        self._suspected: list[_Ended] = []
        self._suspected_at = 0.0
        self._recording: Sequence[_Ended] = ()
        self._some = asyncio.Event()
        self._enough = asyncio.Event()
        self.places = uncommitted
        """How many more letters may begin before some are recorded."""
        self._group = max(1, uncommitted // GROUPS)
        self._ended = False
        self._unrecorded = Outage(log, "outcomes_not_recorded")
        self.recorded = 0

    def begin(self) -> None:
        """Take note that a letter begins."""
        self.places -= 1

    def no_outcome(self) -> None:
        """Give a place back: of this letter there is nothing to record."""
        self.places += 1

    def add(self, outcome: Outcome, owner_id: int) -> None:
        """Hand over the outcome of a letter that has a place."""
        if outcome.verdict is Verdict.BAD_ADDRESS:
            # It waits without a place: sent again after a crash, it would be refused again and double nobody.
            self.places += 1
            self._suspected.append(_Ended(outcome, owner_id, has_place=False))
            self._suspected_at = time.monotonic()
        else:
            self._waiting.append(_Ended(outcome, owner_id, has_place=True))
        if self._suspected and (outcome.verdict is Verdict.ACCEPTED or self._fuse.blown):
            self._believe()
        if not self._some.is_set():
            self._some.set()
        if len(self._waiting) >= self._group:
            self._enough.set()

    def in_hand(self) -> set[int]:
        """Return the deliveries whose outcome is known and not recorded."""
        unrecorded = [*self._waiting, *self._suspected, *self._recording]
        return {one.outcome.letter.delivery_id for one in unrecorded}

    def end(self) -> None:
        """Let `run` record what it has, and return.

        What is still suspected is to be tried again: nothing has shown yet that not the server is wrong.
        """
        self._ended = True
        for one in self._suspected:
            self._waiting.append(one._replace(outcome=one.outcome._replace(verdict=Verdict.RETRY)))
        self._suspected = []
        self._some.set()
        self._enough.set()

    async def run(self) -> None:
        """Record groups until `end`."""
        while not (self._ended and not self._waiting):
            await self._wait()
            await self._wait_for_enough()
            group, self._waiting = self._waiting, []
            self._recording = group
            left = await self._record(group)
            self._recording = ()
            self.places += sum(one.has_place for one in group) - sum(one.has_place for one in left)
            self.recorded += len(group) - len(left)
            self._freed()
            if left:  # what was sent must not be forgotten, however long the database refuses
                self._waiting = [*left, *self._waiting]
                self._some.set()
                await asyncio.sleep(DATABASE_PAUSE_SECONDS)
            elif group:
                self._unrecorded.ended()

    async def _wait(self) -> None:
        patience = PATIENCE_SECONDS if self._suspected else None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await self._some.wait()
        self._some.clear()
        if self._suspected and time.monotonic() - self._suspected_at >= PATIENCE_SECONDS:
            self._believe()

    async def _wait_for_enough(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GROUP_SECONDS):
                await self._enough.wait()
        if not self._ended:
            self._enough.clear()

    def _believe(self) -> None:
        """Let what was suspected be recorded: as said by the server, or as a retry if the fuse is blown."""
        self._waiting += self._suspected
        self._suspected = []

    async def _record(self, group: Sequence[_Ended]) -> Sequence[_Ended]:
        """Record a group. Return what could not be recorded; one bad row does not hold up the others."""
        if not group:
            return ()
        try:
            async with self._db.write(Rank.OUTCOMES) as conn:
                late = await self._write(conn, group, self._clock.now())
        except SQLAlchemyError as error:
            self._unrecorded.failed(error, count=len(group))
            if len(group) == 1 or refuses_everything(error):
                return group
            return [left for one in group for left in await self._record([one])]
        if late:
            log.warning("outcomes_came_late", extra={"count": late})
        _log(group)
        return ()

    async def _write(self, conn: AsyncConnection, group: Sequence[_Ended], now: datetime) -> int:
        """Write a group down. Return how many acceptances came late."""
        said = kept = 0
        for owner_id in {one.owner_id for one in group}:
            outcomes = [one.outcome for one in group if one.owner_id == owner_id]
            said += sum(one.verdict is Verdict.ACCEPTED for one in outcomes)
            kept += await self._write_of(conn, outcomes, owner_id, now)
        if kept:
            await allowances.count(conn, self._allowance.day(now), kept)
        return said - kept

    async def _write_of(
        self, conn: AsyncConnection, outcomes: Sequence[Outcome], owner_id: int, now: datetime
    ) -> int:
        """Write the outcomes of one owner's letters down. Return how many acceptances were still its own."""
        accepted = [
            (letter.delivery_id, code or 250, reply)
            for letter, verdict, code, reply in outcomes
            if verdict is Verdict.ACCEPTED
        ]
        kept = await outbox.accept(conn, accepted, owner_id=owner_id, now=now) if accepted else 0
        for one in outcomes:
            if one.verdict is not Verdict.ACCEPTED:
                await self._refused(conn, one, owner_id, now)
        return kept

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


def _log(group: Sequence[_Ended]) -> None:
    """Say what became of letters, by what they are about and never by whom they are for."""
    counts = Counter((one.outcome.letter.about, one.outcome.verdict) for one in group)
    by_events: defaultdict[tuple[str, ...], dict[str, int]] = defaultdict(dict)
    for (about, verdict), count in counts.items():
        by_events[about][verdict.value] = count
    for about, verdicts in by_events.items():
        log.info("delivered", extra={"events": about, **verdicts})
