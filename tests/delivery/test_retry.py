"""When a letter is tried again: pure values. May not read a clock or draw a random number."""

from datetime import timedelta
from itertools import count, takewhile

import pytest

from notifier.delivery.model import Verdict
from notifier.delivery.retry import DOUBTFUL_WAIT, GIVE_UP_AFTER, JITTER_SHARE, next_attempt


def retries() -> list[timedelta]:
    waits = (next_attempt(attempts, verdict=Verdict.RETRY, jitter=0) for attempts in count(1))
    return [wait for wait in takewhile(lambda wait: wait is not None, waits) if wait is not None]


def test_the_waits_grow_from_a_minute_to_eight_hours() -> None:
    minutes = [wait.total_seconds() / 60 for wait in retries()]
    assert minutes[:7] == [1, 5, 15, 60, 120, 240, 480]
    assert set(minutes[7:]) == {480}


def test_a_letter_is_given_up_after_three_days_and_not_much_earlier() -> None:
    waited = sum(retries(), timedelta())
    assert GIVE_UP_AFTER - timedelta(hours=8) < waited <= GIVE_UP_AFTER
    assert next_attempt(len(retries()) + 1, verdict=Verdict.RETRY, jitter=0) is None
    assert next_attempt(1_000, verdict=Verdict.RETRY, jitter=1) is None


def test_jitter_only_lengthens_a_wait() -> None:
    plain = next_attempt(4, verdict=Verdict.RETRY, jitter=0)
    stretched = next_attempt(4, verdict=Verdict.RETRY, jitter=1)
    assert plain == timedelta(hours=1)
    assert stretched == timedelta(hours=1) * (1 + JITTER_SHARE)


def test_a_doubtful_letter_is_sent_again_twice_at_most() -> None:
    waits = [next_attempt(n, verdict=Verdict.DOUBTFUL, jitter=0) for n in (1, 2, 3)]
    assert waits == [DOUBTFUL_WAIT, DOUBTFUL_WAIT, None]


def test_greylisting_before_a_doubtful_end_does_not_use_up_its_tries() -> None:
    assert next_attempt(5, verdict=Verdict.DOUBTFUL, jitter=0, doubtful=1) == DOUBTFUL_WAIT
    assert next_attempt(7, verdict=Verdict.DOUBTFUL, jitter=0, doubtful=3) is None


@pytest.mark.parametrize("verdict", [Verdict.ACCEPTED, Verdict.FAILED, Verdict.BAD_ADDRESS])
def test_a_final_verdict_has_no_next_attempt(verdict: Verdict) -> None:
    assert next_attempt(1, verdict=verdict, jitter=0) is None


@pytest.mark.parametrize(("attempts", "jitter"), [(0, 0.0), (1, -0.1), (1, 1.1)])
def test_senseless_numbers_are_refused(attempts: int, jitter: float) -> None:
    with pytest.raises(ValueError, match="attempts"):
        next_attempt(attempts, verdict=Verdict.RETRY, jitter=jitter)
