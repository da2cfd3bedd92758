"""Sending what is queued: claim and bind, send outside any transaction, record in groups.

At-least-once: a crash between the server's 250 and its record sends the same Message-ID again, for at most
`uncommitted` letters. Nothing is ever lost, because a claim is a lease that returns (decision 0006).
"""

import asyncio
import contextlib
import logging
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from notifier.clock import Clock, machine_now
from notifier.db import Database, Rank
from notifier.delivery import outbox, owners
from notifier.delivery.acceptance import Acceptance, Unaccepted
from notifier.delivery.claiming import claim_letters
from notifier.delivery.fuse import Fuse
from notifier.delivery.model import AddressEnder, Binder, Letter, Outcome, ServerFault, Transport, Verdict
from notifier.delivery.recording import DATABASE_PAUSE_SECONDS, Recorder

AHEAD_SECONDS = 2.0
"""How much of the present pace is claimed at once: what is claimed cannot be stopped by an unsubscribe."""

STALE_SECONDS = 3.0
"""A letter that waited so long since its claim is given back, and says what its reader wants by then."""

LARGEST_CLAIM = 500

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
    ) -> None:
        self._db = db
        self._transport = transport
        self._bind = bind
        self._clock = clock
        self._fuse = Fuse()
        self._acceptance = Acceptance()
        self._lease = owners.Lease(0, machine_now())
        self._recorder = Recorder(
            db,
            end_address=end_address,
            clock=clock,
            fuse=self._fuse,
            uncommitted=uncommitted,
        )
        self._letters: asyncio.Queue[_Held | None] = asyncio.Queue()
        self._rung = asyncio.Event()
        self._low = asyncio.Event()
        self._low.set()
        self._stopping = False
        self._pace = _Pace()
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

    async def run(self) -> None:
        """Send until `stop`."""
        await self._take_lease()
        recording = asyncio.create_task(self._recorder.run())
        renewing = asyncio.create_task(self._renew())
        senders = [asyncio.create_task(self._send()) for _ in range(self._transport.connections)]
        claiming = asyncio.create_task(self._claim_until_stopped())
        everything = {recording, renewing, claiming, *senders}
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
        for _ in senders:
            self._letters.put_nowait(None)
        await asyncio.gather(*senders)
        self._recorder.end()
        await recording

    async def _take_lease(self) -> None:
        async with self._db.write(Rank.OUTCOMES) as conn:
            if self._db.is_sqlite:
                await owners.expire_all(conn, machine_now=machine_now())
            self._lease = await owners.register(conn, host=socket.gethostname(), machine_now=machine_now())
        await self.recover()

    async def recover(self) -> None:
        """Take back what dead owners were sending."""
        async with self._db.write(Rank.OUTCOMES) as conn:
            count = await owners.take_back(conn, machine_now=machine_now())
        if count:
            log.warning("sending_taken_back", extra={"count": count})
            self.ring()

    async def _renew(self) -> None:
        while True:
            await owners.sleep_until_renewal()
            try:
                await self._renew_or_take()
            except SQLAlchemyError:
                log.exception("lease_not_renewed")

    async def _renew_or_take(self) -> None:
        try:
            async with self._db.write(Rank.OUTCOMES) as conn:
                await owners.renew(conn, self._lease, machine_now=machine_now())
        except owners.Lost:
            log.warning("lease_lost")
            await self._take_lease()

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
        """Queue letters for the senders. Return how many seconds to wait before the next claim."""
        lease = self._lease
        limit = self._pace.claim_size(self._recorder.recorded, least=self._transport.connections)
        try:
            letters, wait = await claim_letters(
                self._db, self._bind, lease, limit=limit, now=self._clock.now()
            )
        except SQLAlchemyError:
            log.exception("claim_failed")
            return DATABASE_PAUSE_SECONDS
        for letter in letters:
            self._letters.put_nowait(_Held(lease=lease, letter=letter, since=time.monotonic()))
        self._note_level()
        return wait

    async def _sleep(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._rung.wait(), seconds)

    def _note_level(self) -> None:
        if self._letters.qsize() <= self._transport.connections:
            self._low.set()
        else:
            self._low.clear()

    async def _send(self) -> None:
        while (held := await self._letters.get()) is not None:
            self._note_level()
            await self._recorder.place()
            if not self._may_begin(held):  # asked last of all: a place may have been long in coming
                self._recorder.no_outcome()
                await self._give_back(held)
                continue
            try:
                outcome = await self._transport.send(held.letter)
            except ServerFault as fault:
                self._recorder.no_outcome()
                self._pause(fault.reason, fault.retry_after)
                await self._give_back(held)
                continue
            self._judge(outcome)
            self._recorder.add(outcome, held.lease.owner_id)

    def _may_begin(self, held: "_Held") -> bool:
        now = time.monotonic()
        # A lost lease never holds again: what was claimed under it is somebody else's by now. What was
        # claimed too long ago is bound anew, from what its reader wants now.
        fresh = now - held.since <= STALE_SECONDS and held.lease.holds(machine_now())
        return fresh and not self._stopping and now >= self._resume_at

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

    async def _give_back(self, held: "_Held") -> None:
        """Return an unsent letter, and all that wait behind it for the same reason.

        A database that refuses now gets them back by the lease.
        """
        back = [held]
        while not self._letters.empty():
            after = self._letters.get_nowait()
            if after is None or self._may_begin(after):
                self._letters.put_nowait(after)
                break
            back.append(after)
        self._note_level()
        try:
            async with self._db.write(Rank.OUTCOMES) as conn:
                for owner_id in {one.lease.owner_id for one in back}:
                    mine = [one.letter.delivery_id for one in back if one.lease.owner_id == owner_id]
                    await outbox.release(conn, mine, owner_id=owner_id)
        except SQLAlchemyError:
            log.exception("letters_not_given_back", extra={"count": len(back)})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """A letter that waits for a sender: the lease it was claimed under, and since when (monotonic)."""

    lease: owners.Lease
    letter: Letter
    since: float


class _Pace:
    """How fast outcomes come, and so how much is claimed ahead."""

    def __init__(self) -> None:
        self._at = time.monotonic()
        self._recorded = 0

    def claim_size(self, recorded: int, *, least: int) -> int:
        """Return how many deliveries to claim, `recorded` outcomes into this process's life."""
        now = time.monotonic()
        per_second = (recorded - self._recorded) / max(now - self._at, 0.001)
        self._at, self._recorded = now, recorded
        return max(least, min(LARGEST_CLAIM, int(per_second * AHEAD_SECONDS)))
