"""Sending what is queued: claim and bind, send outside any transaction, record in groups.

At-least-once: a crash between the server's 250 and its record sends the same Message-ID again, for at most
`uncommitted` letters. Nothing is ever lost, because a claim is a lease that returns (decision 0006).
"""

import asyncio
import contextlib
import logging
import time

from sqlalchemy.exc import SQLAlchemyError

from notifier import holds
from notifier.clock import Clock, machine_now
from notifier.db import Database
from notifier.delivery.acceptance import Unaccepted
from notifier.delivery.allowance import Allowance
from notifier.delivery.claiming import claim_letters
from notifier.delivery.dispatch import Dispatch
from notifier.delivery.domains import Domains
from notifier.delivery.line import Held, Line
from notifier.delivery.model import AddressEnder, Binder, Transport
from notifier.delivery.pace import Pace, Throughput
from notifier.delivery.recording import DATABASE_PAUSE_SECONDS, Recorder
from notifier.delivery.returns import Returns
from notifier.delivery.server_watch import Fault, ServerWatch
from notifier.delivery.shared_pace import SharedPace
from notifier.delivery.tally import DeliveryTally
from notifier.delivery.tenure import Tenure
from notifier.outage import Outage

AHEAD_SECONDS = 2.0
"""How much of the present pace is claimed at once: what is claimed cannot be stopped by an unsubscribe."""

LARGEST_CLAIM = 500
"""Letters. So many more may be in line when a claim begins."""

HOLD_LOOK_SECONDS = 1.0
"""How often it is asked, while letters wait in line, whether somebody paused sending."""

log = logging.getLogger(__name__)


