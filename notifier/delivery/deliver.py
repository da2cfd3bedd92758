"""Sending what is queued: claim and bind, send outside any transaction, record in groups.

At-least-once: a crash between the server's 250 and its record sends the same Message-ID again, for at most
`uncommitted` letters. Nothing is ever lost, because a claim is a lease that returns (decision 0006).
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from notifier import holds
from notifier.clock import Clock, machine_now
from notifier.db import Database, Rank
from notifier.delivery import outbox
from notifier.delivery.acceptance import Acceptance, Unaccepted
from notifier.delivery.allowance import Allowance
from notifier.delivery.claiming import claim_letters
from notifier.delivery.domains import Domains
from notifier.delivery.fuse import Fuse
from notifier.delivery.line import Held, Line
from notifier.delivery.model import AddressEnder, Binder, Outcome, ServerFault, Transport, Verdict
from notifier.delivery.pace import Pace, Throughput
from notifier.delivery.pressure import Pressure, Sign
from notifier.delivery.recording import DATABASE_PAUSE_SECONDS, Recorder
from notifier.delivery.tenure import Tenure

AHEAD_SECONDS = 2.0
"""How much of the present pace is claimed at once: what is claimed cannot be stopped by an unsubscribe."""

STALE_SECONDS = 3.0
"""A letter that waited so long since its claim is given back, and says what its reader wants by then."""

LARGEST_CLAIM = 500

HOLD_LOOK_SECONDS = 1.0
"""How often it is asked, while letters wait in line, whether somebody paused sending."""

FUSE_PAUSE_SECONDS = 3600.0
"""How long nothing is sent after the server blamed suspiciously many addresses."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why nothing is being sent, and since when (calendar time)."""

    reason: str
    since: datetime


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
        self._fuse = Fuse()
        self._acceptance = Acceptance()
        self._tenure = Tenure(db, taken_back=self.ring)
        self._recorder = Recorder(
            db,
            end_address=end_address,
            clock=clock,
            fuse=self._fuse,
            uncommitted=uncommitted,
            allowance=allowance,
        )
        self._pace = Pace(most=transport.connections, per_second=allowance.per_second)
        self._pressure = Pressure()
        self._line = Line(self._pace, Domains(allowance.per_domain), monotonic=time.monotonic)
        self._throughput = Throughput(time.monotonic())
        self._rung = asyncio.Event()
        self._low = asyncio.Event()
        self._low.set()
        self._stopping = False
        self._held = False
        self._resume_at = 0.0
        self.fault: Fault | None = None

    @property
    def unknown_addresses(self) -> int:
        """How many of the last thousand letters were refused because their mailbox does not exist."""
        return self._fuse.unknown_addresses

    @property
    def unaccepted(self) -> Unaccepted | None:
        """What was refused since a letter was last accepted, if anything was."""
        return self._acceptance.unaccepted

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
            wait = self._resume_at - time.monotonic()
            if wait <= 0:
                if self._fuse.blown:  # its pause is over: count anew
                    self._fuse.replace()
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
        put_off: dict[float, list[Held]] = {}
        for letter in claim.letters:
            held = Held(lease=lease, letter=letter, since=time.monotonic())
            if (seconds := self._line.admit(held)) > 0:
                put_off.setdefault(round(seconds, 1), []).append(held)
        for seconds, some in put_off.items():
            await self._give_back(some, after=timedelta(seconds=seconds))
        self._note_level()
        return claim.wait

    def _claim_size(self) -> int:
        """Return how many deliveries to claim: what the present pace takes in `AHEAD_SECONDS`."""
        per_second = self._throughput.per_second(self._recorder.recorded, time.monotonic())
        wanted = min(LARGEST_CLAIM, max(self._pace.width, int(per_second * AHEAD_SECONDS)))
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
            await self._give_back([held])
            await self._give_back_unfit()
            return Sign.NOTHING
        try:
            outcome = await self._transport.send(held.letter)
        except ServerFault as fault:
            self._recorder.no_outcome()
            self._pause(fault.reason, fault.retry_after)
            await self._give_back([held])
            await self._give_back_unfit()
            return Sign.PRESSED if fault.pressed else Sign.NOTHING
        self._judge(outcome)
        self._recorder.add(outcome, held.lease.owner_id)
        return self._pressure.sign(outcome)

    def _may_begin(self, held: Held) -> bool:
        now = time.monotonic()
        # A lost lease never holds again: what was claimed under it is somebody else's by now. What was
        # claimed too long ago is bound anew, from what its reader wants now.
        fresh = now - held.since <= STALE_SECONDS and held.lease.holds(machine_now())
        return fresh and not self._stopping and not self._held and now >= self._resume_at

    def _judge(self, outcome: Outcome) -> None:
        self._acceptance.note(outcome, now=self._clock.now())
        # A letter put off is no proof that the server works again.
        if outcome.verdict not in (Verdict.RETRY, Verdict.DOUBTFUL):
            self.fault = None
        self._fuse.note(bad_address=outcome.verdict is Verdict.BAD_ADDRESS)
        if self._fuse.blown:
            self._pause("the mail server calls suspiciously many addresses unknown", FUSE_PAUSE_SECONDS)

    def _pause(self, reason: str, seconds: float) -> None:
        self._resume_at = max(self._resume_at, time.monotonic() + seconds)
        self._rung.set()  # so that the next claim is made when the pause ends, not at the next poll
        if self.fault is None:
            self.fault = Fault(reason=reason, since=self._clock.now())
            log.warning("sending_paused", extra={"reason": reason, "seconds": seconds})

    async def _give_back_unfit(self) -> None:
        """Return every letter in line that may not begin any more."""
        await self._give_back(self._line.take_out(lambda one: not self._may_begin(one)))
        self._note_level()

    async def _give_back(self, back: Sequence[Held], *, after: timedelta | None = None) -> None:
        """Return unsent letters, ready at once or after a while.

        A database that refuses now gets them back by the lease.
        """
        if not back:
            return
        next_at = None if after is None else machine_now() + after
        try:
            async with self._db.write(Rank.OUTCOMES) as conn:
                for owner_id in {one.lease.owner_id for one in back}:
                    mine = [one.letter.delivery_id for one in back if one.lease.owner_id == owner_id]
                    await outbox.release(conn, mine, owner_id=owner_id, next_at=next_at)
        except SQLAlchemyError:
            log.exception("letters_not_given_back", extra={"count": len(back)})
