"""`notifier worker`: a process that helps `notifier serve` to expand and to send. It announces nothing."""

import asyncio
import logging
import socket

from notifier import schema
from notifier.clock import Clock
from notifier.instance import InstanceError, join, load_secret, secret_path
from notifier.opening import database_of
from notifier.procedures.due import Rules
from notifier.settings import ServingSettings
from notifier.sources.intake import intake_of
from notifier.subscriptions.tokens import Signer
from notifier.tasks import Tasks
from notifier.web.limits import limits_of
from notifier.web.metrics import counted_of
from notifier.web.server import WebServer
from notifier.web.site import site_of
from notifier.web.worker_app import build_for_worker
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
        self._web = self._make_web(rules, clock) if settings.worker.port else None

    async def run(self, stop: asyncio.Event) -> None:
        """Help until `stop` is set, or until a task dies, which ends the process loudly.

        Raises:
            InstanceError: this process does not belong to the service whose database this is.
            OSError: the address on which it is to listen is in use, or none of this machine's.
            Exception: what a task died of, if one did.
        """
        try:
            await self._join()
            if self._web is not None:
                await self._web.start()
            self._workshop.spawn(self._tasks)
            log.info("worker_started", extra={"host": socket.gethostname()})
            await self._tasks.live_until(stop.wait())
        finally:
            try:
                if self._web is not None:
                    await self._web.stop()
            finally:
                await self._stop_work()
        log.info("stopped")

    async def _stop_work(self) -> None:
        self._workshop.stop()
        try:
            await self._tasks.drain()
        finally:
            await self._db.dispose()

    def _make_web(self, rules: Rules, clock: Clock) -> WebServer:
        settings, workshop = self._settings, self._workshop
        site = site_of(
            settings,
            db=self._db,
            clock=clock,
            rules=rules,
            signer=self._signer,
            ring=workshop.deliverer.ring,
        )
        limits = limits_of(settings.web, settings.sign_up)
        app = build_for_worker(site, limits, counted_of(self._db, delivery=workshop.sent))
        return WebServer(app, host=settings.worker.host, port=settings.worker.port)

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
