"""A guard before addresses are ended: a server that suddenly knows nobody is more likely wrong than right."""

from collections import deque

from notifier.delivery.model import Verdict

IN_A_ROW = 20
"""So many unknown addresses one after the other blow the fuse."""

WINDOW = 1_000
SHARE = 0.05
"""So large a share of unknown addresses among the last `WINDOW` outcomes blows it too."""


class Fuse:
    """Counts refusals that blame an address; once blown it stays so until `replace`."""

    def __init__(self) -> None:
        self.blown = False
        self._count = 0
        self._replaced_at = 0
        self._in_a_row = 0
        self._bad_at: deque[int] = deque(maxlen=WINDOW)  # the numbers of outcomes that blamed an address

    @property
    def unknown_addresses(self) -> int:
        """How many of the last `WINDOW` outcomes blamed an address, however often the fuse was replaced."""
        return self._bad_after(self._count - WINDOW)

    def note(self, verdict: Verdict) -> None:
        """Count one outcome.

        Only a letter that was taken shows that the server knows its people: one that was put off, or refused
        for another reason, neither ends a row nor adds to it.
        """
        self._count += 1
        if verdict is Verdict.ACCEPTED:
            self._in_a_row = 0
        elif verdict is Verdict.BAD_ADDRESS:
            self._in_a_row += 1
            self._bad_at.append(self._count)
            many = self._bad_after(max(self._count - WINDOW, self._replaced_at)) > SHARE * WINDOW
            self.blown = self.blown or many or self._in_a_row > IN_A_ROW

    def replace(self) -> None:
        """Begin to count anew, after somebody looked or time passed."""
        self.blown = False
        self._in_a_row = 0
        self._replaced_at = self._count

    def _bad_after(self, number: int) -> int:
        return sum(one > number for one in self._bad_at)
