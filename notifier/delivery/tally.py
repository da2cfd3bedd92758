"""What sending counts of itself since the process began: plain numbers, read at each scrape."""

from collections import Counter
from dataclasses import dataclass, field

from notifier.delivery.model import Verdict
from notifier.durations import Durations

ANSWER_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
"""Seconds: from a server on this machine to one that keeps its timeout."""


@dataclass(slots=True)
class DeliveryTally:
    """Letters by what came of each attempt, the waits for their answers, and the connections of this process.

    `connections` are open, `idle` of them have no letter under way. `taken_back` letters were being sent by
    an owner that died: like a doubtful one, each may come twice. `faults` are the server's: connections and
    sessions that came to nothing, and no letter is to blame.
    """

    outcomes: Counter[Verdict] = field(default_factory=Counter)
    answers: Durations = field(default_factory=lambda: Durations(ANSWER_BOUNDS))
    connections: int = 0
    idle: int = 0
    taken_back: int = 0
    faults: int = 0

    def answered(self, verdict: Verdict, seconds: float) -> None:
        """Count an attempt that ended `seconds` after its letter was begun."""
        self.outcomes[verdict] += 1
        self.answers.add(seconds)

    def connected(self, connections: int, *, idle: int) -> None:
        """Note how many connections there are now, and how many of them have no letter under way."""
        self.connections, self.idle = connections, idle

    def took_back(self, letters: int) -> None:
        """Count letters that a dead owner was sending."""
        self.taken_back += letters
