"""What the tests of sending share: letters, and a time that is moved by hand."""

from collections.abc import Callable

from notifier.delivery.errand import Errand
from notifier.delivery.model import Letter, Outcome
from notifier.delivery.smtp import SmtpPool
from notifier.delivery.wire import data_of


class Pool:
    """A pool that is given letters one by one."""

    def __init__(self, pool: SmtpPool) -> None:
        self.pool = pool
        self._errand = Errand(pool)
        self._running = False

    async def send(self, letter: Letter) -> Outcome:
        if not self._running:
            self._running = True
            await self._errand.__aenter__()
        return await self._errand.send(letter)

    async def close(self) -> None:
        if self._running:
            await self._errand.__aexit__(None, None, None)


MakePool = Callable[..., Pool]

ENVELOPE = ["MAIL", "RCPT", "DATA", "."]
"""What the server sees of one letter that it takes."""


class HandTime:
    """A monotonic time that the test moves."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


def letter(
    name: str = "ada", *, number: int = 1, content: bytes = b"Subject: Test\r\n\r\nHello\r\n"
) -> Letter:
    """Return a letter to `name`@example.org; the server's script goes by that name."""
    return Letter(
        delivery_id=number,
        subscriber_id=number,
        attempts=0,
        doubtful=0,
        sender=f"bounces+{number}@notifier.example",
        recipient=f"{name}@example.org",
        parts=(data_of(content),),
    )
