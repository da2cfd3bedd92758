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
        self._run = 0
        self._last: deque[bool] = deque(maxlen=WINDOW)
        self._ever: deque[bool] = deque(maxlen=WINDOW)

    @property
    def unknown_addresses(self) -> int:
        """How many of the last `WINDOW` outcomes blamed an address, however often the fuse was replaced."""
        return sum(self._ever)

    def note(self, *, bad_address: bool) -> None:
        """Count one outcome."""
        self._run = self._run + 1 if bad_address else 0
        self._last.append(bad_address)
        self._ever.append(bad_address)
        many = len(self._last) == WINDOW and sum(self._last) > SHARE * WINDOW
        if self._run > IN_A_ROW or many:
            self.blown = True

    def replace(self) -> None:
        """Begin to count anew, after somebody looked or time passed."""
        self.blown = False
        self._run = 0
        self._last.clear()
