"""The composition root: the only place where rooms are wired together, for production and replay alike."""

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from contextlib import ExitStack
from datetime import datetime
from typing import Any

from aiohttp import web

from notifier import schema
from notifier.clock import Clock
from notifier.db import Database, sqlite_url
from notifier.delivery.deliver import Deliverer, Fault
from notifier.delivery.smtp import SmtpPool
from notifier.delivery.smtp_server import SmtpServer
from notifier.events.announce import Voice
from notifier.events.bind import MailBinder
from notifier.instance import load_secret, locked, recognise
from notifier.scheduling import Expander, Watch
from notifier.settings import ServingMail, ServingSettings
from notifier.sources.sync import intake_of, rearm_all
from notifier.subscriptions.lifecycle import SignUpLimits, end_address
from notifier.subscriptions.tokens import Signer
from notifier.web.app import build
from notifier.web.keys import Site

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
        self.watch = self._make_watch()
        self._tasks: list[asyncio.Task[None]] = []
        self._runner = web.AppRunner(
            build(self._site(), _Vitals(self.watch, self.deliverer)), access_log=None
        )
        self.port = 0

    async def start(self) -> None:
        """Bring the database up to date, then start serving, watching and sending."""
        await schema.upgrade(self.db)
        now = self.clock.now()
        await recognise(self.db, self.signer, public_url=self.settings.service.public_url, now=now)
        await rearm_all(self.db, rules=self.rules, now=now)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self.settings.web.host, self.settings.web.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        self._spawn("deliver", self.deliverer.run())
        self._spawn("expand", self.expander.run())
        self._spawn("watch", self.watch.run())
        await self.watch.looked()
        log.info("started", extra={"port": self.port})

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
        await self._runner.cleanup()
        self.expander.stop()
        self.deliverer.stop()
        try:
            await self._drain()
        finally:
            await self.db.dispose()
            self._held.close()
        log.info("stopped")

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
        )

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
        )

    def _spawn(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(asyncio.create_task(work, name=name))


class _Vitals:
    """What health asks of the running process (`web/keys.py`)."""

    def __init__(self, watch: Watch, deliverer: Deliverer) -> None:
        self._watch = watch
        self._deliverer = deliverer

    @property
    def started_at(self) -> datetime:
        """When the process began to watch."""
        return self._watch.started_at

    @property
    def swept_at(self) -> datetime | None:
        """When the last sweep ended well."""
        return self._watch.swept_at

    @property
    def sweep_seconds(self) -> float:
        """How often a sweep is meant to happen."""
        return self._watch.sweep_seconds

    @property
    def fault(self) -> Fault | None:
        """Why no mail is being sent, if that is so."""
        return self._deliverer.fault

    @property
    def source_problems(self) -> Sequence[str]:
        """What could not be read at the last look at the procedures' files."""
        return self._watch.source_problems
