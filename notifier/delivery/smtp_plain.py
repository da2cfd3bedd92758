"""A connection without pipelining: one command at a time, by aiosmtplib.

For servers that do not offer it or do it wrongly, and for addresses beyond what a command holds as it is.
"""

import asyncio
from collections.abc import Sequence

from notifier.delivery.model import Letter
from notifier.delivery.smtp_connection import LONGEST_IDLE, Connection
from notifier.delivery.smtp_dialogue import Ended, Taken
from notifier.delivery.smtp_session import Owner
from notifier.delivery.smtp_trouble import Lost, Refused, Stale


class PlainSession:
    """Sends one letter after the other until there is none. The other kind of `Session`."""

    def __init__(self, connection: Connection, owner: Owner) -> None:
        self._connection = connection
        self._owner = owner
        self._task: asyncio.Task[None] | None = None
        self._over = False
        self.plain = True
        self.idle_since = 0.0

    def fit(self, now: float) -> bool:
        """Whether another letter may go over it; an EOF that came while it lay idle is seen here."""
        return self._connection.usable and now - self.idle_since <= LONGEST_IDLE

    def begin(self) -> bool:
        """Ask for a letter and begin it. Return whether there was one."""
        letter = self._owner.take(self)
        if letter is None:
            return False
        self._task = asyncio.create_task(self._work(letter))
        return True

    def end_if_silent(self, now: float) -> None:
        """Do nothing: aiosmtplib keeps the time of every answer."""

    def retire(self) -> None:
        """Hang up: nothing is being read while its owner hears of an end."""
        self._connection.close()

    def leave(self) -> None:
        """Say QUIT and hang up without waiting for the answer: nothing depends on it."""
        self._connection.leave()
        self._end(())

    def close(self) -> None:
        """Hang up; a letter under way ends by what aiosmtplib makes of that."""
        self._connection.close()
        if self._task is None:
            self._end(())

    async def _work(self, letter: Letter) -> None:
        try:
            await self._send_all(letter)
        except Exception as bug:
            self._owner.broke(bug)

    async def _send_all(self, first: Letter) -> None:
        letter: Letter | None = first
        while letter is not None:
            try:
                await self._send(letter)
            except Stale:
                self._end((letter,))
                return
            letter = self._owner.take(self) if self._connection.usable else None
        self._task = None
        if self._connection.usable:
            self._owner.idle(self)
        else:
            self.leave()

    async def _send(self, letter: Letter) -> None:
        try:
            answer = await self._connection.deliver(letter)
        except (Refused, Lost) as trouble:
            self._owner.ended(self, Ended(letter, trouble))
        except Stale:
            self._connection.close()
            raise
        else:
            self._owner.taken(self, Taken(letter, answer.code, answer.message, rode=False))

    def _end(self, unbegun: Sequence[Letter]) -> None:
        if not self._over:
            self._over = True
            self._owner.over(self, unbegun)
