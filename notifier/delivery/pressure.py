"""Whether an answer means that the mail server has too much, or speaks of one address or domain. Pure.

Sources: enhanced status codes RFC 3463 §3.4 (4.3.x, the mail system), §3.5 (4.4.x, the network) and §3.8
(4.7.x, policy). A server that greylists, or a mailbox that is full, is no reason to write more slowly to
everybody else.
"""

import re
from collections import deque
from enum import Enum, auto

from notifier.delivery.model import Outcome, Verdict
from notifier.delivery.refusal import Stage, enhanced_code

REMEMBERED = 20
"""Among so many outcomes in a row, answers of one kind about several domains speak of the server."""

SEVERAL = 2

_CLOSING = 421
_FOR_NOW = frozenset((450, 451, 452))
_OF_THE_SYSTEM = ("4.3.", "4.4.")
_TOO_MUCH = re.compile(
    r"\brate|too (?:many|much|fast)|throttl|limit|exceed|quota|busy|overload|slow down", re.IGNORECASE
)
_GREYLISTED = re.compile(r"gr[ae]y-?\s?list", re.IGNORECASE)


class Sign(Enum):
    """What an outcome says of the pace."""

    WELL = auto()
    PRESSED = auto()
    NOTHING = auto()


class Pressure:
    """Reads the signs; one per mail server, because it remembers the last answers."""

    def __init__(self) -> None:
        self._domains: deque[str | None] = deque(maxlen=REMEMBERED)

    def accepted(self) -> Sign:
        """Return what an accepted letter says of the pace, and remember it."""
        self._domains.append(None)
        return Sign.WELL

    def sign(self, outcome: Outcome) -> Sign:
        """Return what a letter that was not accepted says of the pace, and remember it.

        421 and no answer at all are always signs. An answer that may be about the server or about one
        receiver is one when it comes for several domains.
        """
        suspected = _may_be_too_much(outcome)
        self._domains.append(outcome.letter.domain if suspected else None)
        several = len({one for one in self._domains if one is not None}) >= SEVERAL
        if outcome.code == _CLOSING or outcome.verdict is Verdict.DOUBTFUL or (suspected and several):
            return Sign.PRESSED
        return Sign.NOTHING


def is_pressure(stage: Stage, code: int | None, text: str) -> bool:
    """Say whether a session that broke off shows that the server has too much.

    421 does, "too many connections" does, and a session that ends in silence once it has begun. A server that
    cannot be reached, or lets nobody in, is down or set up wrongly: it is not slow.
    """
    if code is None:
        return stage not in (Stage.CONNECT, Stage.TLS, Stage.LOGIN)
    return code == _CLOSING or (code // 100 == 4 and _TOO_MUCH.search(text) is not None)


def _may_be_too_much(outcome: Outcome) -> bool:
    if outcome.verdict is not Verdict.RETRY or outcome.code not in _FOR_NOW:
        return False
    if _GREYLISTED.search(outcome.reply):
        return False
    enhanced = enhanced_code(outcome.reply)
    if enhanced is not None and enhanced.startswith(_OF_THE_SYSTEM):
        return True
    return (enhanced is None or enhanced.startswith("4.7.")) and bool(_TOO_MUCH.search(outcome.reply))
