"""A mail server that takes so many mails a second and refuses the rest, as relays do that are rented."""

import time
from collections import deque
from dataclasses import dataclass, field

from tests.delivery.scripted_server import Act, ScriptedServer


@dataclass
class LimitedServer(ScriptedServer):
    """Answers `refusal` at `verb` whenever more than `per_second` were asked for within a second."""

    per_second: int = 1_000_000
    verb: str = "RCPT"
    refusal: str = "451 4.7.0 Rate limit exceeded"
    refused: int = 0
    asked: deque[float] = field(default_factory=deque)

    def act_on(self, verb: str, argument: str) -> str | Act | None:
        if verb != self.verb:
            return super().act_on(verb, argument)
        now = time.monotonic()
        while self.asked and self.asked[0] <= now - 1:
            self.asked.popleft()
        if len(self.asked) >= self.per_second:
            self.refused += 1
            return self.refusal
        self.asked.append(now)
        return super().act_on(verb, argument)
