"""The pace as a value: it grows by one a round, is halved once a round, and rests when one is too much."""

from collections import deque

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifier.delivery.pace import FIRST_REST, LEAST_REST, LONGEST_REST, SLACK_SECONDS, Pace, Throughput


def one_round(pace: Pace) -> list[int]:
    """Begin as many letters as may be under way, and return their numbers."""
    return [pace.begin(0.0) for _ in range(pace.width)]


def press(pace: Pace) -> None:
    pace.pressed(one_round(pace)[0])


def test_it_begins_as_wide_as_it_may_and_without_rests() -> None:
    pace = Pace(most=8)
    assert (pace.width, pace.rest, pace.wait(0.0), pace.within(2)) == (8, 0.0, 0.0, None)


def test_a_round_of_bad_answers_halves_it_once() -> None:
    pace = Pace(most=8)
    for number in one_round(pace):
        pace.pressed(number)
    assert pace.width == 4
    for number in one_round(pace):
        pace.pressed(number)
    assert pace.width == 2


def test_good_answers_of_a_round_that_was_too_much_do_not_widen_it() -> None:
    pace = Pace(most=8)
    first, *others = one_round(pace)
    pace.pressed(first)
    for number in others:
        pace.went_well(number)
    assert pace.width == 4


def test_a_good_round_widens_it_by_one_and_never_beyond_the_bound() -> None:
    pace = Pace(most=4)
    press(pace)
    press(pace)
    widths = []
    for _ in range(6):
        for number in one_round(pace):
            pace.went_well(number)
        widths.append(pace.width)
    assert widths == [2, 2, 3, 4, 4, 4]


def test_when_one_at_a_time_is_too_much_it_rests_and_doubles_the_rest_up_to_a_bound() -> None:
    pace = Pace(most=2)
    press(pace)
    rests = []
    for _ in range(12):
        press(pace)
        rests.append(pace.rest)
    assert rests[:3] == [FIRST_REST, 2 * FIRST_REST, 4 * FIRST_REST]
    assert (pace.width, rests[-1]) == (1, LONGEST_REST)


def test_a_rest_counts_from_the_beginning_of_the_letter_before() -> None:
    pace = Pace(most=1)
    press(pace)
    pace.begin(100.0)
    assert pace.wait(100.0) == pytest.approx(FIRST_REST)
    assert pace.wait(100.0 + FIRST_REST) == 0


def test_from_the_longest_rest_it_recovers_to_its_full_width() -> None:
    pace = Pace(most=4)
    for _ in range(20):
        press(pace)
    letters = seconds = 0.0
    while pace.width < 4:
        seconds += pace.rest
        letters += 1
        pace.went_well(pace.begin(seconds))
    assert pace.rest == 0
    assert seconds < 600
    assert LEAST_REST < FIRST_REST


@pytest.mark.parametrize("per_second", [1, 7, 50, 1000])
def test_no_more_mails_begin_in_a_second_than_are_allowed_but_for_a_late_timer(per_second: int) -> None:
    pace, now, begun = Pace(most=8, per_second=per_second), 0.0, deque[float]()
    while now < 20:
        now += pace.wait(now) + 0.0007  # a timer never wakes on time
        if pace.wait(now) == 0:
            pace.begin(now)
            begun.append(now)
    assert len(begun) == pytest.approx(20 * per_second, rel=0.1, abs=1)
    window = deque[float]()
    for at in begun:
        window.append(at)
        while window[0] <= at - 1:
            window.popleft()
        assert len(window) <= per_second * (1 + SLACK_SECONDS) + 1


def test_an_idle_time_is_not_saved_up() -> None:
    pace = Pace(most=8, per_second=10)
    pace.begin(0.0)
    now, begun = 3600.0, 0
    while now < 3601:
        now += max(pace.wait(now), 0.001)
        if pace.wait(now) == 0:
            pace.begin(now)
            begun += 1
    assert begun <= 12


def test_what_is_claimed_ahead_follows_the_slower_of_both() -> None:
    pace = Pace(most=1, per_second=100)
    assert pace.within(2) == 200
    for _ in range(6):
        press(pace)
    assert pace.within(2) == int(2 / pace.rest) == 3
    assert Pace(most=1, per_second=1).within(0.1) == 0


def test_the_throughput_is_of_the_time_since_it_was_asked_last() -> None:
    throughput = Throughput(10.0)
    assert throughput.per_second(100, 12.0) == 50
    assert throughput.per_second(100, 13.0) == 0


signs = st.lists(st.tuples(st.sampled_from(["begin", "well", "pressed"]), st.integers(0, 40)), max_size=200)


@settings(max_examples=30, deadline=None)  # a full recovery takes some 60,000 letters
@given(most=st.integers(1, 20), per_second=st.integers(0, 50), acts=signs)
def test_whatever_happens_it_is_never_zero_never_above_and_recovers(
    most: int, per_second: int, acts: list[tuple[str, int]]
) -> None:
    pace, under_way, now = Pace(most=most, per_second=per_second), list[int](), 0.0
    for act, which in acts:
        now += 0.01
        if act == "begin" or not under_way:
            under_way.append(pace.begin(now))
        else:
            number = under_way.pop(which % len(under_way))
            (pace.went_well if act == "well" else pace.pressed)(number)
        assert 1 <= pace.width <= most
        assert 0 <= pace.rest <= LONGEST_REST
        assert pace.wait(now) <= max(LONGEST_REST, len(acts))
    for _ in range(200_000):
        if pace.width == most and not pace.rest:
            break
        pace.went_well(pace.begin(now))
    assert (pace.width, pace.rest) == (most, 0.0)
