"""The composition root: the only place where rooms are wired together, for production and replay alike."""

import asyncio
import logging
import time
from contextlib import ExitStack
from datetime import datetime, timedelta
from importlib.metadata import version

from notifier import schema
from notifier.clock import Clock, machine_now
from notifier.clock_guard import ClockGuard
from notifier.db import Database
from notifier.events.ending import end_followings
from notifier.events.proof.lifetimes import end_evidence
from notifier.events.staff.writing import write_staff_letters
from notifier.events.voice import voice_of
from notifier.housekeeping import Housekeeper
from notifier.instance import load_secret, locked, note_sweep, recognise
from notifier.mailroom import maildir_of
from notifier.opening import database_of
from notifier.scheduling import Watch
from notifier.settings import ServingSettings
from notifier.sources.arming import rearm_all
from notifier.sources.fetching.fetcher import Fetcher, Limits, user_agent
from notifier.sources.folder import Folder
from notifier.sources.folder_watch import FolderWatch, folder_of
from notifier.sources.intake import intake_of
from notifier.sources.web_reading import Reader
from notifier.sources.web_source import web_source_of
from notifier.sources.web_watch import WebWatch, forget_the_unwatched
from notifier.subscriptions.retention import forget
from notifier.subscriptions.tokens import Signer
from notifier.sweep_rest import SweepRest
from notifier.tasks import Tasks
from notifier.web.app import build
from notifier.web.disk_gauge import DiskGauge, free_bytes
from notifier.web.heartbeat import Heartbeat
from notifier.web.limits import limits_of
from notifier.web.metrics import counted_of
from notifier.web.process_vitals import ProcessVitals
from notifier.web.server import WebServer
from notifier.web.site import site_of
from notifier.workshop import Workshop

log = logging.getLogger(__name__)


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
        if settings.database.url is None:
            self._held.enter_context(locked(settings.database.path))
        self.db = db or database_of(settings.database)
        self.signer = Signer(load_secret(settings.database.path))
        self._intake = intake_of(settings.times)
        self.rules = self._intake.rules
        self._workshop = Workshop(settings, self.db, signer=self.signer, rules=self.rules, clock=clock)
        self.sent = self._workshop.sent
        self.deliverer = self._workshop.deliverer
        self.expander = self._workshop.expander
        self.housekeeper = Housekeeper(clock, self.rules, work=self._keep_house)
        self._heartbeat = self._make_heartbeat()
        self._maildir = maildir_of(settings, self.db, signer=self.signer, clock=clock)
        self._gauge = self._make_gauge()
        self._voice = voice_of(settings, settings.service)
        self._web_sources = [one for each in settings.sources if (one := web_source_of(each)) is not None]
        self._folders = self._make_folders()
        self.web_watch = self._make_web_watch()
        self._sweep_rest = SweepRest(
            clock,
            recover=self.deliverer.recover,
            write_to_staff=self._write_to_staff,
            note_sweep=lambda: note_sweep(self.db, settings.database.path),
            swept=self._swept,
        )
        self.watch = self._make_watch()
        self._tasks = Tasks(stop_seconds=settings.running.stop_seconds)
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
        await forget_the_unwatched(self.db, self._web_sources)
        await rearm_all(self.db, rules=self.rules, now=now)
        await self._web.start()
        self.port = self._web.port
        self._workshop.spawn(self._tasks)
        self._tasks.spawn("housekeeping", self.housekeeper.run())
        if self._heartbeat is not None:
            self._tasks.spawn("heartbeat", self._heartbeat.run())
        if self._maildir is not None:
            self._tasks.spawn("maildir", self._maildir.run())
        self._tasks.spawn("sweep-rest", self._sweep_rest.run())
        self._tasks.spawn("watch", self.watch.run())
        if not await self._tasks.live_until(self.watch.looked()):
            raise RuntimeError("a task ended before the first sweep")
        if self._web_sources:  # only now, so that the folders have said which procedures are theirs
            self._tasks.spawn("web-watch", self.web_watch.run())

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until `stop` is set, or until a task dies, which ends the process loudly."""
        await self._tasks.live_until(stop.wait())
        await self.stop()

    async def stop(self) -> None:
        """Stop in order: alarms, web, the running batch within its limit, the rest; then close.

        Raises:
            Exception: what a task died of, if one did.
        """
        self.watch.stop()
        self.web_watch.stop()
        try:
            await self._web.stop()
        finally:
            await self._stop_work()
        log.info("stopped")

    async def _stop_work(self) -> None:
        self.housekeeper.stop()
        self._sweep_rest.stop()
        self._workshop.stop()
        for beside in (self._maildir, self._heartbeat):
            if beside is not None:
                beside.stop()
        try:
            await self._tasks.drain()
        finally:
            await self.db.dispose()
            self._held.close()

    def _make_folders(self) -> FolderWatch:
        folders = [one for each in self.settings.sources if (one := folder_of(each)) is not None]
        return FolderWatch(
            self.db,
            [(Folder(path=self.settings.procedures.folder), timedelta(0)), *folders],
            intake=self._intake,
            others=frozenset(one.key for one in self._web_sources),
        )

    def _make_web_watch(self) -> WebWatch:
        service, watching = self.settings.service, self.settings.watching
        agent = user_agent(
            version=version("notifier"), public_url=service.public_url, contact=service.contact
        )
        reader = Reader(
            db=self.db,
            fetcher=Fetcher(Limits.of(watching), user_agent=agent),
            intake=self._intake,
            clock=self.clock.now,
            living=lambda: self._folders.living,
            most_events=watching.max_events,
        )
        return WebWatch(
            reader,
            self._web_sources,
            clock=self.clock,
            rules=self.rules,
            seconds_between=watching.seconds_between,
            learnt=self._look_again,
        )

    def _look_again(self) -> None:
        self.watch.ring()

    def _make_watch(self) -> Watch:
        return Watch(
            self.db,
            self.clock,
            voice=self._voice,
            folders=self._folders,
            web_problems=lambda: self.web_watch.problems,
            sweep_seconds=self.settings.running.sweep_seconds,
            engine=self._workshop.engine,
            expander=self.expander,
            rest=self._sweep_rest,
            housekeep=self.housekeeper.ring,
            guard=ClockGuard(machine_now, time.monotonic),
        )

    async def _write_to_staff(self, now: datetime) -> None:
        written = await write_staff_letters(
            self.db, self._voice, self.settings.staff, now=now, machine_now=machine_now()
        )
        if written:
            self.deliverer.ring()

    async def _keep_house(self, now: datetime) -> None:
        await forget(self.db, signer=self.signer, now=now, machine_now=machine_now())
        await end_evidence(self.db, now=now, machine_now=machine_now())
        await end_followings(self.db, now=now)
        await rearm_all(self.db, rules=self.rules, now=now)

    def _make_web(self) -> WebServer:
        settings = self.settings
        limits = limits_of(settings.web, settings.sign_up)
        app = build(
            site_of(
                settings,
                db=self.db,
                clock=self.clock,
                rules=self.rules,
                signer=self.signer,
                replay=self._replay,
                ring=self.deliverer.ring,
            ),
            ProcessVitals(self.watch, self.deliverer, self._gauge, self._heartbeat, self._maildir),
            limits,
            counted_of(self.db, delivery=self.sent, announcing=self.watch.announcing),
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
        if self._maildir is not None:
            self._maildir.ring()
