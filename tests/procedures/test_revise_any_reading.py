"""Revising over any stored procedure and any reading of it."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.procedures.model import Facts, Milestone, MilestoneKind, MilestoneState, Status
from notifier.procedures.revise import revise, status_event_due
from tests.procedures.schedule_cast import TBC, after, between, in_month, ip1783, on, read

_days = st.dates(date(2022, 9, 1), date(2022, 12, 1))
_dates = st.one_of(
    st.just(TBC),
    st.just(in_month(2022, 11)),
    _days.map(on),
    st.tuples(_days, _days).map(lambda span: between(min(span), max(span))),
)


def _milestones(states: tuple[MilestoneState, ...]) -> st.SearchStrategy[list[Milestone]]:
    one = st.builds(
        Milestone,
        key=st.sampled_from(("a", "b", "c")),
        label=st.sampled_from(("One", "Other")),
        kind=st.sampled_from(MilestoneKind),
        dates=_dates,
        state=st.sampled_from(states),
    )
    return st.lists(one, max_size=3, unique_by=lambda found: found.key)


_facts = st.builds(
    Facts,
    title=st.sampled_from((None, "One", "Other")),
    status=st.one_of(st.none(), st.sampled_from(Status)),
)
_read = _milestones((MilestoneState.PLANNED, MilestoneState.REACHED))


@given(_milestones(tuple(MilestoneState)), _read, _facts, _days)
def test_the_same_reading_twice_changes_nothing(
    before: list[Milestone], seen: list[Milestone], facts: Facts, today: date
) -> None:
    stored = ip1783(*before)
    snapshot = read(*seen, facts=facts)
    once = revise(stored, snapshot, today=today)
    twice = revise(after(stored, once), snapshot, today=today)
    assert twice == replace(once, changes=())


@given(_milestones(tuple(MilestoneState)), _read, _days)
def test_a_milestone_without_a_change_is_as_it_was(
    before: list[Milestone], seen: list[Milestone], today: date
) -> None:
    stored = ip1783(*before)
    revision = revise(stored, read(*seen), today=today)
    changed = {one.subject for one in revision.changes}
    known = {one.key: one for one in stored.milestones}
    assert [one for one in revision.milestones if one.key not in changed] == [
        known[one.key] for one in revision.milestones if one.key not in changed
    ]


@given(_milestones(tuple(MilestoneState)), _read, _days)
def test_no_milestone_is_ever_lost(before: list[Milestone], seen: list[Milestone], today: date) -> None:
    stored = ip1783(*before)
    revision = revise(stored, read(*seen), today=today)
    keys = [one.key for one in revision.milestones]
    assert len(keys) == len(set(keys))
    assert set(keys) == {one.key for one in (*stored.milestones, *seen)}


@pytest.mark.parametrize("old", list(Status))
@pytest.mark.parametrize("new", list(Status))
def test_a_status_is_told_when_work_stops_goes_on_or_ends(old: Status, new: Status) -> None:
    stops_or_goes_on = old.running is not new.running
    ends = new in (Status.COMPLETE, Status.DISCONTINUED)
    assert status_event_due(old, new) is (old is not new and (stops_or_goes_on or ends))
