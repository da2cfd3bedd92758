"""The operator's mails a second, kept by many processes together: turns are lent from one row.

The row says until when the turns of all processes are taken: `lent` of them since `second`, each as long as
the limit makes it. Whoever wants to begin letters takes the next turns, for a tenth of a second at a time,
so that no process waits long for another. The clock is the database's, which is one for all machines.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import bindparam, text
from sqlalchemy.exc import SQLAlchemyError

from notifier.db import Database, Rank
from notifier.delivery.pace import Pace
from notifier.outage import Outage

LENT_SECONDS = 0.1
"""How many turns are taken at once: a process that dies wastes no more than these."""

KEPT_SECONDS = 0.25
"""How late a turn may be used. What a process did not use by then is lost, or else it would burst later."""

ASK_SECONDS = 0.05
"""After how long it is asked again whether turns have come, should nobody be told."""

AHEAD_SECONDS = 60.0
"""How far ahead turns may be taken: more than any number of processes needs. What is taken beyond it was
taken by a clock that was set back since, and counts no more."""

REFUSED_SECONDS = 1.0
"""How long to wait before asking a database again that refused."""

log = logging.getLogger(__name__)

_LAY_DOWN = text(
    "INSERT INTO pace (id, second, lent) VALUES (1, clock_timestamp(), 0) ON CONFLICT DO NOTHING"
)

# In two statements, so that the clock is read when the row is locked and not before.
_TAKEN = text("SELECT 1 FROM pace WHERE id = 1 FOR UPDATE")
_LEND = text(
    """
    WITH asked AS MATERIALIZED (SELECT clock_timestamp() AS at),
    taken AS MATERIALIZED (
        SELECT at, second, lent, second + make_interval(secs => CAST(lent AS float8) / :per_second) AS ends
        FROM pace, asked WHERE id = 1
    ),
    was AS MATERIALIZED (
        SELECT *, ends > at AND ends <= at + make_interval(secs => :ahead) AS busy FROM taken
    )
    UPDATE pace SET second = CASE WHEN was.busy THEN was.second ELSE was.at END,
                    lent = CASE WHEN was.busy THEN was.lent ELSE 0 END + :n
    FROM was WHERE pace.id = 1
    RETURNING CASE WHEN was.busy THEN extract(epoch FROM was.ends - was.at) ELSE 0 END
    """
).bindparams(bindparam("n"), bindparam("per_second"), bindparam("ahead"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """So many turns, the first `starts_in` seconds from now, and each as long as the limit makes it."""

    number: int
    starts_in: float


async def lend(db: Database, *, per_second: int, number: int) -> Turns:
    """Take the next turns of all processes together. PostgreSQL only."""
    async with db.write(Rank.OUTCOMES) as conn:
        if await conn.scalar(_TAKEN) is None:
            await conn.execute(_LAY_DOWN)
            await conn.execute(_TAKEN)
        parameters = {"n": number, "per_second": per_second, "ahead": AHEAD_SECONDS}
        starts_in = (await conn.execute(_LEND, parameters)).scalar_one()
    return Turns(number=number, starts_in=float(starts_in))


class SharedPace(Pace):
    """A pace that keeps `per_second` together with the other processes; what the server shows stays its own.

    `lent` is called when turns have come, after which a letter may begin. Instants are monotonic seconds.
    """

    def __init__(self, db: Database, *, most: int, per_second: int, lent: Callable[[], None]) -> None:
        super().__init__(most=most)
        self._db = db
        self._limit = per_second
        self._lent = lent
        self._batch = max(1, int(per_second * LENT_SECONDS))
        self._turns: deque[float] = deque()
        self._wanted = asyncio.Event()
        self._share = float(per_second)
        self._not_lent = Outage(log, "turns_not_lent")

    def wait(self, now: float) -> float:
        """Return how many seconds the next letter waits for its turn; without any, turns are asked for."""
        while self._turns and self._turns[0] + KEPT_SECONDS < now:
            self._turns.popleft()
        if not self._turns:
            self._wanted.set()
            return max(ASK_SECONDS, super().wait(now))
        return max(super().wait(now), self._turns[0] - now)

    def begin(self, now: float) -> int:
        """Take note that a letter begins, after `wait` said 0. Turns that follow are asked for in time."""
        self._turns.popleft()
        if len(self._turns) <= self._batch // 2:
            self._wanted.set()
        return super().begin(now)

    def within(self, seconds: float) -> int:
        """Return about how many letters may begin here in that time, beside those of the others."""
        own = super().within(seconds)
        share = max(1, int(seconds * self._share))
        return share if own is None else min(own, share)

    async def borrow(self) -> None:
        """Take turns when some are wanted, until cancelled. A database that refuses lets nothing begin."""
        while True:
            await self._wanted.wait()
            try:
                found = await lend(self._db, per_second=self._limit, number=self._batch)
            except SQLAlchemyError as error:
                self._not_lent.failed(error)
                await asyncio.sleep(REFUSED_SECONDS)
                continue
            self._not_lent.ended()
            self._wanted.clear()
            first = time.monotonic() + found.starts_in  # later than the database meant, and never earlier
            self._turns.extend(first + place / self._limit for place in range(found.number))
            self._share = found.number / (found.starts_in + found.number / self._limit)
            self._lent()
