"""Sending what is queued: claim and bind, send outside any transaction, record in groups.

At-least-once: a crash between the server's 250 and its record sends the same Message-ID again, for at most
`uncommitted` letters. Nothing is ever lost, because a claim is a lease that returns (decision 0006).
"""

import asyncio
import contextlib
import logging
import math
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError

from notifier import holds
from notifier.clock import Clock, machine_now
from notifier.db import Database, Rank
from notifier.delivery import outbox
from notifier.delivery.acceptance import Unaccepted
from notifier.delivery.allowance import Allowance
from notifier.delivery.claiming import claim_letters
from notifier.delivery.domains import Domains
from notifier.delivery.line import Held, Line
from notifier.delivery.model import AddressEnder, Binder, ServerFault, Transport
from notifier.delivery.pace import Pace, Throughput
from notifier.delivery.pressure import Sign
from notifier.delivery.recording import DATABASE_PAUSE_SECONDS, Recorder
from notifier.delivery.server_watch import Fault, ServerWatch
from notifier.delivery.tenure import Tenure

AHEAD_SECONDS = 2.0
"""How much of the present pace is claimed at once: what is claimed cannot be stopped by an unsubscribe."""

STALE_SECONDS = 3.0
"""A letter that waited so long since its claim is given back, and says what its reader wants by then."""

