"""How often one network may ask, in machine time."""

from datetime import UTC, datetime, timedelta

from notifier.web.fence import NetworkFence

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_what_is_an_hour_old_counts_no_more_and_the_wait_says_when() -> None:
    fence = NetworkFence(most=2, key=b"k")
    assert fence.wait("a", NOW) is None
    assert fence.wait("a", NOW + 10 * MINUTE) is None
    assert fence.wait("a", NOW + 20 * MINUTE) == 40 * MINUTE
    assert fence.wait("b", NOW + 20 * MINUTE) is None
    assert fence.wait("a", NOW + 60 * MINUTE) is None
    assert fence.wait("a", NOW + 61 * MINUTE) == 9 * MINUTE


def test_what_was_refused_does_not_lengthen_the_wait() -> None:
    fence = NetworkFence(most=1, key=b"k")
    assert fence.wait("a", NOW) is None
    for minute in range(1, 60):
        assert fence.wait("a", NOW + minute * MINUTE) == (60 - minute) * MINUTE
    assert fence.wait("a", NOW + 60 * MINUTE) is None


def test_it_keeps_no_more_than_it_has_room_for_and_nothing_for_more_than_an_hour() -> None:
    fence = NetworkFence(most=1, key=b"k", room=3)
    for name in "abcd":
        assert fence.wait(name, NOW) is None
    assert fence.wait("d", NOW) is not None
    assert fence.wait("a", NOW) is None
    assert fence.wait("z", NOW + 2 * 60 * MINUTE) is None
    assert len(fence._asked) == 1


def test_it_shows_and_keeps_no_network_address() -> None:
    fence = NetworkFence(most=1, key=b"a very secret key")
    fence.wait("203.0.113.9", NOW)
    assert "203.0.113.9" not in repr(fence.__dict__)
    assert "key" not in repr(fence)
