"""How long to leave a web server in peace. PURE."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

FIRST_WAIT = timedelta(minutes=1)
"""After the first failure: most are over by then, and a changed date should not wait for a whole interval."""

LONGEST_WAIT = timedelta(hours=6)
"""A source that was down for days is read again within a working day, unless its own interval is longer."""

LONGEST_ASKED = timedelta(hours=24)
"""A server is believed for so long: a slip in Retry-After must not silence a source for a year."""

_DOUBLINGS = 20
"""More are not counted: by then any wait is longer than the longest."""


def backoff(failures: int, interval: timedelta, retry_after: timedelta | None) -> timedelta:
    """Return how long to wait after `failures` in a row: from a minute, twice as long each time.

    At most six hours, or `interval` if that is longer; at least what the server asked for. Without a failure
    it is the interval.
    """
    usual = interval
    if failures > 0:
        usual = min(FIRST_WAIT * 2 ** min(failures - 1, _DOUBLINGS), max(interval, LONGEST_WAIT))
    return usual if retry_after is None else max(usual, retry_after)


def read_retry_after(value: str | None, *, date: str | None, now: datetime) -> timedelta | None:
    """Return what Retry-After asks for (RFC 9110 §10.2.3), from nothing to a day; None if it cannot be read.

    A day in it is compared with the server's own `date`, if that can be read, else with `now`: their clock
    may be wrong.
    """
    if value is None:
        return None
    value = value.strip()
    if value.isascii() and value.isdigit():
        few = len(value) <= len("86400")
        return min(timedelta(seconds=int(value)), LONGEST_ASKED) if few else LONGEST_ASKED
    until = _instant(value)
    if until is None:
        return None
    return min(max(until - (_instant(date or "") or now), timedelta()), LONGEST_ASKED)


def _instant(text: str) -> datetime | None:
    """Read an HTTP date (RFC 9110 §5.6.7), which is in UTC even where it does not say so."""
    try:
        instant = parsedate_to_datetime(text)
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
