"""What can happen to an SMTP session, told apart by whether there was an answer and where.

This is the one place that knows what aiosmtplib, TLS and sockets raise.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from aiosmtplib import SMTPException, SMTPResponseException

from notifier.delivery.refusal import Stage


class Trouble(Exception):  # noqa: N818 - what happened to a session, not a class of bugs
    """A session did not go on after `stage`. `code` is the server's own, None where it gave none."""

    def __init__(self, stage: Stage, code: int | None, text: str) -> None:
        super().__init__(f"{stage}: {text}" if code is None else f"{stage}: {code} {text}")
        self.stage = stage
        self.code = code
        self.text = text


class Refused(Trouble):
    """The server said no (4xx, 5xx), or cannot be asked at all (`code` None)."""


class Lost(Trouble):
    """There is no answer, or none that means anything. After `Stage.CONTENT` the letter may be accepted."""


class OutOfStep(Lost):
    """The server is there, and answered nothing, or something else than was asked."""


class Stale(Trouble):
    """A kept connection had ended before this letter, of which nothing was taken: nobody is to blame."""


@contextmanager
def at(stage: Stage) -> Iterator[None]:
    """Turn what aiosmtplib, TLS and the socket raise into `Refused` or `Lost` at `stage`."""
    try:
        yield
    except SMTPResponseException as answer:
        if answer.code // 100 in (4, 5):
            raise Refused(stage, answer.code, answer.message) from answer
        raise Lost(stage, answer.code, f"unexpected answer: {answer.message}") from answer
    except (SMTPException, OSError) as lost:
        raise Lost(stage, None, str(lost) or type(lost).__name__) from lost
