"""The circuit breaker, second by second, on a time that the test makes up. May not sleep."""

from notifier.delivery.breaker import (
    LONGEST_PAUSE,
    PROBE_PATIENCE,
    SHORTEST_PAUSE,
    Breaker,
    BreakerState,
)


def test_letters_flow_until_the_first_fault() -> None:
    breaker = Breaker()
    assert breaker.wait(100) == 0
    assert breaker.failed(100) == SHORTEST_PAUSE
    assert breaker.wait(101) == SHORTEST_PAUSE - 1
    assert breaker.state is BreakerState.OPEN


def test_after_the_pause_one_letter_goes_and_the_others_wait_for_its_end() -> None:
    breaker = Breaker()
    breaker.failed(0)
    assert breaker.wait(SHORTEST_PAUSE) == 0
    assert breaker.state is BreakerState.HALF_OPEN
    assert breaker.wait(SHORTEST_PAUSE) == PROBE_PATIENCE
    breaker.worked()
    assert breaker.state is BreakerState.CLOSED
    assert breaker.wait(SHORTEST_PAUSE) == 0


def test_each_failed_probe_doubles_the_pause_up_to_five_minutes() -> None:
    breaker, now, pauses = Breaker(), 0.0, []
    for _ in range(9):
        assert breaker.wait(now) == 0
        pauses.append(breaker.failed(now))
        now += pauses[-1]
    assert pauses == [5, 10, 20, 40, 80, 160, 300, 300, 300]
    assert pauses[-1] == LONGEST_PAUSE


def test_a_success_makes_the_next_trouble_start_small() -> None:
    breaker = Breaker()
    breaker.failed(0)
    breaker.wait(5)
    assert breaker.failed(5) == 2 * SHORTEST_PAUSE
    breaker.worked()
    assert breaker.failed(100) == SHORTEST_PAUSE


def test_many_letters_failing_together_are_one_fault() -> None:
    breaker = Breaker()
    assert [breaker.failed(now) for now in (0, 1, 2)] == [5, 4, 3]
    assert breaker.wait(5) == 0


def test_a_probe_that_vanishes_does_not_stop_sending_for_ever() -> None:
    breaker = Breaker()
    breaker.failed(0)
    assert breaker.wait(5) == 0
    assert breaker.wait(9.5) == 0.5
    assert breaker.wait(10) == 0
