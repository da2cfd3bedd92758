"""Holds, releases and another announcement hour: what waits changes, what was said does not."""

from dataclasses import replace
from datetime import date, time

import pytest

from notifier.procedures.due import Arming, DueState, Edge
from notifier.procedures.model import Milestone
from tests.procedures.schedule_cast import CONSULTATION, IPAC_1, PUBLICATION, RULES, SCHEDULE, Table, at

SEPTEMBER = at(2022, 9, 1, 12)
NOTHING = Arming(new=(), updates=())
OPENS = (Edge.OPENS, date(2022, 10, 14))


@pytest.fixture
def table() -> Table:
    return Table()


def held(one: Milestone) -> Milestone:
    return replace(one, held=True)


@pytest.mark.parametrize("whole", [True, False], ids=["procedure", "milestone"])
def test_what_is_held_says_nothing_and_speaks_when_released(table: Table, whole: bool) -> None:
    table.arm((PUBLICATION,), SEPTEMBER)
    table.arm((PUBLICATION if whole else held(PUBLICATION),), at(2023, 3, 1), held=whole)
    assert set(table.states("publication").values()) == {DueState.HELD}
    assert table.announce(at(2023, 3, 29, 9)) == []
    table.arm((PUBLICATION,), at(2023, 3, 29, 12))
    assert table.announce(at(2023, 3, 29, 12)) == [("publication", Edge.REACHED, date(2023, 3, 29))]


def test_the_hold_of_one_milestone_leaves_the_others_free(table: Table) -> None:
    table.arm((held(IPAC_1), PUBLICATION), SEPTEMBER)
    assert set(table.states("ipac-1").values()) == {DueState.HELD}
    assert set(table.states("publication").values()) == {DueState.PENDING}


@pytest.mark.parametrize("whole", [True, False], ids=["procedure", "milestone"])
def test_an_open_consultation_found_while_held_waits_for_the_release(table: Table, whole: bool) -> None:
    one = CONSULTATION if whole else held(CONSULTATION)
    table.arm((one,), at(2022, 10, 20), held=whole)
    assert table.state("consultation", *OPENS) is DueState.HELD
    assert table.announce(at(2022, 10, 20)) == []
    table.arm((CONSULTATION,), at(2022, 10, 21))
    assert table.announce(at(2022, 10, 21)) == [("consultation", *OPENS)]


def test_a_held_date_that_is_taken_back_stays_silent_after_the_release(table: Table) -> None:
    table.arm((PUBLICATION,), SEPTEMBER, held=True)
    table.arm((), SEPTEMBER, held=True)
    table.arm((), SEPTEMBER)
    assert table.announce(at(2023, 5, 1)) == []


def test_what_comes_back_while_held_is_held(table: Table) -> None:
    table.arm((PUBLICATION,), SEPTEMBER)
    table.arm((), SEPTEMBER)
    table.arm((held(PUBLICATION),), SEPTEMBER)
    assert set(table.states("publication").values()) == {DueState.HELD}


def test_another_announcement_hour_moves_what_is_to_come_and_nothing_that_was_said(table: Table) -> None:
    table.arm((IPAC_1, PUBLICATION), SEPTEMBER)
    table.announce(at(2022, 9, 8, 8))
    arming = table.arm((IPAC_1, PUBLICATION), at(2022, 10, 1), rules=replace(RULES, announce_at=time(7, 30)))
    assert (arming.new, len(arming.updates)) == ((), 2)
    assert table.instant("ipac-1", Edge.REACHED).due_at == at(2022, 9, 8, 8)
    assert table.instant("publication", Edge.REACHED).due_at == at(2023, 3, 29, 6, 30)
    assert table.instant("publication", Edge.NOT_YET).due_at == at(2023, 3, 30, 6, 30)


def test_another_announcement_hour_does_not_rewrite_history(table: Table) -> None:
    table.arm(SCHEDULE, at(2023, 5, 1), silent=True)
    assert table.arm(SCHEDULE, at(2023, 5, 2), rules=replace(RULES, announce_at=time(7))) == NOTHING


def test_a_held_instant_follows_another_announcement_hour_too(table: Table) -> None:
    table.arm((PUBLICATION,), SEPTEMBER, held=True)
    table.arm((PUBLICATION,), SEPTEMBER, held=True, rules=replace(RULES, announce_at=time(10)))
    assert table.instant("publication", Edge.REACHED).due_at == at(2023, 3, 29, 9)
    assert set(table.states("publication").values()) == {DueState.HELD}
