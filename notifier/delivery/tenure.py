"""This process's own lease, from its start to its end: taken, renewed, and taken anew when it was lost."""

import logging
import socket
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from notifier.clock import machine_now
from notifier.db import Database, Rank
from notifier.delivery import owners

log = logging.getLogger(__name__)


class Tenure:
    """Keeps a lease. `taken_back` is called when letters of dead owners are in the queue again."""

    def __init__(self, db: Database, *, taken_back: Callable[[int], None]) -> None:
        self._db = db
        self._taken_back = taken_back
        self.lease = owners.Lease(0, machine_now())

    async def begin(self) -> None:
        """Take a lease of one's own, and what dead owners were sending."""
        async with self._db.write(Rank.OUTCOMES) as conn:
            if self._db.is_sqlite:
                await owners.expire_all(conn, machine_now=machine_now())
            lease = await owners.register(conn, host=socket.gethostname(), machine_now=machine_now())
        self.lease = lease  # not before the commit: what others do not see fences off nobody
        await self.recover()

    async def recover(self) -> None:
        """Take back what dead owners were sending."""
        async with self._db.write(Rank.OUTCOMES) as conn:
            count = await owners.take_back(conn, machine_now=machine_now())
        if count:
            log.warning("sending_taken_back", extra={"count": count})
            self._taken_back(count)

    async def keep(self) -> None:
        """Renew the lease for as long as the process sends."""
        while True:
            await owners.sleep_until_renewal()
            try:
                await self._renew()
            except SQLAlchemyError:
                log.exception("lease_not_renewed")

    async def _renew(self) -> None:
        try:
            async with self._db.write(Rank.OUTCOMES) as conn:
                expires_at = await owners.renew(conn, self.lease, machine_now=machine_now())
        except owners.Lost:
            log.warning("lease_lost")
            await self.begin()
        else:
            self.lease.expires_at = expires_at