LARGEST_CLAIM = 500

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
    ) -> None:
        self._db = db
        self._transport = transport
        self._bind = bind
        self._clock = clock
        self._allowance = allowance
        self._server = ServerWatch(clock, paused=self.ring)
        self._tenure = Tenure(db, taken_back=self.ring)
        self._recorder = Recorder(
            db,
            end_address=end_address,
            clock=clock,
            fuse=self._server.fuse,
            uncommitted=uncommitted,
            allowance=allowance,
        )
        self._pace = Pace(most=transport.connections, per_second=allowance.per_second)
        self._line = Line(self._pace, Domains(allowance.per_domain), monotonic=time.monotonic)
        self._throughput = Throughput(time.monotonic())
        self._rung = asyncio.Event()
        self._low = asyncio.Event()
        self._low.set()
        self._stopping = False
        self._held = False
        self._composable = LARGEST_CLAIM

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

    def stop(self) -> None:
        """Let `run` finish the letters under way, give the others back, and return."""
        self._stopping = True
        self._rung.set()
        self._low.set()

    async def recover(self) -> None:
        """Take back what dead owners were sending."""
        await self._tenure.recover()

    async def run(self) -> None:
        """Send until `stop`."""
        await self._tenure.begin()
        recording = asyncio.create_task(self._recorder.run())
        looking = asyncio.create_task(self._look_for_holds())
        keeping = asyncio.create_task(self._tenure.keep())
        senders = [asyncio.create_task(self._send()) for _ in range(self._transport.connections)]
        claiming = asyncio.create_task(self._claim_until_stopped())
        everything = {recording, looking, keeping, claiming, *senders}
        try:
            await asyncio.wait(everything, return_when=asyncio.FIRST_COMPLETED)
            await self._finish(claiming, senders, recording)
        finally:
            for task in everything:
                task.cancel()
            ended = await asyncio.gather(*everything, return_exceptions=True)
            await self._transport.close()
        for result in ended:
            if isinstance(result, Exception):
                raise result

    async def _finish(
        self,
        claiming: asyncio.Task[None],
        senders: Sequence[asyncio.Task[None]],
        recording: asyncio.Task[None],
    ) -> None:
        if not (claiming.done() and claiming.exception() is None):
            return  # a task died: `run` raises what it died of
        self._line.close()
        await self._give_back_unfit()
        await asyncio.gather(*senders)
        self._recorder.end()
        await recording

    async def _claim_until_stopped(self) -> None:
        while not self._stopping:
            await self._low.wait()
            self._rung.clear()
            wait = self._server.wait()
            if wait <= 0:
                self._server.go_on()
                wait = await self._claim()
            if wait > 0 and not self._stopping:
                await self._sleep(wait)

    async def _claim(self) -> float:
        """Let letters line up. Return how many seconds to wait before the next claim."""
        await self._give_back_unfit()  # those whose domain was busy for too long
        lease = self._tenure.lease
        try:
            claim = await claim_letters(
                self._db,
                self._bind,
                lease,
                limit=self._claim_size(),
                now=self._clock.now(),
                allowance=self._allowance,
            )
        except SQLAlchemyError:
            log.exception("claim_failed")
            return DATABASE_PAUSE_SECONDS
        self._held = claim.held
        self._composable = len(claim.letters) if claim.more else min(LARGEST_CLAIM, 2 * self._composable)
        put_off: defaultdict[int, list[Held]] = defaultdict(list)
        for letter in claim.letters:
            held = Held(lease=lease, letter=letter, since=time.monotonic())
            if (seconds := self._line.admit(held)) > 0:
                put_off[math.ceil(seconds)].append(held)
        await self._give_back(put_off)
        self._note_level()
        return claim.wait

    def _claim_size(self) -> int:
        """Return how many deliveries to claim: what the present pace takes in `AHEAD_SECONDS`.

        After a claim that there was no time to compose, no more than could be: digests differ, alerts do not.
        """
        per_second = self._throughput.per_second(self._recorder.recorded, time.monotonic())
        wanted = min(self._composable, max(self._pace.width, int(per_second * AHEAD_SECONDS)))
        allowed = self._pace.within(AHEAD_SECONDS)
        return wanted if allowed is None else max(1, min(wanted, allowed - len(self._line)))

    async def _sleep(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._rung.wait(), seconds)

    def _note_level(self) -> None:
        """Ask for a claim when so few letters are in line that a sender may soon find none."""
        soon = self._pace.within(AHEAD_SECONDS / 2)
        few = self._pace.width if soon is None else min(self._pace.width, soon)
        if self._line.ready <= few and len(self._line) < LARGEST_CLAIM:
            self._low.set()
        else:
            self._low.clear()

    async def _look_for_holds(self) -> None:
        """Notice within a moment that somebody paused sending: what waits in line is given back."""
        while True:
            await asyncio.sleep(HOLD_LOOK_SECONDS)
            if not len(self._line):
                continue
            try:
                async with self._db.read() as conn:
                    self._held = await holds.mail_waits(conn, machine_now=machine_now())
            except SQLAlchemyError:
                log.exception("holds_not_read")
                continue
            if self._held:
                await self._give_back_unfit()

    async def _send(self) -> None:
        while (begun := await self._line.take()) is not None:
            held, sign = begun.held, Sign.NOTHING
            self._note_level()
            try:
                await self._recorder.place()
                sign = await self._hand_over(held)
            finally:
                self._line.end(begun, sign)

    async def _hand_over(self, held: Held) -> Sign:
        """Send a letter that has a place, or give it back. Return what came of it for the pace."""
        if not self._may_begin(held):  # asked last of all: a place may have been long in coming
            self._recorder.no_outcome()
            await self._give_back({0: [held]})
            await self._give_back_unfit()
            return Sign.NOTHING
        try:
            outcome = await self._transport.send(held.letter)
        except ServerFault as fault:
            self._recorder.no_outcome()
            sign = self._server.failed(fault)
            await self._give_back({0: [held]})
            await self._give_back_unfit()
            return sign
        sign = self._server.answered(outcome)
        self._recorder.add(outcome, held.lease.owner_id)
        return sign

    def _may_begin(self, held: Held) -> bool:
        # A lost lease never holds again: what was claimed under it is somebody else's by now. What was
        # claimed too long ago is bound anew, from what its reader wants now.
        fresh = time.monotonic() - held.since <= STALE_SECONDS and held.lease.holds(machine_now())
        return fresh and not self._stopping and not self._held and self._server.wait() <= 0

    async def _give_back_unfit(self) -> None:
        """Return every letter in line that may not begin any more."""
        await self._give_back({0: self._line.take_out(lambda one: not self._may_begin(one))})
        self._note_level()

    async def _give_back(self, back: Mapping[int, Sequence[Held]]) -> None:
        """Return unsent letters, by the seconds after which they are ready again; 0: at once.

        A database that refuses now gets them back by the lease.
        """
        if not any(back.values()):
            return
        now = machine_now()
        try:
            async with self._db.write(Rank.OUTCOMES) as conn:
                for seconds, some in back.items():
                    next_at = now + timedelta(seconds=seconds) if seconds else None
                    for owner_id in {one.lease.owner_id for one in some}:
                        mine = [one.letter.delivery_id for one in some if one.lease.owner_id == owner_id]
                        await outbox.release(conn, mine, owner_id=owner_id, next_at=next_at)
        except SQLAlchemyError:
            count = sum(len(some) for some in back.values())
            log.exception("letters_not_given_back", extra={"count": count})
