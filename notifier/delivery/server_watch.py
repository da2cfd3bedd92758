"""What the outcomes say of the mail server: whether letters may go, and why not, and at what pace."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from notifier.clock import Clock
from notifier.delivery.acceptance import Acceptance
from notifier.delivery.fuse import Fuse
from notifier.delivery.model import Outcome, ServerFault, Verdict
from notifier.delivery.pressure import Pressure, Sign

FUSE_PAUSE_SECONDS = 3600.0
"""How long nothing is sent after the server blamed suspiciously many addresses."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why nothing is being sent, since when, and when it is tried again (calendar time)."""

    reason: str
    since: datetime
    next_at: datetime


class ServerWatch:
    """Reads every outcome and fault. `paused` is called when letters must wait."""

    def __init__(self, clock: Clock, *, paused: Callable[[], None]) -> None:
        self._clock = clock
        self._paused = paused
        self._pressure = Pressure()
        self.resume_at = 0.0
        """Until when no letter may begin (monotonic)."""
        self.fuse = Fuse()
        self.acceptance = Acceptance()
        self.fault: Fault | None = None

    def wait(self) -> float:
        """Return how many seconds no letter may begin; 0 or less: one may."""
        return self.resume_at - time.monotonic()

    def go_on(self) -> None:
        """A pause is over: addresses that do not exist are counted anew."""
        if self.fuse.blown:
            self.fuse.replace()

    def failed(self, fault: ServerFault) -> Sign:
        """Take note that the server could not be used. Return what that says of the pace."""
        if fault.retry_after > 0:
            self._pause(fault.reason, fault.retry_after)
        else:
            log.info("session_broke", extra={"reason": fault.reason})
        return Sign.PRESSED if fault.pressed else Sign.NOTHING

    def answered(self, outcome: Outcome) -> Sign:
        """Take note of an outcome. Return what it says of the pace."""
        if outcome.verdict is Verdict.ACCEPTED:
            return self._accepted()
        self.acceptance.note(outcome, now=self._clock.now())
        # A letter put off is no proof that the server works again.
        if outcome.verdict not in (Verdict.RETRY, Verdict.DOUBTFUL):
            self._works()
        self.fuse.note(outcome.verdict)
        if self.fuse.blown:
            self._pause("the mail server calls suspiciously many addresses unknown", FUSE_PAUSE_SECONDS)
        return self._pressure.sign(outcome)

    def _accepted(self) -> Sign:
        """Take note that a letter was taken: nothing is wrong."""
        self._works()
        self.acceptance.accepted()
        self.fuse.note(Verdict.ACCEPTED)
        return self._pressure.accepted()

    def _works(self) -> None:
        """Forget the fault; but a blown fuse keeps everything waiting, whatever was still under way."""
        if not self.fuse.blown:
            self.fault = None

    def _pause(self, reason: str, seconds: float) -> None:
        """Let letters wait. Of several reasons that counts which keeps them longest."""
        wait = self.wait()
        self.resume_at = max(self.resume_at, time.monotonic() + seconds)
        self._paused()
        now = self._clock.now()
        since = now if self.fault is None else self.fault.since
        if self.fault is None:
            log.warning("sending_paused", extra={"reason": reason, "seconds": seconds})
        elif seconds < wait:
            reason = self.fault.reason
        self.fault = Fault(reason=reason, since=since, next_at=now + timedelta(seconds=max(wait, seconds)))
