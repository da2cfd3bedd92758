"""The line between claim and mail server: first come first served, domains at their bound let others pass."""

import time

from notifier.clock import machine_now
from notifier.delivery.domains import Domains
from notifier.delivery.line import Begun, Held, Line
from notifier.delivery.model import Letter
from notifier.delivery.owners import Lease
from notifier.delivery.pace import SLACK_SECONDS, Pace
from notifier.delivery.pressure import Sign

LEASE = Lease(1, machine_now())


def held(number: int, domain: str = "one.example") -> Held:
    letter = Letter(
        delivery_id=number,
        subscriber_id=number,
        attempts=0,
        doubtful=0,
        sender="alerts@notifier.example",
        recipient=f"reader@{domain}",
        parts=(b".\r\n",),
    )
    return Held(lease=LEASE, letter=letter, since=time.monotonic())


def line_of(*letters: Held, most: int = 8, per_domain: int = 0, per_second: int = 0) -> Line:
    line = Line(Pace(most=most, per_second=per_second), Domains(per_domain))
    assert not line.admit(letters, 0.0)
    return line


def take(line: Line, now: float = 0.0) -> Begun:
    found = line.next(now)
    assert found is not None
    return found


def number(begun: Begun) -> int:
    return begun.held.letter.delivery_id


def test_letters_leave_in_the_order_in_which_they_came() -> None:
    line = line_of(*map(held, range(5)))
    assert [number(take(line)) for _ in range(5)] == [0, 1, 2, 3, 4]
    assert line.next(0.0) is None


def test_no_more_are_under_way_than_the_pace_allows() -> None:
    line = line_of(*map(held, range(3)), most=2)
    first = take(line)
    assert line.room == 1
    take(line)
    assert (line.next(0.0), line.room) == (None, 0)
    line.end(first, Sign.WELL, 1.0)
    assert number(take(line)) == 2


def test_a_sign_of_pressure_makes_the_line_slower() -> None:
    line = line_of(*map(held, range(6)), most=4)
    begun = [take(line) for _ in range(4)]
    for one in begun:
        line.end(one, Sign.PRESSED, 1.0)
    take(line, 1.0)
    take(line, 1.0)
    assert line.next(1.0) is None  # two at once, no longer four


def test_a_domain_at_its_bound_lets_others_pass_and_goes_on_when_it_has_room() -> None:
    slow = [held(number, "slow.example") for number in range(3)]
    line = line_of(*slow, held(10), held(11), per_domain=1)
    assert (line.ready(10), line.ready(3)) == (5, 3)
    first = take(line)
    assert (number(take(line)), line.ready(10)) == (10, 0)
    assert line.next(0.0) is None
    line.end(first, Sign.WELL, 0.1)
    assert (number(take(line, 0.1)), len(line)) == (1, 2)


def test_a_configured_pace_is_kept_while_the_letters_stay_in_line() -> None:
    line = line_of(*map(held, range(9)), most=9, per_second=20)
    now = 0.0
    for _ in range(9):
        now += line.wait(now)
        take(line, now)
        assert len(line) == 0 or line.next(now + 0.001) is None
    assert now >= 8 / 20 - SLACK_SECONDS


def test_what_is_unfit_is_taken_out_and_the_rest_keeps_its_order() -> None:
    line = line_of(*map(held, range(6)), per_domain=3)
    out = line.take_out(lambda one: one.letter.delivery_id % 2 == 0)
    assert [one.letter.delivery_id for one in out] == [0, 2, 4]
    assert [number(take(line)) for _ in range(3)] == [1, 3, 5]


def test_a_letter_that_went_nowhere_is_the_next_again() -> None:
    line = line_of(*map(held, range(3)), per_domain=2)
    first = take(line)
    line.end(first, Sign.NOTHING, 0.0)
    line.put_back(first.held)
    assert [number(take(line)) for _ in range(2)] == [0, 1]


def test_one_that_had_passed_older_ones_comes_back_behind_them() -> None:
    first, second, other = held(1), held(2), held(3, "two.example")
    line = line_of(first, second, other, per_domain=1)
    assert [one.held for one in (line.next(0.0), line.next(0.0)) if one is not None] == [first, other]
    line.put_back(other)
    assert line.oldest == second
