"""What to say of a due instant: late policy, running statuses only, basis, and reminders left out."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from notifier.events.decide import Say, Skip, change_mail_is_useful, decide
from notifier.events.model import Basis, DateChange, EventKind
from notifier.procedures.due import Edge, derive
from notifier.procedures.model import Dates, Milestone, MilestoneKind, MilestoneState, Status
from tests.procedures.schedule_cast import (
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

LONG_KNOWN = at(2022, 1, 1)
RESOLUTION = replace(PUBLICATION, key="resolution", kind=MilestoneKind.RESOLUTION)
OTHER = replace(PUBLICATION, key="other", kind=MilestoneKind.OTHER)
WINDOW = replace(CONSULTATION, key="window", kind=MilestoneKind.WINDOW)
ENDLESS = moved(CONSULTATION, on(date(2022, 10, 14)))


def decided(
    milestone: Milestone,
    edge: Edge,
    now: datetime,
    *,
    status: Status = Status.IN_PROGRESS,
    known_since: datetime = LONG_KNOWN,
    opening_told_at: datetime | None = None,
) -> Say | Skip:
    armed = replace(milestone, state=MilestoneState.PLANNED)  # when nobody had seen it happen
    (due,) = [one for one in derive(armed, RULES) if one.edge is edge]
    return decide(
        due,
        milestone,
        status=status,
        known_since=known_since,
        opening_told_at=opening_told_at,
        rules=RULES,
        now=now,
    )


def said(found: Say | Skip) -> Say:
    assert isinstance(found, Say), found
    return found


@pytest.mark.parametrize(
    ("milestone", "edge", "kind"),
    [
        (IPAC_1, Edge.REACHED, EventKind.MEETING),
        (PUBLICATION, Edge.REACHED, EventKind.EXPECTED),
        (PUBLICATION, Edge.NOT_YET, EventKind.NOT_YET),
        (RESOLUTION, Edge.REACHED, EventKind.REACHED),
        (OTHER, Edge.REACHED, EventKind.REACHED),
        (CONSULTATION, Edge.OPENS, EventKind.OPENED),
        (CONSULTATION, Edge.CLOSING_7, EventKind.CLOSING_SOON),
        (CONSULTATION, Edge.CLOSING_1, EventKind.CLOSING_SOON),
        (CONSULTATION, Edge.CLOSES, EventKind.CLOSED),
        (WINDOW, Edge.OPENS, EventKind.OPENED),
        (WINDOW, Edge.CLOSES, EventKind.CLOSED),
    ],
)
def test_on_time_every_instant_is_said_and_mailed(milestone: Milestone, edge: Edge, kind: EventKind) -> None:
    (due,) = [one for one in derive(milestone, RULES) if one.edge is edge]
    assert decided(milestone, edge, due.due_at) == Say(
        kind=kind, basis=Basis.SCHEDULED, mail=True, late_days=0, learnt=False
    )


@pytest.mark.parametrize(
    ("milestone", "edge", "now", "mail", "late_days"),
    [
        pytest.param(CONSULTATION, Edge.OPENS, at(2022, 10, 16, 9), True, 2, id="opening, two days after"),
        pytest.param(
            CONSULTATION, Edge.OPENS, at(2022, 11, 11, 16, 59), True, 28, id="opening, before the close"
        ),
        pytest.param(CONSULTATION, Edge.OPENS, at(2022, 11, 11, 17), False, 28, id="opening, at the close"),
        pytest.param(
            ENDLESS, Edge.OPENS, at(2022, 10, 14, 20), True, 0, id="opening without an end, same day"
        ),
        pytest.param(
            ENDLESS, Edge.OPENS, at(2022, 10, 15, 9), False, 1, id="opening without an end, next day"
        ),
        pytest.param(
            IPAC_1, Edge.REACHED, at(2022, 9, 8, 22, 59), True, 0, id="meeting, late the same evening"
        ),
        pytest.param(IPAC_1, Edge.REACHED, at(2022, 9, 8, 23), False, 1, id="meeting, after local midnight"),
        pytest.param(
            PUBLICATION, Edge.REACHED, at(2023, 3, 29, 16), True, 0, id="expected publication, same day"
        ),
        pytest.param(
            PUBLICATION, Edge.REACHED, at(2023, 3, 30, 9), False, 1, id="expected publication, next day"
        ),
        pytest.param(PUBLICATION, Edge.NOT_YET, at(2023, 4, 20, 9), True, 21, id="not yet, weeks after"),
        pytest.param(
            CONSULTATION, Edge.CLOSING_7, at(2022, 11, 9, 9), True, 5, id="first reminder, days after"
        ),
        pytest.param(
            CONSULTATION, Edge.CLOSING_1, at(2022, 11, 11, 16, 59), True, 1, id="last reminder, last minute"
        ),
        pytest.param(CONSULTATION, Edge.CLOSES, at(2022, 11, 11, 23), True, 0, id="closed, same evening"),
        pytest.param(CONSULTATION, Edge.CLOSES, at(2022, 11, 12, 9), False, 1, id="closed, next day"),
        pytest.param(OTHER, Edge.REACHED, at(2023, 3, 30, 9), False, 1, id="another step, next day"),
    ],
)
def test_what_is_late_is_recorded_and_mailed_only_while_it_is_useful(
    milestone: Milestone, edge: Edge, now: datetime, mail: bool, late_days: int
) -> None:
    found = said(decided(milestone, edge, now))
    assert (found.mail, found.late_days) == (mail, late_days)


@pytest.mark.parametrize("edge", [Edge.CLOSING_7, Edge.CLOSING_1])
def test_a_reminder_never_goes_at_or_after_the_close(edge: Edge) -> None:
    assert decided(CONSULTATION, edge, at(2022, 11, 11, 17)) == Skip(why="closed")


def test_a_reminder_never_goes_after_an_early_close_that_the_source_states() -> None:
    noon = moved(CONSULTATION, replace(CONSULTATION.dates, closes_at=time(12)))
    assert said(decided(noon, Edge.CLOSING_1, at(2022, 11, 11, 11, 59))).mail
    assert isinstance(decided(noon, Edge.CLOSING_1, at(2022, 11, 11, 12)), Skip)


def test_the_first_reminder_gives_way_to_the_last() -> None:
    assert said(decided(CONSULTATION, Edge.CLOSING_7, at(2022, 11, 10, 8, 59))).late_days == 6
    assert isinstance(decided(CONSULTATION, Edge.CLOSING_7, at(2022, 11, 10, 9)), Skip)
    assert said(decided(CONSULTATION, Edge.CLOSING_1, at(2022, 11, 10, 9))).mail


@pytest.mark.parametrize(
    ("told_at", "goes"),
    [
        pytest.param(None, True, id="never told"),
        pytest.param(at(2022, 10, 14, 8), True, id="three weeks before"),
        pytest.param(at(2022, 11, 1, 9), True, id="three days before, to the second"),
        pytest.param(at(2022, 11, 1, 9, 1), True, id="three days before, a sweep later"),
        pytest.param(at(2022, 11, 2, 0), False, id="two days before"),
        pytest.param(at(2022, 11, 4, 8), False, id="an hour before"),
    ],
)
def test_the_first_reminder_keeps_three_days_from_the_opening_mail(
    told_at: datetime | None, goes: bool
) -> None:
    found = decided(CONSULTATION, Edge.CLOSING_7, at(2022, 11, 4, 9), opening_told_at=told_at)
    assert isinstance(found, Say) is goes


def test_the_night_the_clocks_go_on_does_not_cost_a_reminder() -> None:
    short = moved(CONSULTATION, between(date(2023, 3, 24), date(2023, 4, 3)))
    (due,) = [one for one in derive(short, RULES) if one.edge is Edge.CLOSING_7]
    assert due.due_at - at(2023, 3, 24, 9) == timedelta(hours=71)
    assert said(decided(short, Edge.CLOSING_7, due.due_at, opening_told_at=at(2023, 3, 24, 9))).mail


def test_the_last_reminder_goes_however_lately_the_opening_was_told() -> None:
    found = decided(CONSULTATION, Edge.CLOSING_1, at(2022, 11, 10, 9), opening_told_at=at(2022, 11, 10, 8))
    assert said(found).mail


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("edge", [Edge.OPENS, Edge.CLOSING_7, Edge.CLOSING_1, Edge.CLOSES])
def test_only_a_running_procedure_speaks(status: Status, edge: Edge) -> None:
    (due,) = [one for one in derive(CONSULTATION, RULES) if one.edge is edge]
    running = {
        Status.PROPOSED,
        Status.AWAITING_DEVELOPMENT,
        Status.TOPIC_SELECTION,
        Status.REFERRED,
        Status.IN_PROGRESS,
    }
    assert isinstance(decided(CONSULTATION, edge, due.due_at, status=status), Say) is (status in running)


@pytest.mark.parametrize(
    ("milestone", "edge"), [(IPAC_1, Edge.REACHED), (PUBLICATION, Edge.REACHED), (CONSULTATION, Edge.OPENS)]
)
def test_what_its_source_has_seen_to_happen_is_confirmed(milestone: Milestone, edge: Edge) -> None:
    seen = replace(milestone, state=MilestoneState.REACHED)
    (due,) = [one for one in derive(seen, RULES) if one.edge is edge]
    assert said(decided(seen, edge, due.due_at)).basis is Basis.CONFIRMED


def test_nobody_asks_after_what_was_published() -> None:
    seen = replace(PUBLICATION, state=MilestoneState.REACHED)
    assert decided(seen, Edge.NOT_YET, at(2023, 3, 30, 8)) == Skip(why="published")


@pytest.mark.parametrize(
    ("known_since", "learnt", "late_days"),
    [
        pytest.param(at(2022, 10, 1), False, 6, id="known before: we are late"),
        pytest.param(at(2022, 10, 14, 8), False, 6, id="known at the instant"),
        pytest.param(at(2022, 10, 14, 8, 1), True, 0, id="learnt a minute after"),
        pytest.param(at(2022, 10, 20, 8), True, 0, id="learnt today"),
    ],
)
def test_what_was_learnt_late_is_not_our_lateness(
    known_since: datetime, learnt: bool, late_days: int
) -> None:
    found = said(decided(CONSULTATION, Edge.OPENS, at(2022, 10, 20, 9), known_since=known_since))
    assert (found.learnt, found.late_days, found.mail) == (learnt, late_days, True)


def test_days_of_lateness_are_civil_days() -> None:
    summer = moved(IPAC_1, on(date(2022, 6, 8)))
    assert said(decided(summer, Edge.REACHED, datetime(2022, 6, 8, 22, 30, tzinfo=UTC))).late_days == 0
    assert said(decided(summer, Edge.REACHED, datetime(2022, 6, 8, 23, 30, tzinfo=UTC))).late_days == 1


def row(new: Dates | None, kind: EventKind = EventKind.MOVED) -> DateChange:
    return DateChange(
        kind=kind, milestone_kind=MilestoneKind.PUBLICATION, label="Step", old=on(date(2022, 9, 1)), new=new
    )


@pytest.mark.parametrize(
    ("rows", "useful"),
    [
        pytest.param((row(on(date(2023, 3, 30))),), True, id="a day ahead"),
        pytest.param((row(on(date(2023, 3, 29))),), True, id="today"),
        pytest.param((row(on(date(2023, 3, 28))),), False, id="yesterday"),
        pytest.param((row(between(date(2023, 3, 1), date(2023, 4, 1))),), True, id="a range still open"),
        pytest.param((row(between(date(2023, 3, 1), date(2023, 3, 28))),), False, id="a range behind us"),
        pytest.param((row(in_month(2023, 3)),), True, id="this month"),
        pytest.param((row(in_month(2023, 2)),), False, id="last month"),
        pytest.param((row(in_month(2022, 12)),), False, id="a month of last year"),
        pytest.param((row(TBC),), True, id="no day any more"),
        pytest.param((row(None, EventKind.REMOVED),), True, id="removed"),
        pytest.param((row(on(date(2023, 3, 1))), row(on(date(2023, 5, 24)))), True, id="one of two ahead"),
        pytest.param((row(on(date(2023, 3, 1))), row(on(date(2023, 3, 2)))), False, id="none of two ahead"),
    ],
)
def test_a_change_is_mailed_while_its_new_date_lies_ahead(rows: tuple[DateChange, ...], useful: bool) -> None:
    assert change_mail_is_useful(rows, today=date(2023, 3, 29)) is useful
