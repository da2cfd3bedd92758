"""`notifier worker`: a process that helps `notifier serve` to expand and to send. It announces nothing."""

import asyncio
import logging
import socket

from notifier import schema
from notifier.clock import Clock
from notifier.instance import InstanceError, join, load_secret, secret_path
from notifier.opening import database_of
from notifier.settings import ServingSettings
from notifier.sources.intake import intake_of
from notifier.subscriptions.tokens import Signer
from notifier.tasks import Tasks
from notifier.workshop import Workshop

log = logging.getLogger(__name__)


class Worker:
    """One running helper. Its row in `owner`, renewed every ten seconds, says that it lives."""

    def __init__(self, settings: ServingSettings, *, clock: Clock) -> None:
        path = settings.database.path
        if settings.database.url is None:
            raise InstanceError('a worker needs "url" in [database]: an SQLite file has one process')
        if not secret_path(path).is_file():
            raise InstanceError(f"there is no {secret_path(path)}; copy it here from a machine that serves")
        self._settings = settings
        self._signer = Signer(load_secret(path))
        self._db = database_of(settings.database)
        rules = intake_of(settings.times).rules
        self._workshop = Workshop(settings, self._db, signer=self._signer, rules=rules, clock=clock)
        self._tasks = Tasks(stop_seconds=settings.running.stop_seconds)

    async def run(self, stop: asyncio.Event) -> None:
        """Help until `stop` is set, or until a task dies, which ends the process loudly.

        Raises:
            InstanceError: this process does not belong to the service whose database this is.
            Exception: what a task died of, if one did.
        """
        try:
            await self._join()
            self._workshop.spawn(self._tasks)
            log.info("worker_started", extra={"host": socket.gethostname()})
            await self._tasks.live_until(stop.wait())
        finally:
            self._workshop.stop()
            try:
                await self._tasks.drain()
            finally:
                await self._db.dispose()
        log.info("stopped")

    async def _join(self) -> None:
        if not await schema.is_current(self._db):
            raise InstanceError(
                "the database is of another version; run `notifier migrate`, or start `notifier serve`, first"
            )
        await join(
            self._db,
            self._signer,
            database=self._settings.database.path,
            public_url=self._settings.service.public_url,
        )
