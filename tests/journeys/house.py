"""A running service for a journey: real HTTP, real SMTP, a real file, a replayed clock."""

import re
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import aiohttp
from sqlalchemy import URL

from notifier.app import Notifier
from notifier.clock import ReplayClock
from notifier.demo.inbox import Inbox, Mail
from notifier.demo.replay import Replay
from notifier.demo.script import Step
from notifier.settings import (
    Bounces,
    Procedures,
    Relation,
    Running,
    Security,
    Service,
    ServingMail,
    ServingSettings,
    SourceSettings,
    Times,
    Watching,
    Web,
)
from notifier.settings import (
    Database as DatabaseSettings,
)
from notifier.settings.mail_look import MailLook
from tests.journeys.living import Happening, Living

IP1783 = "GID-IPG10158"
PUBLIC_URL = "https://alerts.example"
"""Where the service says it is; a journey asks for the same paths on loopback."""
SHIPPED = Path(__file__).parents[2] / "config" / "procedures" / "ip1783.toml"
LEAD = timedelta(seconds=0.05)
"""How long before an instant the replayed clock lands; the alarm itself wakes the service."""
STOP_LINK = re.compile(r"https?://\S+(/stop/[a-z2-7]+)")
_LONDON = ZoneInfo("Europe/London")
CONFIRM_LINK = re.compile(r"https?://\S+(/confirm/[a-z2-7]+)")


def utc(text: str) -> datetime:
    """Return an instant written in ISO 8601 without a zone, which is UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def settings_for(
    home: Path,
    *,
    web_port: int,
    smtp_port: int,
    settle_minutes: int = 30,
    sources: Sequence[SourceSettings] = (),
    watching: Watching | None = None,
    bounces: str | None = None,
    maildir: Path | None = None,
    look: MailLook | None = None,
    database_url: URL | None = None,
) -> ServingSettings:
    """Return the settings of a third party's service that keeps everything in `home`, or at `database_url`.

    Its mails look as `look` says.
    """
    url = None if database_url is None else database_url.render_as_string(hide_password=False)
    return ServingSettings(
        service=Service(
            name="Procedure alerts",
            operator="Example Charity",
            postal_address="1 Example Street, London",
            contact="help@alerts.example",
            privacy_contact="privacy@alerts.example",
            relation=Relation.THIRD_PARTY,
            public_url=PUBLIC_URL,
        ),
        times=Times(settle_minutes=settle_minutes),
        database=DatabaseSettings.model_validate({"path": home / "notifier.db", "url": url}),
        procedures=Procedures(folder=home / "procedures"),
        sources=tuple(sources),
        watching=watching or Watching(),
        web=Web(port=web_port),
        mail=ServingMail(
            host="127.0.0.1",
            port=smtp_port,
            security=Security.PLAIN,
            sender="alerts@alerts.example",
            reply_to="help@alerts.example",
            local_hostname="localhost",
            bounces=bounces,
            **(look or MailLook()).model_dump(),
        ),
        bounces=Bounces(maildir=maildir),
        running=Running(sweep_seconds=1, stop_seconds=5),
    )


@dataclass
class House:
    """A service that runs, and what its people can reach of it."""

    home: Path
    notifier: Notifier
    clock: ReplayClock
    inbox: Inbox
    browser: aiohttp.ClientSession

    @property
    def site(self) -> str:
        """The address of its pages."""
        return f"http://localhost:{self.notifier.port}"

    async def get(self, path: str, **headers: str) -> tuple[int, bytes, dict[str, str]]:
        """Return status, body and headers of a page, redirects not followed."""
        async with self.browser.get(self.site + path, headers=headers, allow_redirects=False) as answer:
            return answer.status, await answer.read(), dict(answer.headers)

    async def post(self, path: str, **form: str) -> tuple[int, str]:
        """Send a form as a browser does, and return status and page."""
        async with self.browser.post(self.site + path, data=form) as answer:
            return answer.status, await answer.text()

    async def sign_up(
        self, address: str, *, to: str, preset: str = "deadlines", rhythm: str = "at-once"
    ) -> None:
        """Subscribe an address through form, mail and button."""
        form = {"address": address, "to": to, "preset": preset, "rhythm": rhythm}
        assert (await self.post("/subscribe", **form))[0] == 200
        link = CONFIRM_LINK.search((await self.inbox.first_to(address)).text)
        assert link is not None
        assert (await self.get(link.group(1)))[0] == 200
        assert (await self.post(link.group(1)))[0] == 200

    async def replay(self, *steps: Step, until: str) -> None:
        """Let calendar time pass, leaping over what is quiet."""

        async def nothing() -> None:
            return None

        await Replay(
            self.notifier,
            self.clock,
            steps,
            folder=self.home / "procedures",
            until=utc(until),
            shown=nothing,
            beat_seconds=0,
            lead=LEAD,
        ).run()

    async def live(self, *happenings: tuple[str, Callable[[], None]], until: str) -> None:
        """Let calendar time pass while sources are asked over the web and, at instants, things happen."""
        found = [Happening(at=utc(at), act=act) for at, act in happenings]
        await Living(self.notifier, self.clock, found, until=utc(until)).live()

    def mails_to(self, address: str) -> list[Mail]:
        """Return what somebody got, replies left out."""
        return [
            mail for mail in self.inbox.mails if mail.recipient == address and "Confirm" not in subject(mail)
        ]


def subject(mail: Mail) -> str:
    """Return a mail's subject."""
    return str(mail.message["Subject"])


