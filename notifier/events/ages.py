"""How long something is, in words for those who run the service. Pure."""

from datetime import timedelta

from notifier.events.wording import count

_DAYS = timedelta(days=3)
_HOURS = timedelta(hours=2)
_MINUTES = timedelta(minutes=2)


def age(span: timedelta) -> str:
    """Return "26 hours", "3 days", "5 minutes" or "40 seconds": whole units, the largest that says enough."""
    if span >= _DAYS:
        return count(span // timedelta(days=1), "day")
    if span >= _HOURS:
        return count(span // timedelta(hours=1), "hour")
    if span >= _MINUTES:
        return count(span // timedelta(minutes=1), "minute")
    return count(max(0, span // timedelta(seconds=1)), "second")
