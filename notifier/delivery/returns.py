"""Letters that go back to the queue, and those that a refused transaction left in nobody's hands."""

import logging
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError

from notifier.clock import machine_now
from notifier.db import Database, Rank
from notifier.delivery import outbox
from notifier.delivery.line import Held
from notifier.outage import Outage

DOUBT_SECONDS = 30.0
"""How long a transaction whose end was not heard may still commit: longer than the server keeps one open."""

log = logging.getLogger(__name__)


class Returns:
    """Gives claimed letters back. `in_hand` says which deliveries this process knows that it has claimed."""

    def __init__(self, db: Database, *, in_hand: Callable[[], Collection[int]]) -> None:
        self._db = db
        self._in_hand = in_hand
        self._doubted = False
        self._doubted_until = 0.0
        self._not_given = Outage(log, "letters_not_given_back")

    def doubt(self) -> None:
        """Say that the database refused while letters changed hands: some may be ours without our knowing."""
        self._doubted = True
        self._doubted_until = time.monotonic() + DOUBT_SECONDS

    async def give(self, back: Mapping[int, Sequence[Held]]) -> None:
        """Return unsent letters, by the seconds after which they are ready again; 0: at once."""
        if not any(back.values()):
            return
        now = machine_now()
        try:
            async with self._db.write(Rank.OUTCOMES) as conn:
                for seconds, some in back.items():
                    next_at = now + timedelta(seconds=seconds) if seconds else None
                    for owner_id in {one.lease.owner_id for one in some}:
                        mine = [one.letter.delivery_id for one in some if one.lease.owner_id == owner_id]
                        await outbox.release(conn, mine, owner_id=owner_id, next_at=next_at)
        except SQLAlchemyError as error:
            self._not_given.failed(error, count=sum(len(some) for some in back.values()))
            self.doubt()
        else:
            self._not_given.ended()

    async def find_lost(self, owner_id: int) -> None:
        """Return what is this owner's and in nobody's hands. No claim may be under way meanwhile.

        What is under way, in line or not yet recorded is left alone: it must not be sent a second time.
        """
        if not self._doubted:
            return
        began = time.monotonic()
        async with self._db.write(Rank.OUTCOMES) as conn:
            count = await outbox.release_others(conn, self._in_hand(), owner_id=owner_id)
        # However long nothing was claimed meanwhile: only a search after the last commit settles it.
        self._doubted = began < self._doubted_until
        if count:
            log.warning("letters_found_again", extra={"count": count})
