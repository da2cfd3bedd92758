"""`notifier demo`: NICE's published schedule for IP1783, replayed through the whole service."""

import asyncio
import contextlib
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web
from rich.console import Console

from notifier.app import Notifier
from notifier.clock import ReplayClock
from notifier.demo.count import Count, count
from notifier.demo.inbox import Inbox
from notifier.demo.inbox_page import build as build_inbox_page
from notifier.demo.people import ADA, BEN, sign_up
from notifier.demo.replay import BEAT_SECONDS, Replay
from notifier.demo.script import STEPS, step_at
from notifier.demo.timeline import Timeline
from notifier.events import store
from notifier.events.model import Event
from notifier.settings import (
    Database,
    Procedures,
    Relation,
    Security,
    Service,
    ServingMail,
    ServingSettings,
    Web,
)
from notifier.subscriptions.topics import EVERYTHING

NEWEST = 50
"""How many events are looked at after each moment; far more than one moment has."""

PEOPLE = {person.address: person.name for person in (ADA, BEN)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the command line asks for. `beat_seconds` is how long each moment stays on the screen."""

    start: datetime
    end: datetime
    port: int
    leave: bool
    beat_seconds: float = BEAT_SECONDS


class PortInUseError(Exception):
    """The port asked for is taken; the message names it."""


async def run_demo(options: Options, console: Console, stop: asyncio.Event) -> Count:
    """Play the demo. Return the counted promise; stays up until `stop` unless told to leave."""
    async with _stage(options) as stage:
        title = (
            "Replaying NICE's published schedule for IP1783, Sept 2022 to March 2023, in one minute. "
            f"Nothing leaves this machine. Watch: {stage.site} · with the mail beside it: {stage.window}"
        )
        zone = stage.notifier.rules.zone
        with Timeline(console, title=title, zone=zone) as timeline:
            await sign_up(ADA, site=stage.site, inbox=stage.inbox)
            await sign_up(BEN, site=stage.site, inbox=stage.inbox)
            await _play(stage, options, timeline, stop)
        stage.inbox.over = True
        result = await count(stage.notifier.db, stage.notifier.signer, stage.inbox.mails)
        console.print(f"[bold]{result}[/bold]")
        if not options.leave and not stop.is_set():
            console.print(f"The service stays up at {stage.site} and {stage.window}; Ctrl-C ends it.")
            await stop.wait()
        return result


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stage:
    notifier: Notifier
    clock: ReplayClock
    inbox: Inbox
    folder: Path
    site: str
    window: str


async def _play(stage: _Stage, options: Options, timeline: Timeline, stop: asyncio.Event) -> None:
    seen = 0

    async def shown() -> None:
        nonlocal seen
        for event in await _news(stage, seen):
            timeline.add(event, _told(stage.inbox, event))
            seen = event.seq
        timeline.at(stage.clock.now())

    replay = Replay(
        stage.notifier,
        stage.clock,
        STEPS,
        folder=stage.folder,
        until=options.end,
        shown=shown,
        beat_seconds=options.beat_seconds,
    )
    playing = asyncio.create_task(replay.run())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({playing, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if playing.done():
        await playing
    playing.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await playing


async def _news(stage: _Stage, since: int) -> list[Event]:
    async with stage.notifier.db.read() as conn:
        newest = await store.latest(conn, EVERYTHING, limit=NEWEST)
    return [event for event in reversed(newest) if event.seq > since]


def _told(inbox: Inbox, event: Event) -> list[str]:
    """Return who was mailed about an event: the mail's page link and date say which it is."""
    found = {
        PEOPLE[mail.recipient]
        for mail in inbox.mails
        if mail.recipient in PEOPLE
        and f"/procedures/{event.payload.slug}" in mail.text
        and abs((mail.message["Date"].datetime - event.recorded_at).total_seconds()) < 3600
    }
    return sorted(found)


@asynccontextmanager
async def _stage(options: Options) -> AsyncIterator[_Stage]:
    """Set everything up on a temporary folder, as `serve` would, and take it down again."""
    with tempfile.TemporaryDirectory(prefix="notifier-demo-") as name:
        home = Path(name)
        folder = home / "procedures"
        shutil.copytree(shipped_procedures(), folder)
        step_at(options.start).write(folder)
        inbox = Inbox()
        await inbox.start()
        port = options.port or _free_port()
        clock = ReplayClock(options.start)
        try:
            notifier = Notifier(_settings(home, folder, port, inbox.port), clock=clock, replay=True)
            await notifier.start()
        except OSError as error:
            await inbox.stop()
            raise PortInUseError(f"port {port} is taken; choose another with --port") from error
        async with _window(inbox, lambda: f"http://localhost:{port}/") as window:
            try:
                yield _Stage(
                    notifier=notifier,
                    clock=clock,
                    inbox=inbox,
                    folder=folder,
                    site=f"http://localhost:{port}",
                    window=window,
                )
            finally:
                await notifier.stop()
                await inbox.stop()


@asynccontextmanager
async def _window(inbox: Inbox, site: Callable[[], str]) -> AsyncIterator[str]:
    """Serve the page of caught mail on a free port of its own: it is no part of the service."""
    runner = web.AppRunner(build_inbox_page(inbox, site=site), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://localhost:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def _settings(home: Path, folder: Path, port: int, smtp_port: int) -> ServingSettings:
    return ServingSettings(
        service=Service(
            name="Procedure alerts (replay)",
            operator="The demo of notifier",
            postal_address="This machine",
            contact="demo@notifier.example",
            privacy_contact="demo@notifier.example",
            relation=Relation.THIRD_PARTY,
            public_url=f"http://localhost:{port}",
        ),
        database=Database(path=home / "demo.db"),
        procedures=Procedures(folder=folder),
        web=Web(port=port),
        mail=ServingMail(
            host="127.0.0.1",
            port=smtp_port,
            security=Security.PLAIN,
            sender="alerts@notifier.example",
            reply_to="demo@notifier.example",
            local_hostname="localhost",
        ),
    )


def shipped_procedures() -> Path:
    """Return the folder of procedures that comes with the package, or with its source tree."""
    package = Path(__file__).parent.parent
    shipped = package / "shipped" / "procedures"
    return shipped if shipped.is_dir() else package.parent / "config" / "procedures"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def instant_of(text: str) -> datetime:
    """Return the UTC midnight of an ISO date.

    Raises:
        ValueError: it is none.
    """
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
