"""What a new reading changes: a table of transitions of one milestone, and what a source does not say."""

from dataclasses import replace
from datetime import date, time

import pytest

from notifier.procedures.model import (
    Dates,
    Facts,
    Milestone,
    MilestoneKind,
    MilestoneState,
    Precision,
    Status,
)
from notifier.procedures.revise import Change, ChangeKind, Revision, classify, revise, status_event_due
from tests.procedures.schedule_cast import (
    CONSULTATION,
    IPAC_1,
    PUBLICATION,
    SCHEDULE,
    TBC,
    after,
    between,
    in_month,
    ip1783,
    moved,
    on,
    read,
)

TODAY = date(2022, 10, 1)
OCTOBER, NOVEMBER = date(2022, 10, 14), date(2022, 11, 11)


def state(one: Milestone, to: MilestoneState) -> Milestone:
    return replace(one, state=to)


def kinds(revision: Revision) -> list[tuple[ChangeKind, str]]:
    return [(one.kind, one.subject) for one in revision.changes]


REACHED = state(PUBLICATION, MilestoneState.REACHED)
WITHDRAWN = state(PUBLICATION, MilestoneState.WITHDRAWN)
MAY = moved(PUBLICATION, on(date(2023, 5, 24)))
NO_DAY = moved(PUBLICATION, TBC)
MARCH = moved(PUBLICATION, in_month(2023, 3))
LATER_MONTH = moved(PUBLICATION, in_month(2023, 6))


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        pytest.param(None, PUBLICATION, ChangeKind.DATE_ADDED, id="added"),
        pytest.param(None, NO_DAY, ChangeKind.DETAILS, id="added without a day"),
        pytest.param(None, MARCH, ChangeKind.DETAILS, id="added with a month"),
        pytest.param(None, WITHDRAWN, None, id="added and withdrawn at once"),
        pytest.param(WITHDRAWN, PUBLICATION, ChangeKind.DATE_ADDED, id="back again"),
        pytest.param(WITHDRAWN, WITHDRAWN, None, id="still withdrawn"),
        pytest.param(NO_DAY, PUBLICATION, ChangeKind.DATE_SET, id="TBC to a day"),
        pytest.param(MARCH, PUBLICATION, ChangeKind.DATE_SET, id="month to a day"),
        pytest.param(NO_DAY, MARCH, ChangeKind.DETAILS, id="TBC to a month"),
        pytest.param(MARCH, LATER_MONTH, ChangeKind.DETAILS, id="month to another month"),
        pytest.param(PUBLICATION, MAY, ChangeKind.MOVED, id="later"),
        pytest.param(MAY, PUBLICATION, ChangeKind.MOVED, id="earlier"),
        pytest.param(REACHED, MAY, ChangeKind.MOVED, id="moved after it was reached"),
        pytest.param(PUBLICATION, MARCH, ChangeKind.MOVED, id="day to its month: less exact"),
        pytest.param(PUBLICATION, LATER_MONTH, ChangeKind.MOVED, id="day to another month"),
        pytest.param(PUBLICATION, NO_DAY, ChangeKind.REMOVED, id="day to TBC"),
        pytest.param(PUBLICATION, WITHDRAWN, ChangeKind.REMOVED, id="withdrawn"),
        pytest.param(NO_DAY, state(NO_DAY, MilestoneState.WITHDRAWN), ChangeKind.DETAILS, id="TBC withdrawn"),
        pytest.param(PUBLICATION, REACHED, ChangeKind.REACHED, id="reached"),
        pytest.param(REACHED, PUBLICATION, None, id="reached is not taken back"),
        pytest.param(
            PUBLICATION, replace(PUBLICATION, label="Publication"), ChangeKind.DETAILS, id="relabelled"
        ),
        pytest.param(
            PUBLICATION, replace(PUBLICATION, kind=MilestoneKind.OTHER), ChangeKind.DETAILS, id="other kind"
        ),
        pytest.param(
            CONSULTATION,
            moved(CONSULTATION, between(OCTOBER, NOVEMBER, closes_at=time(17))),
            ChangeKind.DETAILS,
            id="an hour stated",
        ),
        pytest.param(PUBLICATION, replace(PUBLICATION, held=True), None, id="held by an operator"),
        pytest.param(PUBLICATION, PUBLICATION, None, id="the same"),
    ],
)
def test_a_difference_has_one_name(old: Milestone | None, new: Milestone, kind: ChangeKind | None) -> None:
    assert classify(old, new) is kind


