"""The bound for each recipient domain, as values: who has room, who waits in line, who comes again later."""

from hypothesis import given
from hypothesis import strategies as st

from notifier.delivery.domains import AHEAD_SECONDS, LONGEST_PUT_OFF, Domains

SLOW, OTHER = "slow.example", "other.example"


def fill(domains: Domains, domain: str, *, now: float = 0.0) -> None:
    while domains.has_room(domain):
        domains.begin(domain, now)


def test_without_a_bound_there_is_always_room_and_nobody_is_put_off() -> None:
    domains = Domains(0)
    for _ in range(1000):
        domains.line_up(SLOW)
        domains.begin(SLOW, 0.0)
    assert domains.has_room(SLOW)
    assert domains.put_off(SLOW, 900.0) == 0
    domains.end(SLOW, 0.0, 1.0)


def test_a_domain_at_its_bound_has_no_room_and_others_have() -> None:
    domains = Domains(2)
    fill(domains, SLOW)
    assert not domains.has_room(SLOW)
    assert domains.has_room(OTHER)
    domains.end(SLOW, 0.0, 1.0)
    assert domains.has_room(SLOW)


def test_only_as_many_wait_in_line_as_their_domain_takes_in_the_next_seconds() -> None:
    domains = Domains(2)
    waiting = 0
    while not domains.put_off(SLOW, 0.0):
        domains.line_up(SLOW)
        waiting += 1
    assert waiting == 81  # two at once, a twentieth of a second each, for two seconds
    assert domains.put_off(OTHER, 0.0) == 0


def test_who_is_put_off_comes_again_one_after_the_other() -> None:
    domains = Domains(1)
    fill(domains, SLOW)
    waits = [domains.put_off(SLOW, 10.0) for _ in range(30)]  # the one under way has taken ten seconds
    assert waits[0] == AHEAD_SECONDS
    assert waits[:3] == [2, 12, 22]
    assert max(waits) == LONGEST_PUT_OFF


def test_a_domain_that_is_found_to_be_quick_lets_more_wait_in_line() -> None:
    domains = Domains(1)
    for number in range(50):
        domains.begin(OTHER, float(number))
        domains.end(OTHER, float(number), number + 0.01)
    for _ in range(100):
        assert domains.put_off(OTHER, 50.0) == 0
        domains.line_up(OTHER)


@given(st.lists(st.sampled_from([SLOW, OTHER]), max_size=60), st.integers(1, 5))
def test_the_bound_is_never_passed_and_every_end_gives_its_place_back(names: list[str], most: int) -> None:
    domains, under_way = Domains(most), list[tuple[str, float]]()
    for now, name in enumerate(names):
        if domains.has_room(name):
            domains.begin(name, float(now))
            under_way.append((name, float(now)))
        assert sum(one == name for one, _ in under_way) <= most
        assert 0 <= domains.put_off(name, float(now)) <= LONGEST_PUT_OFF
    for name, begun in under_way:
        domains.end(name, begun, 100.0)
        assert domains.has_room(name)
