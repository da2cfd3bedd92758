"""A checksum knows every value of every row, and not their order."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from notifier.copying.checksums import Checksum, Summed

AT = datetime(2022, 10, 14, 8, tzinfo=UTC)


def summed(*rows: Sequence[object]) -> Summed:
    found = Checksum()
    found.add(rows)
    return found.summed()


def test_the_order_of_rows_means_nothing() -> None:
    assert summed((1, "a"), (2, "b")) == summed((2, "b"), (1, "a"))


def test_no_rows_are_nothing() -> None:
    assert summed() == Summed(rows=0, checksum="0" * 32)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([(1, "a"), (2, "b")], [(1, "b"), (2, "a")]),
        ([(1, "a")], [(1, "a"), (1, "a"), (1, "a")]),
        ([(1, "a"), (1, "a")], []),
        ([("a", "b, c")], [("a, b", "c")]),
        ([(None,)], [("None",)]),
        ([(None,)], [("",)]),
        ([(True,)], [(1,)]),
        ([(b"a",)], [("a",)]),
        ([(AT,)], [(AT.replace(tzinfo=None),)]),
        ([(AT,)], [(AT.replace(microsecond=1),)]),
    ],
)
def test_whatever_differs_shows(one: list[Sequence[object]], other: list[Sequence[object]]) -> None:
    assert summed(*one).checksum != summed(*other).checksum
