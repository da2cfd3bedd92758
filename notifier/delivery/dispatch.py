"""The desk between the line of letters and the connections (the `Supply` of `model.py`).

A letter begins when its connection asks for it, and only if it may at that very moment: the server is not
left alone, the lease holds, nobody paused sending, and the database keeps up with what was sent.
"""

import asyncio
import time
from collections.abc import Callable, Sequence

from notifier.clock import machine_now
from notifier.delivery.line import Begun, Held, Line
from notifier.delivery.model import Letter, Outcome, ServerFault, Verdict
from notifier.delivery.pressure import Sign
from notifier.delivery.recording import Recorder
from notifier.delivery.server_watch import ServerWatch
from notifier.delivery.tally import DeliveryTally

STALE_SECONDS = 3.0
"""A letter that waited so long since its claim is given back, and says what its reader wants by then."""


LOOK_SECONDS = 0.05
"""How often it is asked, while letters begin, whether some grew too old and whether the lease holds."""


class Dispatch:
    """Gives letters out one by one.

    `changed` is called when the line is shorter, or some came back; `wake`, when the pace has let a moment
    pass and the next letter may begin.
    """

    def __init__(
        self,
        line: Line,
        recorder: Recorder,
        server: ServerWatch,
        tally: DeliveryTally,
        *,
        changed: Callable[[], None],
        wake: Callable[[], None],
    ) -> None:
        self._line = line
        self._recorder = recorder
        self._server = server
        self._tally = tally
        self._changed = changed
        self._wake = wake
        self._waking: asyncio.TimerHandle | None = None
        self._under_way: dict[
            int, Begun
        ] = {}  # by identity: after a lost lease one delivery may be twice here
        self._back: list[Held] = []
        self._look_at = 0.0
        self._stopped = False
        self._done = asyncio.Event()
        self._done.set()
        self.held = False
        """Whether somebody paused sending."""

    @property
    def ready(self) -> int:
        """How many letters could begin now, their age apart."""
        now = time.monotonic()
        if self._stopped or self.held or self._server.resume_at > now or not len(self._line):
            return 0
        wait = self._line.wait(now)
        if wait > 0:
            self._wake_in(wait)
            return 0
        return self._line.ready(min(self._line.room, self._recorder.places))

    def next(self) -> Letter | None:
        """Let a letter begin, if one may."""
        now = time.monotonic()
        if self._stopped or self.held or self._recorder.places <= 0 or self._server.resume_at > now:
            return None
        if now >= self._look_at:
            self._look_at = now + LOOK_SECONDS
            self.sort_out()
        begun = self._line.next(now)
        if begun is None:
            if len(self._line) and (wait := self._line.wait(now)) > 0:
                self._wake_in(wait)
            return None
        letter = begun.held.letter
        self._under_way[id(letter)] = begun
        self._recorder.begin()
        self._done.clear()
        self._changed()
        return letter

    def ended(self, outcome: Outcome) -> None:
        """Take the outcome of a letter."""
        now = time.monotonic()
        begun = self._end(outcome.letter, self._server.answered(outcome), now)
        self._tally.answered(outcome.verdict, now - begun.at)
        self._recorder.add(outcome, begun.held.lease.owner_id)
        if outcome.verdict is not Verdict.ACCEPTED and self._server.wait() > 0:
            self.sort_out()

    def returned(self, letter: Letter, fault: ServerFault | None) -> None:
        """Take a letter back of which nothing was accepted."""
        sign = Sign.NOTHING if fault is None else self._server.failed(fault)
        begun = self._end(letter, sign, time.monotonic())
        self._recorder.no_outcome()
        self._line.put_back(begun.held)
        self.sort_out()

    def failed(self, fault: ServerFault) -> None:
        """Hear that the server cannot be used."""
        self._server.failed(fault)
        self.sort_out()

    def stop(self) -> None:
        """Give no more letters out, and take all out of the line."""
        self._stopped = True
        self.sort_out()

    async def done(self) -> None:
        """Wait until every letter under way has ended."""
        await self._done.wait()

    def sort_out(self) -> None:
        """Take every letter out of the line that may not begin any more."""
        now = time.monotonic()
        oldest = self._line.oldest
        if oldest is None or self._may_begin(oldest, now):
            return  # then all others may, which came later
        self._back += self._line.take_out(lambda one: not self._may_begin(one, now))
        self._changed()

    @property
    def has_back(self) -> bool:
        """Whether letters were taken out of the line that are to be given back."""
        return bool(self._back)

    def came_back(self) -> Sequence[Held]:
        """Return the letters that were taken out of the line since it was asked last."""
        back, self._back = self._back, []
        return back

    def in_hand(self) -> set[int]:
        """Return the deliveries whose letters are in line, under way, or about to be given back."""
        held = [*self._line, *self._back, *(begun.held for begun in self._under_way.values())]
        return {one.letter.delivery_id for one in held}

    def _wake_in(self, seconds: float) -> None:
        if self._waking is None:
            self._waking = asyncio.get_running_loop().call_later(seconds, self._woken)

    def _woken(self) -> None:
        self._waking = None
        self._wake()

    def _may_begin(self, held: Held, now: float) -> bool:
        # A lost lease never holds again: what was claimed under it is somebody else's by now. What was
        # claimed too long ago is bound anew, from what its reader wants now.
        fresh = now - held.since <= STALE_SECONDS and held.lease.holds(machine_now())
        return fresh and not self._stopped and not self.held and self._server.resume_at <= now

    def _end(self, letter: Letter, sign: Sign, now: float) -> Begun:
        begun = self._under_way.pop(id(letter))
        self._line.end(begun, sign, now)
        if not self._under_way:
            self._done.set()
        return begun