@pytest.mark.parametrize("milestone_kind", [MilestoneKind.CONSULTATION, MilestoneKind.WINDOW])
@pytest.mark.parametrize(
    ("dates", "kind"),
    [
        (between(OCTOBER, date(2022, 11, 25)), ChangeKind.EXTENDED),
        (between(OCTOBER, date(2022, 11, 4)), ChangeKind.SHORTENED),
        (between(date(2022, 10, 21), NOVEMBER), ChangeKind.MOVED),
        (between(date(2022, 10, 21), date(2022, 11, 18)), ChangeKind.MOVED),
        (on(OCTOBER), ChangeKind.MOVED),
        (replace(between(OCTOBER, NOVEMBER), precision=Precision.MONTH), ChangeKind.MOVED),
        (replace(between(OCTOBER, date(2022, 12, 1)), precision=Precision.MONTH), ChangeKind.MOVED),
        (TBC, ChangeKind.REMOVED),
    ],
)
def test_a_range_is_longer_shorter_or_elsewhere(
    milestone_kind: MilestoneKind, dates: Dates, kind: ChangeKind
) -> None:
    old = replace(CONSULTATION, kind=milestone_kind)
    assert classify(old, replace(old, dates=dates)) is kind


def test_a_longer_meeting_has_moved() -> None:
    two_days = between(date(2022, 9, 8), date(2022, 9, 9))
    three_days = between(date(2022, 9, 8), date(2022, 9, 10))
    assert classify(moved(IPAC_1, two_days), moved(IPAC_1, three_days)) is ChangeKind.MOVED


def test_only_reached_and_details_are_told_to_nobody() -> None:
    quiet = {kind for kind in ChangeKind if not kind.is_told}
    assert quiet == {ChangeKind.REACHED, ChangeKind.DETAILS}


def test_a_procedure_seen_first_is_listed_as_it_is() -> None:
    snapshot = read(*SCHEDULE, facts=Facts(title="A title"))
    listed = Change(kind=ChangeKind.LISTED, subject="listed", old=None, new="GID-IPG10158")
    assert revise(None, snapshot, today=TODAY) == Revision(
        facts=snapshot.facts, milestones=SCHEDULE, changes=(listed,)
    )


def test_a_source_that_is_silent_about_facts_takes_nothing_away() -> None:
    stored = ip1783()
    revision = revise(stored, read(*SCHEDULE), today=TODAY)
    assert (revision.facts, revision.changes) == (stored.facts, ())


def test_a_fact_that_differs_is_a_detail_and_a_status_is_a_status() -> None:
    facts = Facts(title="Another title", status=Status.SUSPENDED, status_as_written="On hold")
    revision = revise(ip1783(), read(*SCHEDULE, facts=facts), today=TODAY)
    assert revision.changes == (
        Change(kind=ChangeKind.DETAILS, subject="title", old="Radiofrequency ablation", new="Another title"),
        Change(kind=ChangeKind.STATUS, subject="status", old="in_progress", new="suspended"),
        Change(kind=ChangeKind.DETAILS, subject="status_as_written", old=None, new="On hold"),
    )
    assert revision.facts.process == "IP"


def test_several_rows_of_one_reading_are_all_named() -> None:
    longer = moved(CONSULTATION, between(OCTOBER, date(2022, 11, 25)))
    revision = revise(ip1783(), read(IPAC_1, longer, MAY), today=TODAY)
    assert kinds(revision) == [(ChangeKind.EXTENDED, "consultation"), (ChangeKind.MOVED, "publication")]


