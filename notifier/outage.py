"""A thing that fails again and again, as the log tells it: whole once, a line a minute, and its end."""

import logging
import time

QUIET_SECONDS = 60.0
"""How often a failure that lasts is said again: its traceback once a second would fill the disk."""


def first_line(error: BaseException) -> str:
    """Return the first line of what the database itself said, which holds no password and no values."""
    said = str(getattr(error, "orig", None) or error).strip()
    return said.partition("\n")[0].strip() or type(error).__name__


class Outage:
    """One kind of failure of one process; `event` is its line in the log."""

    def __init__(self, log: logging.Logger, event: str) -> None:
        self._log = log
        self._event = event
        self._times = 0
        self._since = 0.0
        self._said = 0.0

    def failed(self, error: Exception, **extra: object) -> None:
        """Take note of a failure, and say it where it is the first, or nothing was said for a minute."""
        now = time.monotonic()
        self._times += 1
        if self._times == 1:
            self._since = self._said = now
            self._log.error(self._event, exc_info=error, extra=extra)
        elif now - self._said >= QUIET_SECONDS:
            self._said = now
            self._log.error(self._event, extra={**extra, "times": self._times, "why": first_line(error)})

    def ended(self) -> None:
        """Take note that it works; say so where it had failed."""
        if not self._times:
            return
        seconds = round(time.monotonic() - self._since)
        self._log.warning(
            "works_again", extra={"after": self._event, "times": self._times, "seconds": seconds}
        )
        self._times = 0
