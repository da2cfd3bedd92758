"""The composition root: the only place where rooms are wired together, for production and replay alike."""

import asyncio
import logging
import time
from collections.abc import Coroutine
from contextlib import ExitStack
from typing import Any

from notifier import schema
from notifier.clock import Clock, machine_now
from notifier.clock_guard import ClockGuard
from notifier.db import Database, sqlite_url
from notifier.delivery.deliver import Deliverer
from notifier.delivery.smtp import SmtpPool
from notifier.delivery.smtp_server import SmtpServer
from notifier.events.announce import Voice
from notifier.events.bind import MailBinder
from notifier.instance import load_secret, locked, note_sweep, recognise
from notifier.scheduling import Expander, Watch
from notifier.settings import ServingMail, ServingSettings
from notifier.sources.sync import intake_of, rearm_all
from notifier.subscriptions.lifecycle import SignUpLimits, end_address
from notifier.subscriptions.tokens import Signer
from notifier.web.app import build
from notifier.web.disk_gauge import DiskGauge, free_bytes
from notifier.web.heartbeat import Heartbeat
from notifier.web.keys import Site
from notifier.web.limits import limits_of
from notifier.web.process_vitals import ProcessVitals
from notifier.web.server import WebServer

log = logging.getLogger(__name__)


def _smtp_server(mail: ServingMail) -> SmtpServer:
    return SmtpServer(
        host=mail.host,
        port=mail.port,
        security=mail.security,
        username=mail.username,
        password=mail.password.get_secret_value() if mail.password else None,
        connections=mail.connections,
        timeout=mail.timeout_seconds,
        local_hostname=mail.local_hostname,
    )


class Notifier:
    """One running service. `replay` marks its pages; nothing else differs between demo and production."""

    def __init__(
        self, settings: ServingSettings, *, clock: Clock, replay: bool = False, db: Database | None = None
    ) -> None:
        self.settings = settings
        self.clock = clock
        self._replay = replay
        self._held = ExitStack()
        settings.database.path.parent.mkdir(parents=True, exist_ok=True)
        self._held.enter_context(locked(settings.database.path))
        self.db = db or Database(sqlite_url(settings.database.path))
        self.signer = Signer(load_secret(settings.database.path))
        self._intake = intake_of(settings.times)
        self.rules = self._intake.rules
        self.deliverer = self._make_deliverer()
        self.expander = Expander(self.db, clock, ready=self.deliverer.ring)
        self._heartbeat = self._make_heartbeat()
        self._gauge = self._make_gauge()
        self.watch = self._make_watch()
        self._tasks: list[asyncio.Task[None]] = []
        self._web = self._make_web()
        self.port = 0

    async def start(self) -> None:
        """Bring the database up to date, then start serving, watching and sending.

        Whatever prevents that is raised after everything begun was stopped and closed.
        """
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise
        log.info("started", extra={"port": self.port})

    async def _start(self) -> None:
        await schema.upgrade(self.db)
        now = self.clock.now()
        await recognise(
            self.db,
            self.signer,
            database=self.settings.database.path,
            public_url=self.settings.service.public_url,
            now=now,
            machine_now=machine_now(),
        )
        await rearm_all(self.db, rules=self.rules, now=now)
        await self._web.start()
        self.port = self._web.port
        self._spawn("deliver", self.deliverer.run())
        self._spawn("expand", self.expander.run())
        if self._heartbeat is not None:
            self._spawn("heartbeat", self._heartbeat.run())
        self._spawn("watch", self.watch.run())
        await self._first_look()

    async def _first_look(self) -> None:
        """Wait for the first sweep; a task that dies instead ends the start as it would end the run."""
        looked = asyncio.create_task(self.watch.looked())
        await asyncio.wait({looked, *self._tasks}, return_when=asyncio.FIRST_COMPLETED)
        if not looked.done():
            looked.cancel()
            raise RuntimeError("a task ended before the first sweep")

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until `stop` is set, or until a task dies, which ends the process loudly."""
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({stopping, *self._tasks}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        await self.stop()

    async def stop(self) -> None:
        """Stop in order: alarms, web, the running batch within its limit, the rest; then close.

        Raises:
            Exception: what a task died of, if one did.
        """
        self.watch.stop()
        try:
            await self._web.stop()
        finally:
            await self._stop_work()
        log.info("stopped")

    async def _stop_work(self) -> None:
        self.expander.stop()
        self.deliverer.stop()
        try:
            await self._drain()
        finally:
            await self.db.dispose()
            self._held.close()

    async def _drain(self) -> None:
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks, timeout=self.settings.running.stop_seconds)
        for task in late:
            log.warning("task_cancelled", extra={"task": task.get_name()})
            task.cancel()
        results = await asyncio.gather(*self._tasks, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception):
                raise result

    def _make_deliverer(self) -> Deliverer:
        mail = self.settings.mail
        binder = MailBinder(
            service=self.settings.service,
            sender=mail.sender,
            reply_to=mail.reply_to,
            signer=self.signer,
            rules=self.rules,
            link_hours=self.settings.sign_up.link_hours,
        )
        return Deliverer(
            self.db,
            SmtpPool(_smtp_server(mail)),
            bind=binder,
            end_address=end_address,
            clock=self.clock,
            uncommitted=mail.uncommitted,
        )

    def _make_watch(self) -> Watch:
        times = self.settings.times
        voice = Voice(
            rules=self.rules,
            service=self.settings.service,
            quiet_from=times.quiet_from,
            quiet_until=times.quiet_until,
        )
        return Watch(
            self.db,
            self.clock,
            voice=voice,
            intake=self._intake,
            folder=self.settings.procedures.folder,
            sweep_seconds=self.settings.running.sweep_seconds,
            expander=self.expander,
            recover=self.deliverer.recover,
            note_sweep=lambda: note_sweep(self.db, self.settings.database.path),
            swept=self._swept,
            guard=ClockGuard(machine_now, time.monotonic),
        )

    def _make_web(self) -> WebServer:
        settings = self.settings
        limits = limits_of(settings.web, settings.sign_up)
        app = build(
            self._site(), ProcessVitals(self.watch, self.deliverer, self._gauge, self._heartbeat), limits
        )
        return WebServer(app, host=settings.web.host, port=settings.web.port)

    def _make_heartbeat(self) -> Heartbeat | None:
        url = self.settings.health.heartbeat_url
        return None if url is None else Heartbeat(url, self.clock)

    def _make_gauge(self) -> DiskGauge:
        folder = self.settings.database.path.parent
        return DiskGauge(lambda: free_bytes(folder), time.monotonic)

    def _swept(self) -> None:
        self._gauge.sample()
        if self._heartbeat is not None:
            self._heartbeat.ring()

    def _site(self) -> Site:
        sign_up = self.settings.sign_up
        return Site(
            db=self.db,
            clock=self.clock,
            service=self.settings.service,
            rules=self.rules,
            signer=self.signer,
            limits=SignUpLimits(
                per_address_and_day=sign_up.confirmations_per_day,
                everyone_per_hour=sign_up.confirmations_per_hour,
                link_hours=sign_up.link_hours,
            ),
            replay=self._replay,
            ring=self.deliverer.ring,
            health_token=self.settings.health.token,
        )

    def _spawn(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(asyncio.create_task(work, name=name))
