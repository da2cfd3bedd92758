"""What due instants depend on beside the dates themselves."""

import hashlib
from dataclasses import replace
from datetime import date, timedelta

from notifier.procedures import derivation
from notifier.procedures.derivation import fingerprint
from notifier.procedures.due import derive
from notifier.procedures.model import Milestone
from tests.procedures.schedule_cast import RULES, SCHEDULE

AS_NUMBERED = {1: "8df02be573a51290"}
"""What `derive` made of the schedule below under each number."""


def _later(one: Milestone, by: timedelta) -> Milestone:
    start, end = one.dates.start, one.dates.end
    assert start is not None
    return replace(one, dates=replace(one.dates, start=start + by, end=end and end + by))


def test_the_same_rules_have_the_same_fingerprint_on_every_day_for_years() -> None:
    days = [date(2025, 1, 1), date(2026, 2, 28), date(2027, 7, 1), date(2029, 12, 31)]
    assert len({fingerprint(replace(RULES), today=day) for day in days}) == 1


def test_hours_of_the_same_sum_are_told_apart() -> None:
    swapped = replace(RULES, announce_at=RULES.closes_at, closes_at=RULES.announce_at)
    assert fingerprint(swapped, today=date(2026, 1, 1)) != fingerprint(RULES, today=date(2026, 1, 1))


def test_a_derivation_that_says_otherwise_has_another_number() -> None:
    """If `derive` was changed on purpose, raise `derivation.NUMBER` and note here what it says now."""
    lines = [
        f"{one.key} {due.edge} {due.local_date} {due.due_at:%F %R}"
        for days in range(0, 400, 3)
        for one in (_later(each, timedelta(days=days)) for each in SCHEDULE)
        for due in derive(one, RULES)
    ]
    found = hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
    assert {derivation.NUMBER: found}.items() <= AS_NUMBERED.items()
