"""How long an address is left alone whose mail came back for now. Pure; machine time."""

from datetime import datetime, timedelta

FIRST_WAIT = timedelta(hours=2)
LONGEST_WAIT = timedelta(hours=64)
"""Each wait is twice the one before: 2, 4, 8, 16, 32 and 64 hours."""

FORGOTTEN_AFTER = timedelta(days=5)
"""Beyond its wait: what came back for now so long ago says nothing of an address that took mail since. A
server on the way may try for as long before it gives up (RFC 5321 §4.5.4.1)."""


def wait_after(run: int) -> timedelta:
    """Return how long to wait after so many soft bounces in a row, at least one."""
    return min(FIRST_WAIT * (1 << min(run, 16) - 1), LONGEST_WAIT)


def next_run(run: int, last_at: datetime | None, now: datetime) -> int:
    """Return how many soft bounces in a row there are with the one that came now."""
    if run < 1 or last_at is None or now > last_at + wait_after(run) + FORGOTTEN_AFTER:
        return 1
    return run + 1
