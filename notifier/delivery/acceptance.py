"""How long nothing was accepted: a relay that refuses us refuses everybody, a bad domain only its own."""

from dataclasses import dataclass
from datetime import datetime

from notifier.delivery.model import Outcome
from notifier.delivery.refusal import without_addresses


@dataclass(frozen=True, slots=True, kw_only=True)
class Unaccepted:
    """Refusals in a row: how many, to how many mail domains, since when (calendar time), the last reply
    without the addresses in it: operators see it."""

    count: int
    domains: int
    since: datetime
    reply: str


class Acceptance:
    """Counts the outcomes since a letter was last accepted."""

    def __init__(self) -> None:
        self._domains: set[str] = set()
        self._count = 0
        self._since: datetime | None = None
        self._reply = ""

    def accepted(self) -> None:
        """A letter was accepted."""
        if self._count:
            self._domains.clear()
            self._count, self._since = 0, None

    def note(self, outcome: Outcome, *, now: datetime) -> None:
        """Count a letter that was not accepted."""
        self._domains.add(outcome.letter.domain)
        self._count += 1
        self._since = self._since or now
        self._reply = without_addresses(outcome.reply)

    @property
    def unaccepted(self) -> Unaccepted | None:
        """What was refused since a letter was last accepted; None if nothing was."""
        if self._since is None:
            return None
        return Unaccepted(count=self._count, domains=len(self._domains), since=self._since, reply=self._reply)
