"""How long an address is left alone, and when a run of soft bounces is over. Pure."""

from datetime import UTC, datetime, timedelta

from notifier.bounces.backoff import next_run, wait_after

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)


def test_each_wait_is_twice_the_one_before() -> None:
    hours = [wait_after(run) / timedelta(hours=1) for run in range(1, 9)]
    assert hours == [2, 4, 8, 16, 32, 64, 64, 64]
    assert wait_after(1_000_000) == timedelta(hours=64)


def test_a_first_bounce_begins_a_run_and_the_next_goes_on_with_it() -> None:
    assert next_run(0, None, NOW) == 1
    assert next_run(1, NOW - timedelta(hours=3), NOW) == 2


def test_a_run_begins_anew_five_days_after_its_last_wait() -> None:
    last = NOW - timedelta(hours=8) - timedelta(days=5)  # three bounces are followed by 8 hours
    assert next_run(3, last, NOW) == 4
    assert next_run(3, last - timedelta(seconds=1), NOW) == 1
