"""Arming: stored due instants follow the schedule, and nothing speaks twice or from the past."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from notifier.procedures.due import Arming, DueState, Edge
from notifier.procedures.model import Dates, MilestoneState
from tests.procedures.schedule_cast import (
    CONSULTATION,
    IPAC_1,
    PUBLICATION,
    SCHEDULE,
    TBC,
    Table,
    at,
    between,
    in_month,
    moved,
    on,
)

SEPTEMBER = at(2022, 9, 1, 12)
NOTHING = Arming(new=(), updates=())
OPENS = (Edge.OPENS, date(2022, 10, 14))
CLOSING_7 = (Edge.CLOSING_7, date(2022, 11, 4))
CLOSING_1 = (Edge.CLOSING_1, date(2022, 11, 10))
CLOSES = (Edge.CLOSES, date(2022, 11, 11))


@pytest.fixture
def table() -> Table:
    return Table()


def test_a_schedule_still_to_come_waits_whole(table: Table) -> None:
    table.arm(SCHEDULE, SEPTEMBER, silent=True)
    assert {row.state for row in table.rows} == {DueState.PENDING}
    assert len(table.rows) == 1 + 4 + 2


def test_a_whole_replay_says_each_stage_once_in_order(table: Table) -> None:
    table.arm(SCHEDULE, SEPTEMBER)
    said = [one for day in range(300) for one in table.announce(SEPTEMBER + timedelta(days=day))]
    assert said == [
        ("ipac-1", Edge.REACHED, date(2022, 9, 8)),
        ("consultation", *OPENS),
        ("consultation", *CLOSING_7),
        ("consultation", *CLOSING_1),
        ("consultation", *CLOSES),
        ("publication", Edge.REACHED, date(2023, 3, 29)),
        ("publication", Edge.NOT_YET, date(2023, 3, 30)),
    ]


@pytest.mark.parametrize("silent", [True, False])
def test_a_wholly_past_schedule_is_history(table: Table, silent: bool) -> None:
    table.arm(SCHEDULE, at(2023, 5, 1), silent=silent)
    assert {row.state for row in table.rows} == {DueState.HISTORY}


@pytest.mark.parametrize(
    ("now", "silent", "opening"),
    [
        pytest.param(at(2022, 10, 14, 7, 59), True, DueState.PENDING, id="before it opens"),
        pytest.param(at(2022, 10, 14, 8), True, DueState.HISTORY, id="as it opens, first load"),
        pytest.param(at(2022, 10, 20), True, DueState.HISTORY, id="open, first load"),
        pytest.param(at(2022, 10, 14, 8), False, DueState.PENDING, id="as it opens, found later"),
        pytest.param(at(2022, 10, 20), False, DueState.PENDING, id="open, found later"),
        pytest.param(at(2022, 11, 11, 16, 59), False, DueState.PENDING, id="a minute before the close"),
        pytest.param(at(2022, 11, 11, 17), False, DueState.HISTORY, id="closed"),
    ],
)
def test_an_open_consultation_is_told_unless_its_source_is_new(
    table: Table, now: datetime, silent: bool, opening: DueState
) -> None:
    table.arm((CONSULTATION,), now, silent=silent)
    assert table.state("consultation", *OPENS) is opening


def test_of_an_open_consultation_found_late_only_past_reminders_are_history(table: Table) -> None:
    table.arm((CONSULTATION,), at(2022, 11, 5))
    assert table.states("consultation") == {
        OPENS: DueState.PENDING,
        CLOSING_7: DueState.HISTORY,
        CLOSING_1: DueState.PENDING,
        CLOSES: DueState.PENDING,
    }


def test_a_meeting_found_on_its_day_after_the_hour_is_history(table: Table) -> None:
    table.arm((IPAC_1,), at(2022, 9, 8, 9))
    assert table.state("ipac-1", Edge.REACHED, date(2022, 9, 8)) is DueState.HISTORY


@pytest.mark.parametrize(
    ("move_at", "to", "old", "new"),
    [
        pytest.param(
            at(2023, 3, 20), date(2023, 5, 24), DueState.WITHDRAWN, DueState.PENDING, id="before its day"
        ),
        pytest.param(
            at(2023, 3, 29, 7, 30),
            date(2023, 5, 24),
            DueState.WITHDRAWN,
            DueState.PENDING,
            id="on its day before the hour",
        ),
        pytest.param(
            at(2023, 3, 29, 10),
            date(2023, 5, 24),
            DueState.ANNOUNCED,
            DueState.PENDING,
            id="on its day after the hour",
        ),
        pytest.param(
            at(2023, 4, 20), date(2023, 5, 24), DueState.ANNOUNCED, DueState.PENDING, id="after its day"
        ),
        pytest.param(
            at(2023, 3, 20), date(2023, 3, 15), DueState.WITHDRAWN, DueState.HISTORY, id="into the past"
        ),
    ],
)
def test_a_moved_publication_speaks_on_its_new_day(
    table: Table, move_at: datetime, to: date, old: DueState, new: DueState
) -> None:
    table.arm((PUBLICATION,), SEPTEMBER)
    table.announce(move_at)
    table.arm((moved(PUBLICATION, on(to)),), move_at)
    assert table.state("publication", Edge.REACHED, date(2023, 3, 29)) is old
    assert table.state("publication", Edge.REACHED, to) is new


def test_not_yet_published_moves_with_the_publication(table: Table) -> None:
    table.arm((PUBLICATION,), SEPTEMBER)
    table.announce(at(2023, 3, 29, 9))
    table.arm((moved(PUBLICATION, on(date(2023, 5, 24))),), at(2023, 3, 29, 15))
    assert table.announce(at(2023, 3, 30, 9)) == []
    assert table.pending("publication") == {
        Edge.REACHED: date(2023, 5, 24),
        Edge.NOT_YET: date(2023, 5, 25),
    }


def test_a_date_moved_away_and_back_is_announced_on_its_day(table: Table) -> None:
    table.arm((PUBLICATION,), SEPTEMBER)
    table.arm((moved(PUBLICATION, on(date(2023, 5, 24))),), at(2023, 2, 1))
    table.arm((PUBLICATION,), at(2023, 2, 8))
    assert table.pending("publication") == {
        Edge.REACHED: date(2023, 3, 29),
        Edge.NOT_YET: date(2023, 3, 30),
    }
    assert len(table.announce(at(2023, 3, 29, 9))) == 1


def test_an_opening_moved_away_and_back_after_its_day_is_told_while_people_can_act(table: Table) -> None:
    later = moved(CONSULTATION, between(date(2022, 10, 24), date(2022, 11, 18)))
    table.arm((CONSULTATION,), SEPTEMBER)
    table.arm((later,), at(2022, 10, 10))
    assert table.announce(at(2022, 10, 15)) == []
    table.arm((CONSULTATION,), at(2022, 10, 17))
    assert table.announce(at(2022, 10, 17)) == [("consultation", *OPENS)]


def test_a_date_announced_then_moved_away_and_back_is_not_announced_again(table: Table) -> None:
    table.arm((PUBLICATION,), SEPTEMBER)
    assert len(table.announce(at(2023, 3, 29, 9))) == 1
    table.arm((moved(PUBLICATION, on(date(2023, 5, 24))),), at(2023, 3, 29, 10))
    table.arm((PUBLICATION,), at(2023, 3, 29, 12))
    assert table.announce(at(2023, 3, 29, 13)) == []
    assert table.pending("publication") == {Edge.NOT_YET: date(2023, 3, 30)}


def test_an_extended_consultation_reminds_again_and_does_not_open_again(table: Table) -> None:
    table.arm((CONSULTATION,), SEPTEMBER)
    table.announce(at(2022, 11, 10, 10))
    table.arm((moved(CONSULTATION, between(date(2022, 10, 14), date(2022, 11, 25))),), at(2022, 11, 10, 12))
    assert table.pending("consultation") == {
        Edge.CLOSING_7: date(2022, 11, 18),
        Edge.CLOSING_1: date(2022, 11, 24),
        Edge.CLOSES: date(2022, 11, 25),
    }
    assert table.state("consultation", *CLOSES) is DueState.WITHDRAWN


def test_a_stated_closing_hour_moves_only_the_closing(table: Table) -> None:
    table.arm((CONSULTATION,), SEPTEMBER)
    noon = moved(CONSULTATION, replace(CONSULTATION.dates, closes_at=time(12)))
    arming = table.arm((noon,), SEPTEMBER)
    assert [one.instant.due_at for one in arming.updates] == [at(2022, 11, 11, 12)]
    assert arming.new == ()


@pytest.mark.parametrize("gone", [TBC, in_month(2023, 3)])
def test_a_day_that_is_taken_back_no_longer_speaks(table: Table, gone: Dates) -> None:
    table.arm((PUBLICATION,), SEPTEMBER)
    table.arm((replace(PUBLICATION, dates=gone),), at(2023, 2, 1))
    assert set(table.states("publication").values()) == {DueState.WITHDRAWN}


@pytest.mark.parametrize("without", ["gone from the schedule", "marked as withdrawn"])
def test_a_withdrawn_milestone_is_silent_until_it_comes_back(table: Table, without: str) -> None:
    table.arm((PUBLICATION,), SEPTEMBER)
    withdrawn = replace(PUBLICATION, state=MilestoneState.WITHDRAWN)
    table.arm(() if without.startswith("gone") else (withdrawn,), at(2023, 2, 1))
    assert set(table.states("publication").values()) == {DueState.WITHDRAWN}
    table.arm((PUBLICATION,), at(2023, 3, 1))
    assert set(table.states("publication").values()) == {DueState.PENDING}


def test_a_stop_silences_the_procedure_and_a_restart_arms_only_what_is_to_come(table: Table) -> None:
    table.arm(SCHEDULE, SEPTEMBER)
    table.announce(at(2022, 9, 8, 8))
    table.arm(SCHEDULE, at(2022, 10, 1), counts=False)
    assert table.announce(at(2022, 11, 5)) == []
    table.arm(SCHEDULE, at(2022, 11, 5), silent=True)
    assert table.state("ipac-1", Edge.REACHED, date(2022, 9, 8)) is DueState.ANNOUNCED
    assert table.states("consultation") == {
        OPENS: DueState.HISTORY,
        CLOSING_7: DueState.HISTORY,
        CLOSING_1: DueState.PENDING,
        CLOSES: DueState.PENDING,
    }
    assert set(table.states("publication").values()) == {DueState.PENDING}


def test_what_fell_due_but_was_not_announced_before_a_stop_is_history_after_it(table: Table) -> None:
    table.arm((IPAC_1,), SEPTEMBER)
    table.arm((IPAC_1,), at(2022, 9, 8, 12), counts=False)
    table.arm((IPAC_1,), at(2022, 9, 8, 13))
    assert table.state("ipac-1", Edge.REACHED, date(2022, 9, 8)) is DueState.HISTORY


@pytest.mark.parametrize(
    ("back_at", "state"),
    [(at(2022, 9, 8, 7, 59), DueState.PENDING), (at(2022, 9, 8, 8), DueState.HISTORY)],
)
def test_what_comes_back_speaks_only_before_its_instant(
    table: Table, back_at: datetime, state: DueState
) -> None:
    table.arm((IPAC_1,), SEPTEMBER)
    table.arm((), SEPTEMBER)
    table.arm((IPAC_1,), back_at)
    assert table.state("ipac-1", Edge.REACHED, date(2022, 9, 8)) is state


def test_a_procedure_that_does_not_run_arms_nothing(table: Table) -> None:
    assert table.arm(SCHEDULE, SEPTEMBER, counts=False) == NOTHING
