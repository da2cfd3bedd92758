"""The operator's mails a second, kept by many processes together: turns are lent from one row.

The row says until when the turns of all processes are taken: `lent` of them since `second`, each as long as
the limit makes it. Whoever wants to begin letters takes the next turns, for a tenth of a second at a time,
so that no process waits long for another. The clock is the database's, which is one for all machines.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import bindparam, text

from notifier.db import Database, Rank

LENT_SECONDS = 0.1
"""How many turns are taken at once: a process that dies wastes no more than these."""

KEPT_SECONDS = 0.25
"""How late a turn may be used. What a process did not use by then is lost, or else it would burst later."""

_LAY_DOWN = text(
    "INSERT INTO pace (id, second, lent) VALUES (1, clock_timestamp(), 0) ON CONFLICT DO NOTHING"
)

# In two statements, so that the clock is read when the row is locked and not before.
_TAKEN = text("SELECT 1 FROM pace WHERE id = 1 FOR UPDATE")
_LEND = text(
    """
    WITH asked AS MATERIALIZED (SELECT clock_timestamp() AS at),
    was AS MATERIALIZED (
        SELECT pace.second + make_interval(secs => CAST(lent AS float8) / :per_second) > asked.at AS busy,
               pace.second, lent, asked.at
        FROM pace, asked WHERE id = 1
    )
    UPDATE pace SET second = CASE WHEN was.busy THEN was.second ELSE was.at END,
                    lent = CASE WHEN was.busy THEN was.lent ELSE 0 END + :n
    FROM was WHERE pace.id = 1
    RETURNING CASE WHEN was.busy
              THEN extract(epoch FROM was.second - was.at) + CAST(was.lent AS float8) / :per_second ELSE 0 END
    """
).bindparams(bindparam("n"), bindparam("per_second"))


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
        parameters = {"n": number, "per_second": per_second}
        starts_in = (await conn.execute(_LEND, parameters)).scalar_one()
    return Turns(number=number, starts_in=float(starts_in))


class Lender:
    """Says when this process may begin its next letter. `monotonic` counts seconds."""

    def __init__(
        self, db: Database, *, per_second: int, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._db = db
        self._per_second = per_second
        self._apart = 1 / per_second
        self._monotonic = monotonic
        self._turn_at = 0.0
        self._left = 0
        self._share = float(per_second)

    async def wait(self) -> float:
        """Return how many seconds the next letter waits for its turn; 0: it may begin. Takes turns at need.

        Raises:
            SQLAlchemyError: the database refuses; nothing may begin meanwhile.
        """
        now = self._monotonic()
        while self._left and self._turn_at + KEPT_SECONDS < now:
            self._pass()
        if not self._left:
            number = max(1, int(self._per_second * LENT_SECONDS))
            turns = await lend(self._db, per_second=self._per_second, number=number)
            self._turn_at = (
                self._monotonic() + turns.starts_in
            )  # later than the database meant, never earlier
            self._left = turns.number
            self._share = number / (turns.starts_in + number * self._apart)  # the others' turns come between
        return max(0.0, self._turn_at - self._monotonic())

    def within(self, seconds: float) -> int:
        """Return about how many letters may begin here in that time, beside those of the others."""
        return max(1, int(seconds * self._share))

    def begin(self) -> None:
        """Take note that a letter begins, after `wait` said 0."""
        self._pass()

    def _pass(self) -> None:
        self._turn_at += self._apart
        self._left -= 1
