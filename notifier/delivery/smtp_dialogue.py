"""One SMTP session that pipelines (RFC 2920): which bytes to write, and which letter a reply speaks of. Pure.

The envelope of the next letter rides behind the final dot of the one before, so that a mail costs one round
trip. One body is under way at a time, and none is written unless the server said yes to its own MAIL, RCPT
and DATA. Replies are matched strictly in order; a body is not written while there is an answer, or a part of
one, to nothing that was asked, and what comes before the body is out does not accept it. Whether the next
letter may begin is asked *before* its envelope is written: once DATA is accepted there is no way back but to
send the body or drop the connection, since a lone dot would deliver an empty mail.

Nothing here touches a socket or a clock: bytes come in, bytes go out.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from notifier.delivery.model import Letter, Verdict
from notifier.delivery.refusal import Stage, judge
from notifier.delivery.smtp_replies import NoReplyError, Replies, words
from notifier.delivery.smtp_trouble import OutOfStep, Refused, Stale, Trouble

_START_INPUT = 354
_CLOSING = 421
_LONE_DOT = b".\r\n"
# What stands in a command as it is; anything else is the business of a library (`smtp_connection.py`).
_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.\[\]:-]{1,255}")


# What a letter's way through the session waits for, in this order.
_RESET, _SENDER, _RECIPIENT, _DATA = range(4)
_BODY = 4  # nothing from the server: it is for us to write the body
_CONTENT = 5
_NOTHING = 6  # the reply to a lone dot, which ended data that nobody was to get; it says nothing

_STAGES = (
    Stage.SENDER,
    Stage.SENDER,
    Stage.RECIPIENT,
    Stage.DATA,
    Stage.DATA,
    Stage.CONTENT,
    Stage.RECIPIENT,
)


@dataclass(slots=True)
class _Turn:
    letter: Letter
    awaits: int
    rode: bool
    refusal: Refused | None = None


class Ended(NamedTuple):
    """The end of one letter's way in trouble: the server's last answer, and what was the matter."""

    letter: Letter
    trouble: Trouble


class Taken(NamedTuple):
    """A letter that the server took, with its answer; whether its envelope rode behind another letter."""

    letter: Letter
    code: int
    text: str
    rode: bool


def can_pipeline(letter: Letter) -> bool:
    """Whether the addresses of a letter can be written into commands as they are."""
    plain = _PLAIN_ADDRESS.fullmatch
    return plain(letter.sender) is not None and plain(letter.recipient) is not None


def _what_counts(refusal: Refused | None, trouble: Trouble) -> Trouble:
    """Return the refusal before some trouble if it speaks of nothing but the address; else the trouble.

    In any other refusal the server may speak of itself, and out of step it may be another letter's.
    """
    if refusal is None or refusal.code is None or isinstance(trouble, OutOfStep):
        return trouble
    verdict = judge(refusal.code, refusal.text, stage=refusal.stage)
    return refusal if verdict is Verdict.BAD_ADDRESS else trouble


class Dialogue:
    """A session after its EHLO.

    `take` gives the next letter that may begin; `taken` or `ended` is told of each end. After at most
    `letters`, or `refusals`, no more is taken.
    """

    def __init__(
        self,
        take: Callable[[], Letter | None],
        taken: Callable[[Taken], None],
        ended: Callable[[Ended], None],
        *,
        letters: int,
        refusals: int,
    ) -> None:
        self._take = take
        self._taken = taken
        self._ended = ended
        self._letters_left = letters
        self._refusals_left = refusals
        self._replies = Replies()
        self._front: _Turn | None = None
        self._behind: _Turn | None = None
        self._needs_reset = False
        self._served = False
        self._over = False
        self._behind_size = 0
        self._unwritten = 0
        self.answers = 0
        """How many answers have come whole."""

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
        return front is not None and (front.rode or _SENDER < front.awaits < _CONTENT)

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
        if turn.awaits != _BODY:
            return b""
        if self._replies.unread:
            raise OutOfStep(Stage.DATA, None, "an answer to nothing has begun")
        turn.awaits = _CONTENT
        self._behind = self._next(rode=True)
        envelope = b"" if self._behind is None else self._envelope(self._behind)
        self._behind_size = len(envelope)
        return b"".join((*turn.letter.parts, envelope))

    def received(self, data: bytes, *, unwritten: int = 0) -> bytes:
        """Take in what the server wrote. Return what is to be written now.

        `unwritten` is how many bytes of what was to be written have not left this program.

        Raises:
            Trouble: the session is of no more use; `lost` says what that means for the letters.
        """
        out = b""
        try:
            replies = self._replies.feed(data)
        except NoReplyError as error:
            raise OutOfStep(self.stage or Stage.CONNECT, None, str(error)) from error
        self.answers += len(replies)
        self._unwritten = unwritten
        for code, raw in replies:
            turn = self._front
            if turn is not None and turn.awaits < _DATA and 200 <= code < 300:
                turn.awaits += 1
            else:
                out += self._answered(turn, code, raw)
        if self._replies.broken is not None:
            raise OutOfStep(self.stage or Stage.CONNECT, None, str(self._replies.broken))
        return out + self.go()

    def retire(self) -> None:
        """Begin nothing more, not even a body: what is to be said next is `lost`."""
        self._over = True

    def lost(self, trouble: Trouble) -> list[Letter]:
        """End the session. The letter whose answer is missing ends by `trouble`, if it had begun, or because
        its mailbox was said not to exist; return those of which nothing was taken: nobody is to blame, and
        they can go another way at once.
        """
        self._over = True
        front, behind = self._front, self._behind
        self._front = self._behind = None
        unbegun = [] if behind is None else [behind.letter]
        if front is None:
            return unbegun
        if isinstance(trouble, Stale) or (self._served and front.awaits <= _SENDER):
            return [front.letter, *unbegun]
        self._ended(Ended(front.letter, _what_counts(front.refusal, trouble)))
        return unbegun

    def _next(self, *, rode: bool) -> _Turn | None:
        letter = self._take() if self.fit else None
        if letter is None:
            return None
        self._letters_left -= 1
        return _Turn(letter, _RESET if self._needs_reset else _SENDER, rode)

    def _envelope(self, turn: _Turn) -> bytes:
        self._needs_reset = False
        letter = turn.letter
        group = f"MAIL FROM:<{letter.sender}>\r\nRCPT TO:<{letter.recipient}>\r\nDATA\r\n".encode("ascii")
        return b"RSET\r\n" + group if turn.awaits == _RESET else group

    def _answered(self, turn: _Turn | None, code: int, raw: bytes) -> bytes:
        """Take in a reply that is not just a yes. Return what it makes necessary to write beside `go`."""
        if turn is None or turn.awaits == _BODY:
            text = f"an answer to nothing: {code} {words(raw)}"
            raise OutOfStep(self.stage or Stage.CONNECT, code, text)
        if code == _CLOSING:
            raise Refused(_STAGES[turn.awaits], code, words(raw))
        if turn.awaits == _CONTENT:
            self._content(turn, code, raw)
        elif turn.awaits == _DATA:
            return self._data(turn, code, raw)
        elif turn.awaits == _NOTHING:
            self._refused(turn)
        else:
            self._no(turn, code, raw)
        return b""

    def _no(self, turn: _Turn, code: int, raw: bytes) -> None:
        """Take in a no to RSET, MAIL or RCPT: the first refusal counts, later ones follow from it."""
        stage = _STAGES[turn.awaits]
        if not 400 <= code < 600:
            raise OutOfStep(stage, code, f"unexpected answer: {code} {words(raw)}")
        if turn.awaits == _RESET:
            raise Stale(stage, code, words(raw))
        turn.refusal = turn.refusal or Refused(stage, code, words(raw))
        turn.awaits += 1

    def _data(self, turn: _Turn, code: int, raw: bytes) -> bytes:
        if code == _START_INPUT:
            turn.awaits = _BODY if turn.refusal is None else _NOTHING
            return b"" if turn.refusal is None else _LONE_DOT
        if not 400 <= code < 600:
            raise OutOfStep(Stage.DATA, code, f"unexpected answer: {code} {words(raw)}")
        turn.refusal = turn.refusal or Refused(Stage.DATA, code, words(raw))
        self._refused(turn)
        return b""

    def _content(self, turn: _Turn, code: int, raw: bytes) -> None:
        text = words(raw)
        if 200 <= code < 300:
            if self._unwritten > self._behind_size:
                raise OutOfStep(Stage.CONTENT, code, f"an answer before the end of the data: {code} {text}")
            self._front, self._behind, self._served = self._behind, None, True
            self._taken(Taken(turn.letter, code, text, turn.rode))
        elif 400 <= code < 600:
            self._end(turn, Refused(Stage.CONTENT, code, text))
        else:
            raise OutOfStep(Stage.CONTENT, code, f"unexpected answer: {code} {text}")

    def _refused(self, turn: _Turn) -> None:
        """End a letter whose envelope was refused: without RSET the next would go out under its sender."""
        assert turn.refusal is not None  # noqa: S101 - that is why
        self._needs_reset = True
        self._end(turn, turn.refusal)

    def _end(self, turn: _Turn, refusal: Refused) -> None:
        self._refusals_left -= 1
        self._front, self._behind, self._served = self._behind, None, True
        self._ended(Ended(turn.letter, refusal))