@pytest.mark.parametrize(
    ("gone", "today", "to", "kind"),
    [
        pytest.param(
            IPAC_1, date(2022, 9, 9), MilestoneState.REACHED, ChangeKind.DETAILS, id="the day after"
        ),
        pytest.param(IPAC_1, date(2022, 9, 8), MilestoneState.WITHDRAWN, ChangeKind.REMOVED, id="on its day"),
        pytest.param(
            IPAC_1, date(2022, 9, 7), MilestoneState.WITHDRAWN, ChangeKind.REMOVED, id="before its day"
        ),
        pytest.param(
            CONSULTATION,
            NOVEMBER,
            MilestoneState.WITHDRAWN,
            ChangeKind.REMOVED,
            id="a consultation still open",
        ),
        pytest.param(
            CONSULTATION,
            date(2022, 11, 12),
            MilestoneState.REACHED,
            ChangeKind.DETAILS,
            id="a consultation that closed",
        ),
        pytest.param(
            MARCH, date(2023, 6, 1), MilestoneState.WITHDRAWN, ChangeKind.DETAILS, id="a month behind us"
        ),
        pytest.param(NO_DAY, TODAY, MilestoneState.WITHDRAWN, ChangeKind.DETAILS, id="never a day"),
    ],
)
def test_a_row_that_vanished_was_reached_if_its_date_had_passed(
    gone: Milestone, today: date, to: MilestoneState, kind: ChangeKind
) -> None:
    revision = revise(ip1783(gone), read(), today=today)
    (left,) = revision.milestones
    assert (left.state, left.dates) == (to, gone.dates)
    assert kinds(revision) == [(kind, gone.key)]


def test_what_is_over_can_vanish_unnoticed() -> None:
    for over in (REACHED, WITHDRAWN):
        revision = revise(ip1783(over), read(), today=TODAY)
        assert (revision.milestones, revision.changes) == ((over,), ())


def test_a_hold_and_a_number_outlive_a_reading() -> None:
    stored = ip1783(replace(PUBLICATION, held=True, revision=3))
    (same,) = revise(stored, read(PUBLICATION), today=TODAY).milestones
    (later,) = revise(stored, read(MAY), today=TODAY).milestones
    assert (same.held, same.revision) == (True, 3)
    assert (later.held, later.revision) == (True, 4)


def test_a_row_that_goes_and_comes_back_is_numbered_each_time() -> None:
    stored = ip1783(PUBLICATION)
    gone = revise(stored, read(), today=TODAY)
    back = revise(after(stored, gone), read(PUBLICATION), today=TODAY)
    assert [one.revision for one in (*gone.milestones, *back.milestones)] == [1, 2]
    assert kinds(back) == [(ChangeKind.DATE_ADDED, "publication")]


def test_what_was_reached_stays_so_while_its_row_stands_and_can_be_reached_again_elsewhere() -> None:
    stored = ip1783(REACHED)
    assert revise(stored, read(PUBLICATION), today=TODAY).milestones == (REACHED,)
    (again,) = revise(stored, read(MAY), today=TODAY).milestones
    assert again.state is MilestoneState.PLANNED


def test_a_change_that_went_back_before_it_settled_is_none() -> None:
    away = revise(ip1783(PUBLICATION), read(MAY), today=TODAY)
    back = revise(after(ip1783(PUBLICATION), away), read(PUBLICATION), today=TODAY)
    assert (kinds(away), kinds(back)) == ([(ChangeKind.MOVED, "publication")],) * 2
    assert classify(PUBLICATION, back.milestones[0]) is None


def test_a_row_that_came_and_went_before_it_settled_is_none() -> None:
    came = revise(ip1783(IPAC_1), read(IPAC_1, PUBLICATION), today=TODAY)
    went = revise(after(ip1783(IPAC_1), came), read(IPAC_1), today=TODAY)
    assert classify(None, went.milestones[1]) is None


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (Status.IN_PROGRESS, Status.SUSPENDED, True),
        (Status.IN_PROGRESS, Status.IMPACTED_BY_COVID_19, True),
        (Status.SUSPENDED, Status.IMPACTED_BY_COVID_19, False),
        (Status.SUSPENDED, Status.IN_PROGRESS, True),
        (Status.PROPOSED, Status.IN_PROGRESS, False),
        (Status.IN_PROGRESS, Status.COMPLETE, True),
        (Status.SUSPENDED, Status.DISCONTINUED, True),
        (Status.DISCONTINUED, Status.COMPLETE, True),
        (Status.COMPLETE, Status.COMPLETE, False),
    ],
)
def test_of_a_status_people_learn_what_matters_to_them(old: Status, new: Status, told: bool) -> None:
    assert status_event_due(old, new) is told