def told(mails: Sequence[Mail]) -> tuple[str, ...]:
    """Return of each mail when it was sent, in London, and how its subject begins."""
    return tuple(f"{_when(mail)} {subject(mail).rpartition(':')[0]}" for mail in mails)


def _when(mail: Mail) -> str:
    there = mail.message["Date"].datetime.astimezone(_LONDON)
    return f"{there:%a} {there.day} {there:%b %H:%M}"


@asynccontextmanager
async def open_house(
    home: Path,
    start: str,
    *,
    inbox: Inbox | None = None,
    settle_minutes: int = 30,
    smtp_port: int | None = None,
    sources: Sequence[SourceSettings] = (),
    watching: Watching | None = None,
    bounces: str | None = None,
    maildir: Path | None = None,
    look: MailLook | None = None,
    database_url: URL | None = None,
) -> AsyncIterator[House]:
    """Run a service in `home` from the calendar instant `start`.

    An `inbox` that is handed in outlives it; with `smtp_port` the mail goes elsewhere. `sources` are watched
    beside the folder, as `watching` says. Mail comes back to `bounces`, and may lie in `maildir`; mails look
    as `look` says. With a `database_url` it runs on PostgreSQL.
    """
    own = inbox is None
    taken = inbox or Inbox()
    if own:
        await taken.start()
    (home / "procedures").mkdir(exist_ok=True)
    clock = ReplayClock(utc(start))
    settings = settings_for(
        home,
        web_port=free_port(),
        smtp_port=smtp_port or taken.port,
        settle_minutes=settle_minutes,
        sources=sources,
        watching=watching,
        bounces=bounces,
        maildir=maildir,
        look=look,
        database_url=database_url,
    )
    notifier = Notifier(settings, clock=clock)
    await notifier.start()
    async with aiohttp.ClientSession() as browser:
        try:
            yield House(home=home, notifier=notifier, clock=clock, inbox=taken, browser=browser)
        finally:
            await notifier.stop()
            if own:
                await taken.stop()


def ship_ip1783(home: Path) -> None:
    """Put the shipped procedure into the watched folder."""
    folder = home / "procedures"
    folder.mkdir(exist_ok=True)
    (folder / SHIPPED.name).write_text(SHIPPED.read_text())
