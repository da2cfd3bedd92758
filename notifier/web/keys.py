"""What the handlers are given, by typed keys; `app.py` puts it there."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from aiohttp import web
from pydantic import SecretStr

from notifier.clock import Clock, machine_now
from notifier.db import Database
from notifier.delivery.acceptance import Unaccepted
from notifier.delivery.server_watch import Fault
from notifier.procedures.due import Rules
from notifier.settings import Service
from notifier.subscriptions.access import Session
from notifier.subscriptions.fence import Fence, SignUpLimits
from notifier.subscriptions.tokens import Signer
from notifier.web.fence import NetworkFence
from notifier.web.health_facts import Disk, Missed
from notifier.web.limits import Limits
from notifier.web.repeated import Repeated
from notifier.web.tally import WebTally


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The service as its pages know it. `replay` marks every page of a demo; `ring` says mail is queued.

    Whoever signs up here is written to in `language`. Whoever shows `health_token` is told the details of
    health; None: only this machine is. `backup_file` is the file or pattern of files that a backup writes.
    """

    db: Database
    clock: Clock
    service: Service
    rules: Rules
    signer: Signer
    limits: SignUpLimits
    replay: bool
    ring: Callable[[], None]
    language: str = "en"
    health_token: SecretStr | None = None
    backup_file: str | None = None

    def fence(self) -> Fence:
        """Return what stands around a mailbox whose address somebody types now."""
        return Fence(signer=self.signer, limits=self.limits, now=self.clock.now(), machine_now=machine_now())

    def session(self, text: str) -> Session:
        """Return what a form of the page of preferences claims now."""
        return Session(text=text, signer=self.signer, machine_now=machine_now())


class Vitals(Protocol):
    """What only the running process knows of its own health."""

    @property
    def started_at(self) -> datetime:
        """When the process began to watch (machine time)."""
        ...

    @property
    def swept_at(self) -> datetime | None:
        """When the last sweep ended well (machine time)."""
        ...

    @property
    def sweep_seconds(self) -> float:
        """How often a sweep is meant to happen."""
        ...

    @property
    def fault(self) -> Fault | None:
        """Why no mail is being sent, if that is so."""
        ...

    @property
    def source_problems(self) -> Sequence[str]:
        """What could not be read at the last look at the procedures' files."""
        ...

    @property
    def sources_unread_since(self) -> datetime | None:
        """Since when (calendar time) something of that kind could not be read."""
        ...

    @property
    def missed(self) -> Missed | None:
        """How often the heartbeat failed last, if it did."""
        ...

    @property
    def mail_unread_since(self) -> datetime | None:
        """Since when mail that came back cannot be read, if that is so."""
        ...

    @property
    def unknown_addresses(self) -> int:
        """How many of the last thousand letters were refused because their mailbox does not exist."""
        ...

    @property
    def unaccepted(self) -> Unaccepted | None:
        """What was refused since a letter was last accepted, if anything was."""
        ...

    def disk(self) -> Disk | None:
        """Return how much room the disk of the database has; None when it cannot be measured."""
        ...


SITE = web.AppKey("site", Site)
VITALS = web.AppKey("vitals", Vitals)
LIMITS = web.AppKey("limits", Limits)
FENCE = web.AppKey("fence", NetworkFence)
TALLY = web.AppKey("tally", WebTally)
REPEATED = web.AppKey("repeated", Repeated)
