"""Many processes on PostgreSQL: procrastinate's jobs are their doorbells, and carry no rows.

Whoever takes a job rings its own process and keeps the job until nothing is left to do, so that the next bell
is taken by another process. A job that is lost, doubled or stalled harms nothing: work is found in the
tables, and every process makes its rounds (decision 0020).
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import psycopg
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ProcrastinateException
from procrastinate.jobs import DeleteJobCondition, Status
from procrastinate.tasks import Task
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.clock import machine_now
from notifier.db import Database
from notifier.delivery import backlog, owners

EXPAND, DRAIN = "expand", "drain"
"""The two queues; a process takes one job of each at a time."""

KEPT_SECONDS = 30.0
"""How long a process keeps a job while there is work; afterwards its rounds keep it at work."""

GLANCE_SECONDS = 0.2
"""How often whoever keeps a job asks whether there is still work."""

APART_SECONDS = 1.0
"""How often the others are called to help sending: one chunk follows the other within milliseconds."""

SILENT_SECONDS = 2.0
"""How long to wait before listening again, when the database does not answer."""

TIDY_SECONDS = 60.0
"""How often the jobs of processes that died are deleted."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One kind of work: how this process is rung for it, and whether any is left in the tables."""

    ring: Callable[[], None]
    is_left: Callable[[], Awaitable[bool]]


class Doorbells:
    """Rings other processes, and this one when others ring. Implements `Engine`."""

    def __init__(self, db: Database, *, send: Callable[[], None], expanding: Work) -> None:
        self._db = db
        self._send = send
        self._works = {EXPAND: expanding, DRAIN: Work(ring=send, is_left=self._is_ready)}
        self._called = asyncio.Event()
        self._ending = asyncio.Event()
        self._stopped = asyncio.Event()
        self._bells = self._make_bells()

    async def announced(self, conn: AsyncConnection) -> None:
        """Ring every process, this one too, as part of the transaction of `conn`.

        What is announced is announced, even where no bell can be rung: each process makes its rounds.
        """
        raw = (await conn.get_raw_connection()).driver_connection
        try:
            async with conn.begin_nested():
                await self._defer(EXPAND, await _processes(conn), connection=raw)
        except ProcrastinateException as error:
            log.warning("doorbells_silent", extra={"why": type(error).__name__})

    def ready(self) -> None:
        """Ring this process's sender, and soon the others'."""
        self._send()
        self._called.set()

    def stop(self) -> None:
        """Let `run` give its jobs back and return."""
        self._stopped.set()
        self._ending.set()

    async def run(self) -> None:
        """Answer the bells until `stop`, however often the database goes away meanwhile."""
        while not self._stopped.is_set():
            self._ending.clear()
            try:
                await self._answer()
            except (ProcrastinateException, psycopg.Error, SQLAlchemyError, OSError) as error:
                log.warning("doorbells_silent", extra={"why": type(error).__name__})
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(SILENT_SECONDS):
                    await self._stopped.wait()

    async def _answer(self) -> None:
        """Answer the bells until `stop`, or until a part of it ends."""
        self._bells = self._make_bells()  # a pool that could not be opened cannot be opened again
        async with self._bells.app.open_async():
            parts = [asyncio.create_task(self._take(queue)) for queue in self._works]
            parts += [asyncio.create_task(self._call_others()), asyncio.create_task(self._tidy())]
            stopped = asyncio.create_task(self._stopped.wait())
            await asyncio.wait({stopped, *parts}, return_when=asyncio.FIRST_COMPLETED)
            self._ending.set()
            for task in (stopped, *parts):
                task.cancel()
            ended = await asyncio.gather(*parts, return_exceptions=True)
        for one in ended:
            if isinstance(one, Exception) and not self._stopped.is_set():
                raise one

    async def _take(self, queue: str) -> None:
        await self._bells.app.run_worker_async(
            queues=[queue],
            name=queue,
            concurrency=1,
            delete_jobs=DeleteJobCondition.SUCCESSFUL,
            install_signal_handlers=False,
            shutdown_graceful_timeout=SILENT_SECONDS,
        )

    async def _keep(self, queue: str) -> None:
        """Do a job: ring this process, and keep the job until nothing is left, or for long enough."""
        work = self._works[queue]
        work.ring()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(KEPT_SECONDS):
                while not self._ending.is_set() and await work.is_left():
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(GLANCE_SECONDS):
                            await self._ending.wait()

    async def _is_ready(self) -> bool:
        async with self._db.read() as conn:
            return await backlog.ready_since(conn, machine_now()) is not None

    async def _call_others(self) -> None:
        """Call the other processes when there is something to send, though not for each chunk."""
        while True:
            await self._called.wait()
            self._called.clear()
            async with self._db.read() as conn:
                processes = await _processes(conn)
            if processes > 1:  # a bell for each, this one too: who has one leaves the others hanging
                await self._defer(DRAIN, processes)
            await asyncio.sleep(APART_SECONDS)

    async def _tidy(self) -> None:
        """Delete the jobs that nobody will end any more, and those that ended badly."""
        jobs = self._bells.app.job_manager
        while True:
            for job in await jobs.get_stalled_jobs():
                await jobs.finish_job(job, Status.FAILED, delete_job=True)
            await jobs.delete_old_jobs(nb_hours=1, include_failed=True, include_aborted=True)
            await asyncio.sleep(TIDY_SECONDS)

    async def _defer(self, queue: str, count: int, connection: object = None) -> None:
        # Never with a queueing lock: where it stands already, it would abort the transaction that announces.
        if count > 0:
            deferrer = self._bells.tasks[queue].configure(connection=connection)
            await deferrer.batch_defer_async(*({} for _ in range(count)))

    def _make_bells(self) -> "_Bells":
        url = self._db.url.set(drivername="postgresql").render_as_string(hide_password=False)
        app = App(connector=PsycopgConnector(conninfo=url, min_size=1, max_size=4))

        async def expand() -> None:
            await self._keep(EXPAND)

        async def drain() -> None:
            await self._keep(DRAIN)

        tasks = {
            EXPAND: app.task(name=EXPAND, queue=EXPAND)(expand),
            DRAIN: app.task(name=DRAIN, queue=DRAIN)(drain),
        }
        return _Bells(app=app, tasks=tasks)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bells:
    app: App
    tasks: dict[str, Task[Any, Any, Any]]


async def _processes(conn: AsyncConnection) -> int:
    """Return how many processes send and expand now."""
    return max(1, await owners.alive(conn, machine_now=machine_now()))
