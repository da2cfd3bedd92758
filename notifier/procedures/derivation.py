"""What due instants depend on beside the dates themselves, in one line. Pure.

While the line stays the same, so do all instants that were derived, however many they are: nothing has to be
read at a start.
"""

import hashlib
from datetime import date, datetime, timedelta
from functools import cache

from notifier.procedures.due import Rules

NUMBER = 1
"""To be raised when `due.derive` makes other instants of the same dates; all are then derived anew."""

ERA = 5
"""Years for which a line stays the same if nothing else changes."""

YEARS = 25
"""Years that are looked at: no date is believed that lies more than fifteen ahead."""


def fingerprint(rules: Rules, *, today: date) -> str:
    """Return the line for these rules: hours, holidays, and what the zone makes of the hour of each day."""
    return _fingerprint(rules, date(today.year // ERA * ERA, 1, 1))


@cache  # a process has one set of rules, and asks for its line whenever it derives an instant
def _fingerprint(rules: Rules, first: date) -> str:
    days = [first + timedelta(days=n) for n in range((first.replace(year=first.year + YEARS) - first).days)]
    parts = [f"{NUMBER} {rules.zone.key} {rules.announce_at} {rules.closes_at}"]
    for hour in (rules.announce_at, rules.closes_at):
        before: timedelta | None = None
        for day in days:
            offset = datetime.combine(day, hour, tzinfo=rules.zone).utcoffset()
            if offset != before:
                parts.append(f"{day} {offset}")
                before = offset
    parts += [f"{day}" for day in days if day in rules.holidays]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
