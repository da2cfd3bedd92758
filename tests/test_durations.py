"""Durations fall into the bucket whose end they do not pass, and none is lost."""

import pytest

from notifier.durations import Durations


@pytest.mark.parametrize(
    ("seconds", "counts"),
    [(0.0, [1, 0, 0]), (0.1, [1, 0, 0]), (0.11, [0, 1, 0]), (1.0, [0, 1, 0]), (1.01, [0, 0, 1])],
)
def test_a_bucket_holds_what_is_up_to_its_end(seconds: float, counts: list[int]) -> None:
    durations = Durations((0.1, 1.0))
    durations.add(seconds)
    assert durations.counts == counts
    assert durations.total == seconds
