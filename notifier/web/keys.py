"""What the handlers are given, by typed keys; `app.py` puts it there."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from aiohttp import web

from notifier.clock import Clock
from notifier.db import Database
from notifier.delivery.deliver import Fault
from notifier.procedures.due import Rules
from notifier.settings import Service
from notifier.subscriptions.lifecycle import SignUpLimits
from notifier.subscriptions.tokens import Signer


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The service as its pages know it. `replay` marks every page of a demo; `ring` says mail is queued."""

    db: Database
    clock: Clock
    service: Service
    rules: Rules
    signer: Signer
    limits: SignUpLimits
    replay: bool
    ring: Callable[[], None]


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


SITE = web.AppKey("site", Site)
VITALS = web.AppKey("vitals", Vitals)
