"""When the dates of a page were read, and since when they cannot be."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest

from notifier.procedures.due import Rules
from notifier.web.read_line import reading_line
from tests.events.words_cast import SERVICE, at

RULES = Rules(zone=ZoneInfo("Europe/London"), announce_at=time(9), closes_at=time(17), holidays=frozenset())
NOW = at(2022, 10, 14, 9, 30)
READ_AT = at(2022, 10, 14, 7, 55)
YESTERDAY = at(2022, 10, 13, 7, 55)
FAILED = at(2022, 10, 14, 5, 0)

LINES = [
    (READ_AT, None, "Read from NICE's page today at 8:55am."),
    (YESTERDAY, None, "Read from NICE's page on 13 October 2022 at 8:55am."),
    (None, None, "As entered by Example Charity."),
    (
        YESTERDAY,
        FAILED,
        "NICE's page could not be read since today at 6am; these dates are from 8:55am on 13 October 2022.",
    ),
    (
        at(2022, 10, 11, 7, 55),
        YESTERDAY,
        "NICE's page could not be read since 13 October 2022 at 8:55am; "
        "these dates are from 8:55am on 11 October 2022.",
    ),
    (
        None,
        FAILED,
        "NICE's page could not be read since today at 6am; these dates are as entered by Example Charity.",
    ),
    (READ_AT, FAILED, "Read from NICE's page today at 8:55am."),
]


@pytest.mark.parametrize(("read_at", "failing_since", "line"), LINES)
def test_a_page_says_when_its_dates_were_read_and_since_when_they_cannot_be(
    read_at: datetime | None, failing_since: datetime | None, line: str
) -> None:
    assert reading_line(SERVICE, read_at, failing_since=failing_since, rules=RULES, now=NOW) == line
