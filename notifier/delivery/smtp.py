"""Hands letters to the next mail server over a few kept connections (the `Transport` of `model.py`).

A connection pipelines (`smtp_pipeline.py`) where the server offers it and keeps its word, else it goes
command by command (`smtp_plain.py`). Who is to blame is decided in `smtp_judge.py`.
"""

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence

from notifier.delivery.breaker import SHORTEST_PAUSE
from notifier.delivery.connection_limit import ConnectionLimit
from notifier.delivery.model import Letter, Outcome, ServerFault, Supply
from notifier.delivery.refusal import is_server_fault
from notifier.delivery.smtp_connection import Connection
from notifier.delivery.smtp_dialogue import Ended, Taken, can_pipeline
from notifier.delivery.smtp_judge import Judge
from notifier.delivery.smtp_opening import Opening
from notifier.delivery.smtp_pipeline import Pipeline
from notifier.delivery.smtp_plain import PlainSession
from notifier.delivery.smtp_server import SmtpServer
from notifier.delivery.smtp_session import Session
from notifier.delivery.smtp_trouble import Refused, Trouble
from notifier.delivery.smtp_trust import PLAIN_SECONDS, PipeliningTrust
from notifier.delivery.tally import DeliveryTally

LOOK_SECONDS = 1.0
"""How often it is looked whether a server has fallen silent."""

log = logging.getLogger(__name__)


