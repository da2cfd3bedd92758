"""Whether a server that offers pipelining (RFC 2920) is taken at its word. Pure.

Some throw away what they received together with a command or a body, and the envelope that rode behind it is
never answered. One that has taken such a letter before is believed to have had another trouble.
"""

PLAIN_SECONDS = 3600.0
"""How long a server is spoken to command by command after it lost what was pipelined."""


class PipeliningTrust:
    """Remembers how a server dealt with what was pipelined. Instants are monotonic seconds."""

    def __init__(self) -> None:
        self._proven = False
        self._plain_until = float("-inf")

    def holds(self, now: float) -> bool:
        """Whether to pipeline."""
        return now >= self._plain_until

    def kept(self) -> None:
        """Take note that a letter was accepted whose envelope rode behind another."""
        self._proven = True

    def lost(self, now: float) -> bool:
        """Take note that what was pipelined went unanswered, or out of step. Return if trust is lost."""
        if not self._proven:
            self._plain_until = now + PLAIN_SECONDS
        self._proven = False
        return not self.holds(now)
