"""A connection that pipelines: a `Dialogue` over the transport of a session that aiosmtplib opened."""

import asyncio
from functools import partial

from notifier.delivery.refusal import Stage
from notifier.delivery.smtp_connection import LONGEST_IDLE, REFUSALS_PER_CONNECTION, Connection
from notifier.delivery.smtp_dialogue import Dialogue
from notifier.delivery.smtp_server import SmtpServer
from notifier.delivery.smtp_session import Owner
from notifier.delivery.smtp_trouble import Lost, OutOfStep, Stale, Trouble


class Pipeline(asyncio.Protocol):
    """Speaks to one server until it is closed. Its owner gives the letters and hears how each one ended."""

    def __init__(self, connection: Connection, server: SmtpServer, owner: Owner) -> None:
        self._connection = connection
        self._server = server
        self._owner = owner
        self._loop = asyncio.get_running_loop()
        self._dialogue = Dialogue(
            partial(owner.take, self),
            partial(owner.taken, self),
            partial(owner.ended, self),
            letters=server.letters_per_connection,
            refusals=REFUSALS_PER_CONNECTION,
        )
        self._heard_at = self._loop.time()
        self._closed = False
        self.plain = False
        self.idle_since = 0.0
        """When it was put aside; kept by the owner."""
        self._transport = connection.hand_over(self)

    def fit(self, now: float) -> bool:
        """Whether another letter may go over it; `now` is the owner's time."""
        open_still = not self._closed and not self._transport.is_closing()
        return open_still and self._dialogue.fit and now - self.idle_since <= LONGEST_IDLE

    def begin(self) -> bool:
        """Ask for a letter and begin it. Return whether there was one."""
        self._write(self._dialogue.go())
        return not self._dialogue.idle

    def leave(self) -> None:
        """Say QUIT and hang up without waiting for the answer: nothing depends on it."""
        if not self._closed and not self._transport.is_closing():
            self._transport.write(b"QUIT\r\n")
        self.close()

    def close(self) -> None:
        """Hang up: a letter under way ends as if the server had done so. Closing twice does nothing."""
        self._end(Lost(self._dialogue.stage or Stage.CONNECT, None, "Connection closed"))

    def retire(self) -> None:
        """Hang up after the reply that is being read: the server cannot be used."""
        self._dialogue.retire()

    def end_if_silent(self, now: float) -> None:
        """Give a server up that has not answered for too long at `now`, in the loop's time.

        Each answer has its own time, and only a whole one counts: a server could write a byte now and then
        for ever.
        """
        stage = self._dialogue.stage
        if stage is None:
            return
        patience = self._server.end_of_data_timeout if stage is Stage.CONTENT else self._server.timeout
        if now - self._heard_at > patience:
            self._end(OutOfStep(stage, None, f"no answer in {patience:g} s"))

    def data_received(self, data: bytes) -> None:
        """Take in an answer, and write what can follow it."""
        if self._closed:
            return
        answers = self._dialogue.answers
        try:
            out = self._dialogue.received(data, unwritten=self._transport.get_write_buffer_size())
            if out and not self._dialogue.retired:
                self._write(out)
            else:
                self._pause(answered=self._dialogue.answers > answers)
        except Trouble as trouble:
            self._end(trouble)
        except Exception as bug:  # would only be logged by the loop: the owner ends the process loudly
            self._owner.broke(bug)

    def eof_received(self) -> None:
        """Take note that the server will say nothing more; the transport closes by itself."""
        self.connection_lost(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """Take note that the connection is gone."""
        try:
            self._end(Lost(self._dialogue.stage or Stage.CONNECT, None, str(exc or "Connection lost")))
        except Exception as bug:
            self._owner.broke(bug)

    def _pause(self, *, answered: bool) -> None:
        """There is nothing to write now: part of an answer is missing, or there is no letter."""
        if answered:
            self._heard_at = self._loop.time()
        if self._dialogue.retired:
            self._end(Stale(Stage.SENDER, None, "Connection given up"))
        elif not self._dialogue.idle:
            return
        elif self._dialogue.fit:
            self._owner.idle(self)
        else:
            self.leave()

    def _write(self, out: bytes) -> None:
        self._heard_at = self._loop.time()
        if out:
            self._transport.write(out)

    def _end(self, trouble: Trouble) -> None:
        if self._closed:
            return
        self._closed = True
        if not self._dialogue.idle:
            self._transport.abort()  # closed in good order, it would wait for a server that reads no more
        self._connection.close()
        if isinstance(trouble, OutOfStep) and self._dialogue.pipelined:
            self._owner.out_of_step()
        self._owner.over(self, self._dialogue.lost(trouble))
