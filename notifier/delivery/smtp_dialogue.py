"""One SMTP session that pipelines (RFC 2920): which bytes to write, and which letter a reply speaks of. Pure.

The envelope of the next letter rides behind the final dot of the one before, so that a mail costs one round
trip. One body is under way at a time, and none is written unless the server said yes to its own MAIL, RCPT
and DATA. Replies are matched strictly in order. Whether the next letter may begin is asked *before* its
envelope is written: once DATA is accepted there is no way back but to send the body or drop the connection,
since a lone dot would deliver an empty mail.

Nothing here touches a socket or a clock: bytes come in, bytes go out.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum, auto

from notifier.delivery.model import Letter
from notifier.delivery.refusal import Stage
from notifier.delivery.smtp_replies import NoReplyError, Replies, Reply
from notifier.delivery.smtp_trouble import OutOfStep, Refused, Stale, Trouble

_START_INPUT = 354
_CLOSING = 421
_LONE_DOT = b".\r\n"
# What stands in a command as it is; anything else is the business of a library (`smtp_connection.py`).
_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.\[\]:-]{1,255}")


class _Awaits(IntEnum):
    """What a letter's way through the session waits for."""

    RESET = auto()
    SENDER = auto()
    RECIPIENT = auto()
    DATA = auto()
    BODY = auto()
    """Nothing from the server: it is for us to write the body."""
    CONTENT = auto()
    NOTHING = auto()
    """The reply to a lone dot, which ended data that nobody was to get; it says nothing."""


_STAGES = {
    _Awaits.RESET: Stage.SENDER,
    _Awaits.SENDER: Stage.SENDER,
    _Awaits.RECIPIENT: Stage.RECIPIENT,
    _Awaits.DATA: Stage.DATA,
    _Awaits.BODY: Stage.DATA,
    _Awaits.CONTENT: Stage.CONTENT,
    _Awaits.NOTHING: Stage.RECIPIENT,
}


