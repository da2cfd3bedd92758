"""The guard before addresses are ended."""

import pytest

from notifier.delivery.fuse import IN_A_ROW, SHARE, WINDOW, Fuse
from notifier.delivery.model import Verdict


def _after(*outcomes: bool) -> Fuse:
    """Return a fuse that has seen these: True blames an address, False is a letter that was taken."""
    fuse = Fuse()
    for bad in outcomes:
        fuse.note(Verdict.BAD_ADDRESS if bad else Verdict.ACCEPTED)
    return fuse


def test_some_unknown_addresses_are_nothing_unusual() -> None:
    assert not _after(*[True] * IN_A_ROW).blown


def test_too_many_in_a_row_blow_it() -> None:
    assert _after(*[True] * (IN_A_ROW + 1)).blown


def test_one_known_address_begins_the_row_anew() -> None:
    assert not _after(*[True] * IN_A_ROW, False, *[True] * IN_A_ROW).blown


@pytest.mark.parametrize("verdict", [Verdict.RETRY, Verdict.DOUBTFUL, Verdict.FAILED])
def test_a_letter_that_was_not_taken_either_ends_no_row(verdict: Verdict) -> None:
    fuse = _after(*[True] * IN_A_ROW)
    fuse.note(verdict)
    assert not fuse.blown
    fuse.note(Verdict.BAD_ADDRESS)
    assert fuse.blown


def test_so_many_unknown_ones_are_a_large_share_of_whatever_came_before() -> None:
    young = _after(*[True, False] * int(SHARE * WINDOW))
    assert not young.blown
    young.note(Verdict.BAD_ADDRESS)
    assert young.blown


def test_too_large_a_share_of_the_last_thousand_blows_it() -> None:
    every_twentieth = [number % 20 == 0 for number in range(WINDOW)]
    assert sum(every_twentieth) == SHARE * WINDOW
    assert not _after(*every_twentieth).blown
    assert _after(*every_twentieth[:-1], True).blown


def test_a_share_is_not_judged_by_a_few() -> None:
    assert not _after(*[True, False] * 20).blown


def test_what_is_a_thousand_outcomes_ago_counts_no_more() -> None:
    bad_days = [number % 10 == 0 for number in range(WINDOW // 2)]
    assert not _after(*bad_days, *[False] * WINDOW, *bad_days).blown


def test_a_blown_fuse_stays_blown_until_it_is_replaced() -> None:
    fuse = _after(*[True] * (IN_A_ROW + 1), *[False] * 10)
    assert fuse.blown
    fuse.replace()
    assert not fuse.blown
    for _ in range(IN_A_ROW):
        fuse.note(Verdict.BAD_ADDRESS)
    assert not fuse.blown


def test_the_last_thousand_are_remembered_when_the_fuse_is_replaced() -> None:
    fuse = _after(*[True] * 30)
    fuse.replace()
    assert (fuse.blown, fuse.unknown_addresses) == (False, 30)
    for _ in range(WINDOW - 10):
        fuse.note(Verdict.ACCEPTED)
    assert fuse.unknown_addresses == 10