class SmtpPool:
    """Keeps up to `server.connections` connections, opened when there is a letter for them."""

    def __init__(
        self,
        server: SmtpServer,
        tally: DeliveryTally | None = None,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._server = server
        self._tally = tally or DeliveryTally()
        self._monotonic = monotonic
        self._judge = Judge(server, monotonic=monotonic)
        self._trust = PipeliningTrust()
        self._limit = ConnectionLimit(server.connections)
        self._too_many: Trouble | None = None
        self._supply: Supply | None = None
        self._sessions: set[Session] = set()
        self._idle: list[Session] = []
        self._opening = Opening(server, opened=self._begin, refused=self._not_opened, over=self._is_open)
        self._odd: deque[Letter] = deque()
        self._probing: Session | asyncio.Task[None] | None = None
        self._probe_began = False
        self._closed = asyncio.Event()
        self._bug: BaseException | None = None

    @property
    def capacity(self) -> int:
        """How many letters may be under way at once: on each connection one, and one behind it."""
        return 2 * self._server.connections

    async def run(self, supply: Supply) -> None:
        """Send what `supply` has, until `close`.

        Raises:
            Exception: a mistake of our own.
        """
        self._supply = supply
        pause = min(LOOK_SECONDS, self._server.timeout / 4, self._server.end_of_data_timeout / 4)
        self.wake()
        while not self._closed.is_set() and self._bug is None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._closed.wait()
            now = asyncio.get_running_loop().time()
            for session in tuple(self._sessions):
                session.end_if_silent(now)
        if self._bug is not None:
            raise self._bug

    def wake(self) -> None:
        """Say that a letter may be ready: idle connections take it, or new ones are opened."""
        supply = self._supply
        if supply is None or not (supply.ready or self._odd):
            return
        if self._closed.is_set():
            supply.failed(ServerFault("The connections are closed", retry_after=SHORTEST_PAUSE))
        elif self._judge.trusting:
            self._feed_idle(supply)
            self._open_missing(supply)
        elif self._probing is None:
            self._try_one(supply)

    async def close(self) -> None:
        """Close every connection; a letter under way ends as if the server had hung up."""
        self._closed.set()
        self._opening.cancel()
        for session in tuple(self._idle):
            session.leave()
        for session in tuple(self._sessions):
            session.close()
        await asyncio.sleep(0)  # lets the loop close the sockets

    # What follows is the pool as `Owner` of its sessions.

    def take(self, session: Session) -> Letter | None:
        """Return the next letter that may begin now over `session`."""
        if self._closed.is_set():
            return None
        if not self._judge.trusting:
            return self._probe_letter(session)
        if session.plain and self._odd:
            return self._odd.popleft()
        while (letter := self._supplied.next()) is not None:
            if session.plain or can_pipeline(letter):
                return letter
            self._odd.append(letter)
            self._wake_soon()
        return None

    def taken(self, session: Session, taken: Taken) -> None:
        """Hear that the server took a letter."""
        if taken.rode:
            self._trust.kept()
        self._supplied.ended(self._judge.accepted(taken.letter, taken.code, taken.text))
        if self._probing is not None:
            self._no_more_probe(session)

    def ended(self, session: Session, end: Ended) -> None:
        """Hear that a letter's way ended in trouble."""
        trouble = end.trouble
        if not isinstance(trouble, Refused) or is_server_fault(trouble.stage, trouble.code):
            session.retire()
        result = self._judge.troubled(end.letter, trouble)
        if isinstance(result, Outcome):
            self._supplied.ended(result)
        else:
            self._tally.faults += 1
            self._supplied.returned(end.letter, result)
        self._no_more_probe(session)

    def idle(self, session: Session) -> None:
        """Hear that a session has no letter any more and could take one."""
        session.idle_since = self._monotonic()
        self._idle.append(session)
        self._count_sessions()
        self._no_more_probe(session)
        self._wake_soon()

    def over(self, session: Session, unbegun: Sequence[Letter]) -> None:
        """Hear that a session has ended; nothing was taken of the letters `unbegun`."""
        self._sessions.discard(session)
        if session in self._idle:
            self._idle.remove(session)
        self._count_sessions()
        for letter in unbegun:
            self._supplied.returned(letter, None)
        self._no_more_probe(session)
        self._wake_soon()

    def out_of_step(self) -> None:
        """Hear that a server did not answer what was pipelined, or answered something else."""
        if self._trust.lost(self._monotonic()):
            log.warning("pipelining_given_up", extra={"seconds": PLAIN_SECONDS})

    def broke(self, bug: BaseException) -> None:
        """Hear of a mistake of our own: it ends `run`."""
        self._bug = bug
        self._closed.set()

    @property
    def _supplied(self) -> Supply:
        assert self._supply is not None  # noqa: S101 - there is no session before `run`
        return self._supply

    @property
    def _connections(self) -> int:
        return len(self._sessions) + len(self._opening)

    def _count_sessions(self) -> None:
        self._tally.connected(len(self._sessions), idle=len(self._idle))

    def _wake_soon(self) -> None:
        asyncio.get_running_loop().call_soon(self.wake)

    def _probe_letter(self, session: Session) -> Letter | None:
        """Return the one letter that tries a server out, to the session that was opened for it."""
        if session is not self._probing or self._probe_began:
            return None
        letter = self._supplied.next()
        self._probe_began = letter is not None
        return letter

    def _no_more_probe(self, session: Session | asyncio.Task[None]) -> None:
        if self._probing is session:
            self._probing = None
            self._probe_began = False
            self._wake_soon()

    def _feed_idle(self, supply: Supply) -> None:
        """Let idle connections begin letters, that used last first, so that those not needed grow old."""
        now = self._monotonic()
        if self._odd:  # only a plain one takes these: it goes first
            self._idle.sort(key=lambda session: session.plain)
        while self._idle and (supply.ready or self._odd):
            session = self._idle.pop()
            if not session.fit(now) or not (session.plain or self._trust.holds(now)):
                session.leave()
            elif not session.begin():
                self._idle.append(session)
                break
        self._count_sessions()

    def _open_missing(self, supply: Supply) -> None:
        free = max(0, self._limit.at(self._monotonic()) - self._connections)
        if self._odd and not self._opening.plain and not any(session.plain for session in self._sessions):
            if not free and self._idle:
                self._idle[0].leave()
            elif free:
                self._opening.begin(plain=True)
                free -= 1
        for _ in range(min(free, supply.ready - len(self._opening))):
            self._opening.begin()

    def _try_one(self, supply: Supply) -> None:
        """Let one letter find out, over a new connection, whether the server works again."""
        for letter in self._odd:
            supply.returned(letter, None)
        self._odd.clear()
        fault = self._judge.keeps_away()
        if fault is not None:
            supply.failed(fault)
            return
        for session in tuple(self._idle):  # of before the trouble
            session.leave()
        self._probing = self._opening.begin()

    def _begin(self, connection: Connection, plain: bool) -> None:
        pipelines = connection.offers_pipelining and self._trust.holds(self._monotonic()) and not plain
        session = Pipeline(connection, self._server, self) if pipelines else PlainSession(connection, self)
        self._sessions.add(session)
        self._limit.opened(len(self._sessions))
        self._count_sessions()
        if self._probing is asyncio.current_task():
            self._probing = session
        if not session.begin():
            self.idle(session)

    def _not_opened(self, trouble: Trouble) -> None:
        """Keep what works: a connection that is one too many is no trouble of the others."""
        self._tally.faults += 1
        others = self._connections
        if others and self._judge.trusting:
            self._limit.refused(others, self._monotonic())
            self._too_many = trouble
        else:
            self._limit.forget()
            self._too_many = None
            self._supplied.failed(self._judge.fault(trouble))

    def _tell_of_fewer(self) -> None:
        """Say how many connections are left, once it is clear."""
        if self._too_many is not None and not self._opening:
            extra = {"connections": len(self._sessions), "reason": self._judge.reason(self._too_many)}
            self._too_many = None
            log.warning("fewer_connections", extra=extra)

    def _is_open(self, task: asyncio.Task[None], bug: BaseException | None) -> None:
        self._tell_of_fewer()
        if bug is not None:
            self.broke(bug)
        self._no_more_probe(task)
        self._wake_soon()