class Deliverer:
    """The supervised task that sends mail. One per process."""

    def __init__(
        self,
        db: Database,
        transport: Transport,
        *,
        bind: Binder,
        end_address: AddressEnder,
        clock: Clock,
        uncommitted: int,
        allowance: Allowance,
        tally: DeliveryTally,
    ) -> None:
        self._db = db
        self._transport = transport
        self._bind = bind
        self._clock = clock
        self._allowance = allowance
        self._server = ServerWatch(clock, paused=self.ring)
        self._tenure = Tenure(db, taken_back=self._took_back)
        self._tally = tally
        self._recorder = Recorder(
            db,
            end_address=end_address,
            clock=clock,
            fuse=self._server.fuse,
            uncommitted=uncommitted,
            allowance=allowance,
            freed=transport.wake,
        )
        self._pace = pace_of(db, transport, allowance)
        self._line = Line(self._pace, Domains(allowance.per_domain))
        self._dispatch = Dispatch(
            self._line,
            self._recorder,
            self._server,
            tally,
            changed=self._note_level,
            wake=transport.wake,
        )
        self._returns = Returns(db, in_hand=self._in_hand)
        self._throughput = Throughput(time.monotonic())
        self._rung = asyncio.Event()
        self._low = asyncio.Event()
        self._low.set()
        self._no_claim = Outage(log, "claim_failed")
        self._no_holds = Outage(log, "holds_not_read")
        self._stopping = False
        self._composable = LARGEST_CLAIM
        self._per_second = 0.0

    @property
    def fault(self) -> Fault | None:
        """Why no mail is being sent, if that is so."""
        return self._server.fault

    @property
    def unknown_addresses(self) -> int:
        """How many of the last thousand letters were refused because their mailbox does not exist."""
        return self._server.fuse.unknown_addresses

    @property
    def unaccepted(self) -> Unaccepted | None:
        """What was refused since a letter was last accepted, if anything was."""
        return self._server.acceptance.unaccepted

    def ring(self) -> None:
        """Say that something may be ready."""
        self._rung.set()

    def _took_back(self, letters: int) -> None:
        self._tally.took_back(letters)
        self.ring()

    def stop(self) -> None:
        """Let `run` finish the letters under way, give the others back, and return."""
        self._stopping = True
        self._dispatch.stop()
        self._rung.set()
        self._low.set()

    async def recover(self) -> None:
        """Take back what dead owners were sending."""
        await self._tenure.recover()

    async def run(self) -> None:
        """Send until `stop`.

        Raises:
            Exception: what one of its tasks died of.
        """
        await self._tenure.begin()
        recording = asyncio.create_task(self._recorder.run())
        sending = asyncio.create_task(self._transport.run(self._dispatch))
        claiming = asyncio.create_task(self._claim_until_stopped())
        everything = {
            recording,
            sending,
            claiming,
            asyncio.create_task(self._look_for_holds()),
            asyncio.create_task(self._tenure.keep()),
        }
        if isinstance(self._pace, SharedPace):
            everything.add(asyncio.create_task(self._pace.borrow()))
        try:
            await asyncio.wait(everything, return_when=asyncio.FIRST_COMPLETED)
            if claiming.done() and claiming.exception() is None:
                await self._finish(recording, sending)
        finally:
            self._dispatch.stop()
            await self._transport.close()
            for task in everything:
                task.cancel()
            ended = await asyncio.gather(*everything, return_exceptions=True)
        for result in ended:
            if isinstance(result, Exception):
                raise result

    async def _finish(self, recording: asyncio.Task[None], sending: asyncio.Task[None]) -> None:
        """Let what is under way end and be recorded; a transport that breaks ends the waiting."""
        self._dispatch.sort_out()  # what a claim brought since `stop`
        await self._give_back()
        done = asyncio.create_task(self._dispatch.done())
        await asyncio.wait({done, sending}, return_when=asyncio.FIRST_COMPLETED)
        done.cancel()
        await self._give_back()
        self._recorder.end()
        await recording

    async def _claim_until_stopped(self) -> None:
        while not self._stopping:
            await self._low.wait()
            self._low.clear()
            self._rung.clear()
            await self._give_back()
            wait = self._server.wait()
            if wait <= 0:
                self._server.go_on()
                wait = await self._claim() if self._is_low() else 0.0
            if wait > 0 and not self._stopping:
                await self._sleep(wait)
                self._low.set()

    async def _claim(self) -> float:
        """Let letters line up. Return how many seconds to wait before the next claim."""
        lease = self._tenure.lease
        try:
            await self._returns.find_lost(lease.owner_id)
            claim = await claim_letters(
                self._db,
                self._bind,
                lease,
                limit=self._claim_size(),
                now=self._clock.now(),
                allowance=self._allowance,
            )
        except SQLAlchemyError as error:
            self._no_claim.failed(error)
            self._returns.doubt()
            return DATABASE_PAUSE_SECONDS
        self._no_claim.ended()
        self._dispatch.held = claim.held
        composed = max(1, len(claim.letters))  # one at least, or nothing would ever be claimed again
        self._composable = composed if claim.more else min(LARGEST_CLAIM, 2 * self._composable)
        now = time.monotonic()
        put_off = self._line.admit([Held(lease, letter, now) for letter in claim.letters], now)
        self._transport.wake()
        await self._returns.give(put_off)
        self._note_level()
        return claim.wait

    def _claim_size(self) -> int:
        """Return how many deliveries to claim: what the present pace takes in `AHEAD_SECONDS`.

        After a claim that there was no time to compose, no more than could be: digests differ, alerts do not.
        """
        self._per_second = self._throughput.per_second(self._recorder.recorded, time.monotonic())
        wanted = min(self._composable, max(self._pace.width, int(self._per_second * AHEAD_SECONDS)))
        allowed = self._pace.within(AHEAD_SECONDS)
        return wanted if allowed is None else max(1, min(wanted, allowed - len(self._line)))

    async def _sleep(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._rung.wait()

    def _note_level(self) -> None:
        """Ask for a claim when a connection may soon find no letter, and for some to be given back."""
        if self._dispatch.has_back:
            self._rung.set()
            self._low.set()
        elif not self._low.is_set() and self._is_low():
            self._low.set()

    def _is_low(self) -> bool:
        """Whether so few letters are in line that they would be gone before more could be claimed."""
        if len(self._line) > LARGEST_CLAIM:
            return False
        few = max(self._pace.width, min(LARGEST_CLAIM, int(self._per_second * AHEAD_SECONDS / 2)))
        soon = self._pace.within(AHEAD_SECONDS / 2)
        few = few if soon is None else min(few, soon)
        return self._line.ready(few + 1) <= few

    async def _look_for_holds(self) -> None:
        """Notice within a moment that somebody paused sending, and what has grown old in line."""
        while True:
            await asyncio.sleep(HOLD_LOOK_SECONDS)
            if not len(self._line):
                continue
            try:
                async with self._db.read() as conn:
                    held = await holds.mail_waits(conn, machine_now=machine_now())
            except SQLAlchemyError as error:
                self._no_holds.failed(error)
            else:
                self._no_holds.ended()
                self._dispatch.held = held
            self._dispatch.sort_out()

    async def _give_back(self) -> None:
        """Return what came out of the line to the queue, ready at once."""
        await self._returns.give({0: self._dispatch.came_back()})

    def _in_hand(self) -> set[int]:
        return self._dispatch.in_hand() | self._recorder.in_hand()


def pace_of(db: Database, transport: Transport, allowance: Allowance) -> Pace:
    """Return the pace of this process; where others send too, they share what the operator allows."""
    if db.is_sqlite or not allowance.per_second:
        return Pace(most=transport.capacity, per_second=allowance.per_second)
    return SharedPace(db, most=transport.capacity, per_second=allowance.per_second, lent=transport.wake)
