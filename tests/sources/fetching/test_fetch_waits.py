"""How long to leave a server in peace."""

from datetime import UTC, datetime, timedelta

import pytest

from notifier.sources.fetching.waits import LONGEST_ASKED, backoff, read_retry_after

HOUR = timedelta(hours=1)
NOW = datetime(2022, 10, 14, 8, tzinfo=UTC)


def test_waits_double_from_a_minute_to_six_hours() -> None:
    waits = [backoff(failures, HOUR, None) // timedelta(minutes=1) for failures in range(1, 12)]
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]
    assert backoff(10**9, HOUR, None) == timedelta(hours=6)


def test_a_source_that_is_read_rarely_may_wait_as_long_as_its_interval() -> None:
    assert backoff(30, timedelta(days=1), None) == timedelta(days=1)


def test_without_a_failure_it_is_the_interval() -> None:
    assert backoff(0, HOUR, None) == HOUR


def test_what_the_server_asks_for_is_the_least() -> None:
    assert backoff(1, HOUR, timedelta(hours=9)) == timedelta(hours=9)
    assert backoff(9, HOUR, timedelta(seconds=1)) == timedelta(minutes=256)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("86400", 86400),
        ("99999", 86400),
        ("9" * 5000, 86400),
        ("Fri, 14 Oct 2022 08:02:00 GMT", 120),
        ("Fri, 14 Oct 2022 08:02:00 -0000", 120),
        ("Fri, 14 Oct 2022 09:02:00 +0100", 120),
        ("Friday, 14-Oct-22 08:02:00 GMT", 120),
        ("Fri, 14 Oct 2021 08:02:00 GMT", 0),
        ("Fri, 14 Oct 2122 08:02:00 GMT", 86400),
    ],
)
def test_a_time_to_wait_is_read_in_both_forms(value: str, seconds: int) -> None:
    assert read_retry_after(value, date=None, now=NOW) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "value", [None, "", "soon", "-5", "1.5", "\u0663", "Fri, 99 Oct 2022 08:02:00 GMT", "1 2 3"]
)
def test_what_cannot_be_read_asks_for_nothing(value: str | None) -> None:
    assert read_retry_after(value, date=None, now=NOW) is None


def test_the_servers_own_clock_is_what_counts() -> None:
    until, theirs = "Fri, 14 Oct 2022 12:01:00 GMT", "Fri, 14 Oct 2022 12:00:00 GMT"
    assert read_retry_after(until, date=theirs, now=NOW) == timedelta(minutes=1)
    assert read_retry_after(until, date="never", now=NOW) == timedelta(hours=4, minutes=1)
    assert timedelta(days=1) == LONGEST_ASKED
