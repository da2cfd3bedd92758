"""A guard before addresses are ended: a server that suddenly knows nobody is more likely wrong than right."""

from collections import deque

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
        self._good_at = 0
        self._bad_at: deque[int] = deque(maxlen=WINDOW)  # the numbers of outcomes that blamed an address

    @property
    def unknown_addresses(self) -> int:
        """How many of the last `WINDOW` outcomes blamed an address, however often the fuse was replaced."""
        return self._bad_after(self._count - WINDOW)

    def note(self, *, bad_address: bool) -> None:
        """Count one outcome."""
        self._count += 1
        if not bad_address:
            self._good_at = self._count
            return
        self._bad_at.append(self._count)
        in_a_row = self._count - max(self._good_at, self._replaced_at)
        begin = self._count - WINDOW
        many = begin >= self._replaced_at and self._bad_after(begin) > SHARE * WINDOW
        if in_a_row > IN_A_ROW or many:
            self.blown = True

    def replace(self) -> None:
        """Begin to count anew, after somebody looked or time passed."""
        self.blown = False
        self._replaced_at = self._count

    def _bad_after(self, number: int) -> int:
        return sum(one > number for one in self._bad_at)
