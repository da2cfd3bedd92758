"""Hands letters to the next mail server over a few kept connections (the `Transport` of `model.py`).

Who is to blame is decided in `refusal.py`, when to leave the server alone in `breaker.py`; what an SMTP
session is, `smtp_connection.py` knows. Once an answer has come, nothing here waits any more: a cancelled
`send` cannot lose an acceptance that was already read.
"""

import asyncio
import ssl
import time
from collections import deque
from collections.abc import Callable

from notifier.delivery.breaker import SHORTEST_PAUSE, Breaker
from notifier.delivery.model import Letter, Outcome, ServerFault, Verdict
from notifier.delivery.pressure import is_pressure
from notifier.delivery.refusal import Stage, is_server_fault, judge, reply_line
from notifier.delivery.smtp_connection import Connection
from notifier.delivery.smtp_server import SmtpServer
from notifier.delivery.smtp_trouble import Lost, Refused, Stale, Trouble
from notifier.settings import Security

REMEMBERED_SUSPECTS = 1_000
"""Letters during which a session broke; far more than can be under way while a server is in trouble."""


class SmtpPool:
    """Keeps up to `server.connections` connections, opened when needed and used by one letter at a time."""

    def __init__(self, server: SmtpServer, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._server = server
        # Made once: reading the machine's certificates for each connection would cost more than the letter.
        self._tls = tls_of(server)
        self._monotonic = monotonic
        self._places = asyncio.Semaphore(server.connections)
        self._idle: list[Connection] = []
        self._busy: set[Connection] = set()
        self._breaker = Breaker()
        self._last_fault = ""
        self._suspects: deque[int] = deque(maxlen=REMEMBERED_SUSPECTS)
        self._closed = False

    @property
    def connections(self) -> int:
        """How many letters may be under way at once."""
        return self._server.connections

    async def send(self, letter: Letter) -> Outcome:
        """Send `letter` and return what came of it.

        If a session breaks in the middle of a letter's envelope or data, or the server says there that it
        cannot be used (530 …), that is the server's fault the first time. The second time over the same
        letter it is the letter's: RETRY, counted, so that one mail that crashes a server's filter, or that it
        will not relay, does not hold up all others for ever.

        Raises:
            ServerFault: the server cannot be used; the letter was certainly not accepted.
        """
        async with self._places:
            wait = self._breaker.wait(self._monotonic())
            if self._closed:
                raise ServerFault("The connections are closed", retry_after=SHORTEST_PAUSE)
            if wait > 0:
                raise ServerFault(self._last_fault, retry_after=wait)
            kept = self._take_kept()
            if kept is not None:
                try:
                    return await self._send_over(kept, letter)
                except Stale:
                    pass  # The kept connection had ended; the letter goes over a new one at once.
            return await self._send_over(await self._open(), letter)

    async def close(self) -> None:
        """Close every connection; a letter under way ends as if the server had hung up."""
        self._closed = True
        for connection in self._idle:
            connection.leave()
        for connection in self._busy:
            connection.close()
        self._idle.clear()
        await asyncio.sleep(0)  # lets the loop close the sockets

    def _take_kept(self) -> Connection | None:
        """Return the kept connection used last, so that those not needed grow old and are dropped."""
        now = self._monotonic()
        while self._idle:
            connection = self._idle.pop()
            if connection.fit(now):
                return connection
            connection.leave()
        return None

    async def _open(self) -> Connection:
        try:
            return await Connection.open(self._server, tls=self._tls)
        except (Refused, Lost) as trouble:
            raise self._fault(trouble) from trouble

    async def _send_over(self, connection: Connection, letter: Letter) -> Outcome:
        self._busy.add(connection)
        try:
            outcome = await self._exchange(connection, letter)
        except BaseException:
            connection.close()
            raise
        finally:
            self._busy.discard(connection)
        self._put_aside(connection)
        return outcome

    async def _exchange(self, connection: Connection, letter: Letter) -> Outcome:
        try:
            answer = await connection.deliver(letter)
        except Refused as refused:
            if is_server_fault(refused.stage, refused.code):
                connection.close()
                return self._broken_off(letter, refused)
            if refused.code is None:  # Found on our side, so it says nothing about the server.
                return _outcome(letter, Verdict.FAILED, None, refused.text)
            self._breaker.worked()
            verdict = judge(refused.code, refused.text, stage=refused.stage)
            return _outcome(letter, verdict, refused.code, refused.text)
        except Lost as lost:
            connection.close()
            if lost.stage is not Stage.CONTENT:
                return self._broken_off(letter, lost)
            self._fault(lost)
            return _outcome(letter, Verdict.DOUBTFUL, lost.code, f"Not known if accepted: {lost.text}")

        self._breaker.worked()
        return _outcome(letter, Verdict.ACCEPTED, answer.code, answer.message)

    def _put_aside(self, connection: Connection) -> None:
        connection.idle_since = self._monotonic()
        if connection.fit(connection.idle_since) and not self._closed:
            self._idle.append(connection)
        else:
            connection.leave()

    def _broken_off(self, letter: Letter, trouble: Trouble) -> Outcome:
        """Raise the server's fault, or return RETRY if this letter has broken a session before."""
        its_own = trouble.stage is not Stage.SENDER
        if its_own and letter.delivery_id in self._suspects:
            return _outcome(letter, Verdict.RETRY, trouble.code, trouble.text)
        if its_own:
            self._suspects.append(letter.delivery_id)
        raise self._fault(trouble) from trouble

    def _fault(self, trouble: Trouble) -> ServerFault:
        """Tell the breaker, and return the fault in words for operators."""
        self._last_fault = reply_line(f"{self._server.host}:{self._server.port} at {trouble}")
        return ServerFault(
            self._last_fault,
            retry_after=self._breaker.failed(self._monotonic()),
            pressed=is_pressure(trouble.stage, trouble.code, trouble.text),
        )


def tls_of(server: SmtpServer) -> ssl.SSLContext | None:
    """Return how connections to a server are encrypted; None: they are not."""
    return None if server.security is Security.PLAIN else server.tls or ssl.create_default_context()


def _outcome(letter: Letter, verdict: Verdict, code: int | None, text: str) -> Outcome:
    return Outcome(letter=letter, verdict=verdict, code=code, reply=reply_line(text))
