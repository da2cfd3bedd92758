"""When a milestone speaks: civil days made instants, reminders on working days, and what never speaks."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.procedures.due import FIRST_REMINDER, REMINDER_AFTER_OPENING, Edge, closing_instant, derive
from notifier.procedures.model import Dates, Milestone, MilestoneKind, MilestoneState, Precision
from tests.procedures.schedule_cast import (
    BANK_HOLIDAYS,
    CONSULTATION,
    IPAC_1,
    PUBLICATION,
    RULES,
    TBC,
    at,
    between,
    in_month,
    moved,
    on,
)

AT_HALF_PAST_ONE = replace(RULES, announce_at=time(1, 30))


def days(one: Milestone) -> dict[Edge, date]:
    return {due.edge: due.local_date for due in derive(one, RULES)}


def consultation(start: date, end: date, *, closes_at: time | None = None) -> Milestone:
    return moved(CONSULTATION, between(start, end, closes_at=closes_at))


@pytest.mark.parametrize(
    ("hour", "day", "instant"),
    [
        pytest.param(time(9), date(2022, 9, 8), at(2022, 9, 8, 8), id="summer"),
        pytest.param(time(9), date(2023, 1, 12), at(2023, 1, 12, 9), id="winter"),
        pytest.param(time(9), date(2023, 3, 25), at(2023, 3, 25, 9), id="the day before the clocks go on"),
        pytest.param(time(9), date(2023, 3, 26), at(2023, 3, 26, 8), id="the clocks went on in the night"),
        pytest.param(time(9), date(2022, 10, 29), at(2022, 10, 29, 8), id="the day before they go back"),
        pytest.param(time(9), date(2022, 10, 30), at(2022, 10, 30, 9), id="they went back in the night"),
        pytest.param(time(1, 30), date(2023, 3, 26), at(2023, 3, 26, 1, 30), id="an hour that is left out"),
        pytest.param(time(1, 30), date(2022, 10, 30), at(2022, 10, 30, 0, 30), id="the first of two hours"),
        pytest.param(time(0), date(2023, 6, 1), at(2023, 5, 31, 23), id="midnight in summer"),
        pytest.param(time(9), date(2022, 12, 31), at(2022, 12, 31, 9), id="the last day of a year"),
        pytest.param(time(9), date(2023, 1, 1), at(2023, 1, 1, 9), id="the first day of a year"),
        pytest.param(time(9), date(2024, 2, 29), at(2024, 2, 29, 9), id="a leap day"),
    ],
)
def test_a_day_is_announced_at_the_local_hour(hour: time, day: date, instant: datetime) -> None:
    rules = replace(RULES, announce_at=hour)
    (due,) = derive(moved(IPAC_1, on(day)), rules)
    assert due.due_at == instant
    assert due.due_at.utcoffset() == timedelta(0)
    assert (due.local_date, due.zone) == (day, "Europe/London")


@given(
    day=st.dates(date(1990, 1, 1), date(2037, 12, 31)),
    hour=st.times(),
)
def test_an_instant_falls_on_its_own_civil_day_whatever_the_clocks_do(day: date, hour: time) -> None:
    assert RULES.local_date(RULES.instant(day, hour)) == day


@given(
    day=st.dates(date(1990, 1, 1), date(2037, 12, 31)),
    hour=st.times(),
)
def test_a_later_day_is_announced_later(day: date, hour: time) -> None:
    rules = replace(RULES, announce_at=hour)
    apart = rules.announcement(day + timedelta(days=1)) - rules.announcement(day)
    assert timedelta(hours=23) <= apart <= timedelta(hours=25)


def test_a_consultation_has_four_instants() -> None:
    assert [(due.edge, due.local_date, due.due_at) for due in derive(CONSULTATION, RULES)] == [
        (Edge.OPENS, date(2022, 10, 14), at(2022, 10, 14, 8)),
        (Edge.CLOSING_7, date(2022, 11, 4), at(2022, 11, 4, 9)),
        (Edge.CLOSING_1, date(2022, 11, 10), at(2022, 11, 10, 9)),
        (Edge.CLOSES, date(2022, 11, 11), at(2022, 11, 11, 17)),
    ]


def test_a_window_opens_and_closes_as_a_consultation_does() -> None:
    window = replace(CONSULTATION, kind=MilestoneKind.WINDOW)
    assert derive(window, RULES) == derive(CONSULTATION, RULES)


@pytest.mark.parametrize(
    ("closes_at", "instant"),
    [
        (None, at(2022, 11, 11, 17)),
        (time(12), at(2022, 11, 11, 12)),
        (time(0), at(2022, 11, 11, 0)),
        (time(23, 59), at(2022, 11, 11, 23, 59)),
    ],
)
def test_a_closing_keeps_the_hour_its_source_states(closes_at: time | None, instant: datetime) -> None:
    one = consultation(date(2022, 10, 14), date(2022, 11, 11), closes_at=closes_at)
    assert closing_instant(one, RULES) == derive(one, RULES)[-1].due_at == instant


def test_a_closing_after_the_clocks_went_back_is_at_five_by_the_new_time() -> None:
    one = consultation(date(2022, 10, 3), date(2022, 10, 31))
    assert closing_instant(one, RULES) == at(2022, 10, 31, 17)


@pytest.mark.parametrize(
    ("start", "end", "reminders"),
    [
        pytest.param(
            date(2022, 10, 3),
            date(2022, 10, 31),
            {Edge.CLOSING_7: date(2022, 10, 24), Edge.CLOSING_1: date(2022, 10, 28)},
            id="a Monday closing is remembered on Friday",
        ),
        pytest.param(
            date(2022, 10, 3),
            date(2022, 10, 30),
            {Edge.CLOSING_7: date(2022, 10, 21), Edge.CLOSING_1: date(2022, 10, 28)},
            id="a Sunday closing moves both reminders back",
        ),
        pytest.param(
            date(2022, 12, 1),
            date(2023, 1, 3),
            {Edge.CLOSING_7: date(2022, 12, 23), Edge.CLOSING_1: date(2022, 12, 30)},
            id="bank holidays at the year's end",
        ),
        pytest.param(
            date(2023, 3, 1),
            date(2023, 4, 11),
            {Edge.CLOSING_7: date(2023, 4, 4), Edge.CLOSING_1: date(2023, 4, 6)},
            id="Good Friday to Easter Monday",
        ),
        pytest.param(
            date(2022, 10, 14),
            date(2022, 10, 24),
            {Edge.CLOSING_7: date(2022, 10, 17), Edge.CLOSING_1: date(2022, 10, 21)},
            id="three days after the opening is soon enough",
        ),
        pytest.param(
            date(2022, 10, 17),
            date(2022, 10, 26),
            {Edge.CLOSING_1: date(2022, 10, 25)},
            id="two days after the opening is too soon",
        ),
        pytest.param(
            date(2022, 10, 20),
            date(2022, 10, 30),
            {Edge.CLOSING_1: date(2022, 10, 28)},
            id="a weekend moves the first reminder too near to the opening",
        ),
        pytest.param(
            date(2022, 10, 12), date(2022, 10, 14), {Edge.CLOSING_1: date(2022, 10, 13)}, id="three days"
        ),
        pytest.param(date(2022, 10, 13), date(2022, 10, 14), {}, id="two days"),
        pytest.param(date(2022, 10, 14), date(2022, 10, 14), {}, id="one day"),
        pytest.param(date(2022, 10, 14), date(2022, 10, 17), {}, id="opened on the last working day before"),
    ],
)
def test_reminders_move_back_to_a_working_day_and_never_crowd(
    start: date, end: date, reminders: dict[Edge, date]
) -> None:
    assert days(consultation(start, end)) == {Edge.OPENS: start, **reminders, Edge.CLOSES: end}


def test_when_a_week_of_holidays_makes_one_day_of_two_reminders_the_last_one_stays() -> None:
    week = frozenset(date(2022, 10, 21) + timedelta(days=one) for one in range(10))
    rules = replace(RULES, holidays=week)
    edges = {
        due.edge: due.local_date for due in derive(consultation(date(2022, 10, 3), date(2022, 10, 28)), rules)
    }
    assert Edge.CLOSING_7 not in edges
    assert edges[Edge.CLOSING_1] == date(2022, 10, 20)


@given(
    start=st.dates(date(2022, 1, 1), date(2024, 1, 1)),
    length=st.integers(0, 120),
    holidays=st.frozensets(st.dates(date(2022, 1, 1), date(2024, 6, 1)), max_size=40),
)
def test_whatever_the_calendar_reminders_are_working_days_in_order(
    start: date, length: int, holidays: frozenset[date]
) -> None:
    rules = replace(RULES, holidays=BANK_HOLIDAYS | holidays)
    end = start + timedelta(days=length)
    dues = derive(consultation(start, end), rules)
    found = {due.edge: due.local_date for due in dues}
    assert [due.due_at for due in dues] == sorted(due.due_at for due in dues)
    assert (found[Edge.OPENS], found[Edge.CLOSES]) == (start, end)
    for edge in (Edge.CLOSING_7, Edge.CLOSING_1):
        assert edge not in found or (rules.is_working(found[edge]) and start < found[edge] < end)
    if Edge.CLOSING_7 in found:
        assert start + REMINDER_AFTER_OPENING <= found[Edge.CLOSING_7] <= end - FIRST_REMINDER
        assert found[Edge.CLOSING_7] < found[Edge.CLOSING_1]


@pytest.mark.parametrize("kind", list(MilestoneKind))
@pytest.mark.parametrize("dates", [TBC, in_month(2023, 3), Dates(precision=Precision.DAY)])
def test_a_date_that_is_no_day_never_speaks(kind: MilestoneKind, dates: Dates) -> None:
    assert derive(replace(PUBLICATION, kind=kind, dates=dates), RULES) == ()


@pytest.mark.parametrize("kind", list(MilestoneKind))
def test_what_was_withdrawn_never_speaks(kind: MilestoneKind) -> None:
    gone = replace(CONSULTATION, kind=kind, state=MilestoneState.WITHDRAWN)
    assert derive(gone, RULES) == ()


@pytest.mark.parametrize(
    "kind", [MilestoneKind.MEETING, MilestoneKind.RESOLUTION, MilestoneKind.OTHER, MilestoneKind.PUBLICATION]
)
def test_only_an_expected_publication_is_asked_after_once_more(kind: MilestoneKind) -> None:
    edges = {due.edge for due in derive(replace(PUBLICATION, kind=kind), RULES)}
    assert edges == ({Edge.REACHED, Edge.NOT_YET} if kind is MilestoneKind.PUBLICATION else {Edge.REACHED})


@pytest.mark.parametrize(
    ("day", "next_day"),
    [
        pytest.param(date(2023, 3, 29), date(2023, 3, 30), id="midweek"),
        pytest.param(date(2023, 3, 31), date(2023, 4, 3), id="Friday"),
        pytest.param(date(2023, 4, 1), date(2023, 4, 3), id="Saturday"),
        pytest.param(date(2023, 4, 6), date(2023, 4, 11), id="the Thursday before Easter"),
        pytest.param(date(2023, 4, 10), date(2023, 4, 11), id="Easter Monday itself"),
        pytest.param(date(2022, 12, 23), date(2022, 12, 28), id="before Christmas"),
        pytest.param(date(2022, 12, 30), date(2023, 1, 3), id="the last working day of a year"),
    ],
)
def test_not_yet_published_waits_for_the_next_working_day(day: date, next_day: date) -> None:
    assert days(moved(PUBLICATION, on(day))) == {Edge.REACHED: day, Edge.NOT_YET: next_day}


def test_a_range_without_an_end_only_opens() -> None:
    assert days(moved(CONSULTATION, on(date(2022, 10, 14)))) == {Edge.OPENS: date(2022, 10, 14)}
    assert closing_instant(moved(CONSULTATION, on(date(2022, 10, 14))), RULES) is None


def test_a_meeting_of_several_days_speaks_once_and_has_no_closing() -> None:
    meeting = moved(IPAC_1, between(date(2022, 9, 8), date(2022, 9, 9)))
    assert days(meeting) == {Edge.REACHED: date(2022, 9, 8)}
    assert closing_instant(meeting, RULES) is None


def test_at_half_past_one_both_nights_of_change_are_announced_once() -> None:
    for night in (date(2023, 3, 26), date(2022, 10, 30)):
        (due,) = derive(moved(IPAC_1, on(night)), AT_HALF_PAST_ONE)
        assert due.local_date == RULES.local_date(due.due_at) == night
