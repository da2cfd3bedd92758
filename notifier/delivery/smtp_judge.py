"""What the end of a letter's way means: an outcome of the letter, or a fault of the server.

Who is to blame is decided in `refusal.py`, when to leave the server alone in `breaker.py`.
"""

from collections import deque
from collections.abc import Callable

from notifier.delivery.breaker import Breaker
from notifier.delivery.model import Letter, Outcome, ServerFault, Verdict
from notifier.delivery.pressure import is_pressure
from notifier.delivery.refusal import Stage, is_server_fault, judge, reply_line, without_addresses
from notifier.delivery.smtp_server import SmtpServer
from notifier.delivery.smtp_trouble import Lost, Refused, Trouble

REMEMBERED_SUSPECTS = 1_000
"""Letters during which a session broke; far more than can be under way while a server is in trouble."""


class Judge:
    """One per mail server. `monotonic` counts seconds."""

    def __init__(self, server: SmtpServer, *, monotonic: Callable[[], float]) -> None:
        self._where = f"{server.host}:{server.port}"
        self._monotonic = monotonic
        self._breaker = Breaker()
        self._last_fault = ""
        self._works = False  # whether the server answered for a letter since a session broke
        self.trusting = True
        """Whether letters may flow, not just one to see if the server works again."""
        self._suspects: deque[int] = deque(maxlen=REMEMBERED_SUSPECTS)

    def keeps_away(self) -> ServerFault | None:
        """Return why no letter may go now; None: one may, and after a pause that one is the probe."""
        wait = self._breaker.wait(self._monotonic())
        return ServerFault(self._last_fault, retry_after=wait) if wait > 0 else None

    def accepted(self, letter: Letter, code: int | None, text: str) -> Outcome:
        """Return the outcome of a letter that was taken."""
        self._worked()
        return Outcome(letter, Verdict.ACCEPTED, code, reply_line(text))

    def troubled(self, letter: Letter, trouble: Trouble) -> Outcome | ServerFault:
        """Return what became of a letter whose way ended in trouble.

        If a session breaks in the middle of a letter's envelope or data, or the server says there that it
        cannot be used (421, 530 …), that is the server's fault the first time. If it has just dealt with
        other letters, nobody waits for it: the letter goes again over another connection, and if that breaks
        too, the server is left alone. The second time over the same letter it is the letter's: RETRY,
        counted, so that one mail that crashes a server's filter, or that it will not relay, does not hold up
        all others for ever.
        """
        if isinstance(trouble, Refused) and not is_server_fault(trouble.stage, trouble.code):
            return self._refused(letter, trouble)
        if isinstance(trouble, Lost) and trouble.stage is Stage.CONTENT:
            self.fault(trouble)
            return _outcome(letter, Verdict.DOUBTFUL, trouble.code, f"Not known if accepted: {trouble.text}")
        its_own = trouble.stage is not Stage.SENDER
        if its_own and letter.delivery_id in self._suspects:
            return _outcome(letter, Verdict.RETRY, trouble.code, trouble.text)
        if its_own:
            self._suspects.append(letter.delivery_id)
            if self._works:
                self._works = False
                return self._fault(trouble, retry_after=0.0)
        return self.fault(trouble)

    def fault(self, trouble: Trouble) -> ServerFault:
        """Tell the breaker, and return the fault in words for operators."""
        self._works = False
        self.trusting = False
        self._last_fault = self.reason(trouble)
        return self._fault(trouble, retry_after=self._breaker.failed(self._monotonic()))

    def reason(self, trouble: Trouble) -> str:
        """Return a trouble in words for operators and the log, which name no address."""
        return reply_line(f"{self._where} at {without_addresses(str(trouble))}")

    def _fault(self, trouble: Trouble, *, retry_after: float) -> ServerFault:
        pressed = is_pressure(trouble.stage, trouble.code, trouble.text)
        return ServerFault(self.reason(trouble), retry_after=retry_after, pressed=pressed)

    def _worked(self) -> None:
        self._works = True
        if not self.trusting:
            self._breaker.worked()
            self.trusting = True

    def _refused(self, letter: Letter, refused: Refused) -> Outcome:
        if refused.code is None:  # Found on our side, so it says nothing about the server.
            return _outcome(letter, Verdict.FAILED, None, refused.text)
        self._worked()
        verdict = judge(refused.code, refused.text, stage=refused.stage)
        return _outcome(letter, verdict, refused.code, refused.text)


def _outcome(letter: Letter, verdict: Verdict, code: int | None, text: str) -> Outcome:
    return Outcome(letter=letter, verdict=verdict, code=code, reply=reply_line(text))