@dataclass(slots=True)
class _Turn:
    letter: Letter
    awaits: _Awaits
    rode: bool
    refusal: Refused | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of one letter's way: the server's last answer, and what was the matter; None: it was taken."""

    letter: Letter
    code: int | None
    text: str
    trouble: Trouble | None
    rode: bool
    """Whether its envelope was written behind the final dot of another."""


def can_pipeline(letter: Letter) -> bool:
    """Whether the addresses of a letter can be written into commands as they are."""
    plain = _PLAIN_ADDRESS.fullmatch
    return plain(letter.sender) is not None and plain(letter.recipient) is not None


class Dialogue:
    """A session after its EHLO. `take` gives the next letter that may begin; `ended` is told of each end.

    After at most `letters` of them, or `refusals`, no more is taken.
    """

    def __init__(
        self,
        take: Callable[[], Letter | None],
        ended: Callable[[Ended], None],
        *,
        letters: int,
        refusals: int,
    ) -> None:
        self._take = take
        self._ended = ended
        self._letters_left = letters
        self._refusals_left = refusals
        self._replies = Replies()
        self._front: _Turn | None = None
        self._behind: _Turn | None = None
        self._needs_reset = False
        self._served = False
        self._over = False

    @property
    def idle(self) -> bool:
        """Whether no letter is under way."""
        return self._front is None

    @property
    def stage(self) -> Stage | None:
        """Where the letter stands whose reply comes next."""
        return None if self._front is None else _STAGES[self._front.awaits]

    @property
    def pipelined(self) -> bool:
        """Whether an answer is missing that would not be if everything were asked for one by one."""
        front = self._front
        return front is not None and (
            front.rode or front.awaits in (_Awaits.RECIPIENT, _Awaits.DATA, _Awaits.BODY)
        )

    @property
    def fit(self) -> bool:
        """Whether another letter may be taken."""
        return not self._over and self._letters_left > 0 and self._refusals_left > 0

    @property
    def retired(self) -> bool:
        """Whether nothing more is begun."""
        return self._over

    def go(self) -> bytes:
        """Return what is to be written now: a body, the next envelope, or nothing."""
        turn = self._front
        if self._over:
            return b""
        if turn is None:
            self._front = self._next(rode=False)
            return b"" if self._front is None else self._envelope(self._front)
        if turn.awaits is not _Awaits.BODY:
            return b""
        turn.awaits = _Awaits.CONTENT
        self._behind = self._next(rode=True)
        if self._behind is None:
            return turn.letter.data
        return turn.letter.data + self._envelope(self._behind)

    def received(self, data: bytes) -> bytes:
        """Take in what the server wrote. Return what is to be written now.

        Raises:
            Trouble: the session is of no more use; `lost` says what that means for the letters.
        """
        out = b""
        try:
            for reply in self._replies.feed(data):
                out += self._answered(reply)
        except NoReplyError as error:
            raise OutOfStep(self.stage or Stage.CONNECT, None, str(error)) from error
        return out + self.go()

    def retire(self) -> None:
        """Begin nothing more, not even a body: what is to be said next is `lost`."""
        self._over = True

    def lost(self, trouble: Trouble) -> list[Letter]:
        """End the session. The letter whose answer is missing ends by `trouble`, if it had begun; return
        those of which nothing was taken: nobody is to blame, and they can go another way at once.
        """
        self._over = True
        front, behind = self._front, self._behind
        self._front = self._behind = None
        unbegun = [] if behind is None else [behind.letter]
        if front is None:
            return unbegun
        if isinstance(trouble, Stale) or (self._served and front.awaits <= _Awaits.SENDER):
            return [front.letter, *unbegun]
        self._ended(Ended(front.letter, trouble.code, trouble.text, trouble, front.rode))
        return unbegun

    def _next(self, *, rode: bool) -> _Turn | None:
        letter = self._take() if self.fit else None
        if letter is None:
            return None
        self._letters_left -= 1
        return _Turn(letter, _Awaits.RESET if self._needs_reset else _Awaits.SENDER, rode)

    def _envelope(self, turn: _Turn) -> bytes:
        self._needs_reset = False
        reset = "RSET\r\n" if turn.awaits is _Awaits.RESET else ""
        letter = turn.letter
        group = f"{reset}MAIL FROM:<{letter.sender}>\r\nRCPT TO:<{letter.recipient}>\r\nDATA\r\n"
        return group.encode("ascii")

    def _answered(self, reply: Reply) -> bytes:
        """Take in one reply. Return what it makes necessary to write, beside what `go` says."""
        turn, code = self._front, reply.code
        if turn is None or turn.awaits is _Awaits.BODY:
            raise OutOfStep(self.stage or Stage.CONNECT, code, f"an answer to nothing: {code} {reply.text}")
        if code == _CLOSING:
            raise Refused(_STAGES[turn.awaits], code, reply.text)
        if turn.awaits is _Awaits.CONTENT:
            self._content(turn, reply)
        elif turn.awaits is _Awaits.NOTHING:
            self._refused(turn)
        elif turn.awaits is _Awaits.DATA:
            return self._data(turn, reply)
        else:
            self._command(turn, reply)
        return b""

    def _command(self, turn: _Turn, reply: Reply) -> None:
        """Take in the answer to RSET, MAIL or RCPT: the first refusal counts, later ones follow from it."""
        stage = _STAGES[turn.awaits]
        if reply.code // 100 in (4, 5):
            if turn.awaits is _Awaits.RESET:
                raise Stale(stage, reply.code, reply.text)
            turn.refusal = turn.refusal or Refused(stage, reply.code, reply.text)
        elif reply.code // 100 != 2:
            raise OutOfStep(stage, reply.code, f"unexpected answer: {reply.code} {reply.text}")
        turn.awaits = _Awaits(turn.awaits + 1)

    def _data(self, turn: _Turn, reply: Reply) -> bytes:
        if reply.code == _START_INPUT:
            if turn.refusal is None:
                turn.awaits = _Awaits.BODY
                return b""
            turn.awaits = _Awaits.NOTHING
            return _LONE_DOT
        if reply.code // 100 not in (4, 5):
            raise OutOfStep(Stage.DATA, reply.code, f"unexpected answer: {reply.code} {reply.text}")
        turn.refusal = turn.refusal or Refused(Stage.DATA, reply.code, reply.text)
        self._refused(turn)
        return b""

    def _refused(self, turn: _Turn) -> None:
        """End a letter whose envelope was refused: without RSET the next would go out under its sender."""
        self._needs_reset = True
        self._end(turn, turn.refusal)

    def _content(self, turn: _Turn, reply: Reply) -> None:
        kind = reply.code // 100
        if kind == 2:
            self._front, self._behind, self._served = self._behind, None, True
            self._ended(Ended(turn.letter, reply.code, reply.text, None, turn.rode))
        elif kind in (4, 5):
            self._end(turn, Refused(Stage.CONTENT, reply.code, reply.text))
        else:
            raise OutOfStep(Stage.CONTENT, reply.code, f"unexpected answer: {reply.code} {reply.text}")

    def _end(self, turn: _Turn, refusal: Refused | None) -> None:
        assert refusal is not None  # noqa: S101 - whoever ends a letter by a refusal has one
        self._refusals_left -= 1
        self._front, self._behind, self._served = self._behind, None, True
        self._ended(Ended(turn.letter, refusal.code, refusal.text, refusal, turn.rode))
