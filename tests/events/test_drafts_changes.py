"""Events of a schedule or a status that changed: several rows are one event, named by the deadline."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

import pytest

from notifier.events.drafts import Draft, Scene
from notifier.events.drafts_changes import Settled, of_changes
from notifier.events.model import Basis, EventKind
from notifier.procedures.model import Milestone, MilestoneState, Status
from notifier.procedures.revise import Change, ChangeKind
from tests.events.drafts_cast import NOW, change_drafts, the_one
from tests.events.words_cast import SERVICE
from tests.procedures.schedule_cast import (
    CONSULTATION,
    IPAC_1,
    PUBLICATION,
    RULES,
    SCHEDULE,
    TBC,
    at,
    between,
    in_month,
    ip1783,
    moved,
    on,
    read,
)

LONGER = moved(CONSULTATION, between(date(2022, 10, 14), date(2022, 11, 25)))
MAY = moved(PUBLICATION, on(date(2023, 5, 24)))
IPAC_LATER = moved(IPAC_1, on(date(2022, 12, 8)))


def status_drafts(old: Status, new: Status) -> Sequence[Draft]:
    stored = ip1783(status=old)
    return change_drafts(stored, read(*SCHEDULE, facts=replace(stored.facts, status=new)))


def test_several_rows_are_one_event_named_by_the_deadline() -> None:
    draft = the_one(change_drafts(ip1783(), read(IPAC_LATER, LONGER, MAY)))
    assert draft.occurrence_key == "GID-IPG10158/revision/7/dates"
    assert (draft.kind, draft.kind_bit, draft.basis) == (EventKind.EXTENDED, 1_024, Basis.CONFIRMED)
    assert [(one.kind, one.label) for one in draft.payload.changes] == [
        (EventKind.MOVED, "IPAC 1"),
        (EventKind.EXTENDED, "Interventional procedure consultation"),
        (EventKind.MOVED, "Expected publication"),
    ]
    assert (draft.payload.start, draft.payload.deadline) == (date(2022, 10, 14), date(2022, 11, 25))
    assert (draft.occurred_at, draft.payload.day) == (NOW, date(2022, 10, 20))
    assert draft.payload.next_dates == ()
    assert "25 November 2022" in draft.payload.entry_html
    assert "24 May 2023" in draft.payload.entry_html


@pytest.mark.parametrize(
    ("seen", "kind", "label"),
    [
        pytest.param(
            (IPAC_LATER, CONSULTATION, MAY), EventKind.MOVED, "Expected publication", id="publication next"
        ),
        pytest.param((IPAC_LATER, CONSULTATION, PUBLICATION), EventKind.MOVED, "IPAC 1", id="meeting last"),
        pytest.param(
            (IPAC_1, LONGER, moved(PUBLICATION, TBC)),
            EventKind.EXTENDED,
            "Interventional procedure consultation",
            id="a deadline before a publication that is gone",
        ),
    ],
)
def test_the_change_that_must_not_be_missed_names_the_event(
    seen: tuple[Milestone, ...], kind: EventKind, label: str
) -> None:
    draft = the_one(change_drafts(ip1783(), read(*seen)))
    assert (draft.kind, draft.payload.label) == (kind, label)


def test_a_meeting_of_several_days_that_moves_sets_nobody_a_deadline() -> None:
    days = moved(IPAC_1, between(date(2022, 12, 8), date(2022, 12, 9)))
    payload = the_one(change_drafts(ip1783(), read(days, CONSULTATION, PUBLICATION))).payload
    assert (payload.start, payload.deadline) == (date(2022, 12, 8), None)


def test_a_change_to_a_small_step_alone_has_the_small_bit() -> None:
    draft = the_one(change_drafts(ip1783(), read(IPAC_LATER, CONSULTATION, PUBLICATION)))
    assert draft.kind_bit == 1 << 30


@pytest.mark.parametrize(
    ("old", "new", "kind", "before", "now"),
    [
        (PUBLICATION, MAY, EventKind.MOVED, PUBLICATION.dates, MAY.dates),
        (
            moved(PUBLICATION, in_month(2023, 3)),
            MAY,
            EventKind.DATE_SET,
            in_month(2023, 3),
            MAY.dates,
        ),
        (moved(PUBLICATION, TBC), MAY, EventKind.DATE_SET, None, MAY.dates),
        (PUBLICATION, moved(PUBLICATION, TBC), EventKind.REMOVED, PUBLICATION.dates, None),
        (PUBLICATION, None, EventKind.REMOVED, PUBLICATION.dates, None),
        (None, PUBLICATION, EventKind.DATE_ADDED, None, PUBLICATION.dates),
        (
            replace(PUBLICATION, state=MilestoneState.WITHDRAWN),
            PUBLICATION,
            EventKind.DATE_ADDED,
            None,
            PUBLICATION.dates,
        ),
    ],
)
def test_a_row_says_what_was_and_what_is(
    old: Milestone | None, new: Milestone | None, kind: EventKind, before: object, now: object
) -> None:
    stored = ip1783(*(one for one in (IPAC_1, old) if one is not None))
    seen = read(*(one for one in (IPAC_1, new) if one is not None))
    (row,) = the_one(change_drafts(stored, seen)).payload.changes
    assert (row.kind, row.old, row.new) == (kind, before, now)


@pytest.mark.parametrize(
    ("told_at", "no_mail"),
    [
        pytest.param(NOW, False, id="at once"),
        pytest.param(at(2023, 5, 24, 12), False, id="on the new day"),
        pytest.param(at(2023, 5, 25, 12), True, id="when the new day has passed"),
    ],
)
def test_a_change_is_mailed_only_while_its_new_date_lies_ahead(told_at: datetime, no_mail: bool) -> None:
    draft = the_one(change_drafts(ip1783(), read(IPAC_1, CONSULTATION, MAY), now=told_at))
    assert draft.no_mail is no_mail
    assert draft.payload.day == date(2022, 10, 20)


def test_details_and_what_was_reached_are_told_to_nobody() -> None:
    relabelled = replace(PUBLICATION, label="Publication")
    stored = ip1783(IPAC_1, PUBLICATION)
    assert change_drafts(stored, read(relabelled, facts=replace(stored.facts, title="Other"))) == []


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        (Status.IN_PROGRESS, Status.SUSPENDED, EventKind.SUSPENDED),
        (Status.IN_PROGRESS, Status.IMPACTED_BY_COVID_19, EventKind.SUSPENDED),
        (Status.SUSPENDED, Status.IN_PROGRESS, EventKind.RESTARTED),
        (Status.DISCONTINUED, Status.PROPOSED, EventKind.RESTARTED),
        (Status.IN_PROGRESS, Status.DISCONTINUED, EventKind.DISCONTINUED),
        (Status.SUSPENDED, Status.DISCONTINUED, EventKind.DISCONTINUED),
        (Status.IN_PROGRESS, Status.COMPLETE, EventKind.PUBLISHED),
    ],
)
def test_a_status_that_matters_is_an_event_of_its_own(old: Status, new: Status, kind: EventKind) -> None:
    draft = the_one(status_drafts(old, new))
    published = "GID-IPG10158/published/2023-03-29"
    whole = published if kind is EventKind.PUBLISHED else "GID-IPG10158/revision/7/status"
    assert draft.occurrence_key == whole
    assert (draft.kind, draft.basis, draft.no_mail) == (kind, Basis.CONFIRMED, False)
    assert (draft.occurred_at, draft.payload.day) == (NOW, date(2022, 10, 20))
    assert draft.payload.entry_title
    assert draft.payload.changes == ()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (Status.PROPOSED, Status.IN_PROGRESS),
        (Status.UNKNOWN, Status.IN_PROGRESS),
        (Status.IN_PROGRESS, Status.UNKNOWN),
    ],
)
def test_a_status_that_changes_nothing_for_people_is_none(old: Status, new: Status) -> None:
    assert status_drafts(old, new) == []


def test_dates_that_change_as_work_stops_are_not_told() -> None:
    stored = ip1783()
    seen = read(IPAC_1, LONGER, MAY, facts=replace(stored.facts, status=Status.SUSPENDED))
    assert [one.kind for one in change_drafts(stored, seen)] == [EventKind.SUSPENDED]


def test_dates_that_change_as_work_goes_on_are_told_beside_it() -> None:
    stored = ip1783(status=Status.SUSPENDED)
    seen = read(IPAC_1, LONGER, MAY, facts=replace(stored.facts, status=Status.IN_PROGRESS))
    assert [(one.kind, one.occurrence_key) for one in change_drafts(stored, seen)] == [
        (EventKind.RESTARTED, "GID-IPG10158/revision/7/status"),
        (EventKind.EXTENDED, "GID-IPG10158/revision/7/dates"),
    ]


def test_the_same_change_in_another_revision_is_another_fact() -> None:
    keys = {
        one.occurrence_key
        for number in (7, 9)
        for one in change_drafts(ip1783(), read(IPAC_1, CONSULTATION, MAY), revision=number)
    }
    assert keys == {"GID-IPG10158/revision/7/dates", "GID-IPG10158/revision/9/dates"}


def test_a_procedure_now_listed_is_one_entry_with_its_dates_and_no_mail() -> None:
    listed = Change(kind=ChangeKind.LISTED, subject="listed", old=None, new="GID-IPG10158")
    draft = the_one(
        of_changes(
            Scene(procedure=ip1783(), rules=RULES, service=SERVICE, now=at(2026, 11, 1, 12)),
            Settled(changes=[listed], revision=1, seen_at=at(2026, 11, 1, 12), told={}),
        )
    )
    assert draft.occurrence_key == "GID-IPG10158/revision/1/listed"
    assert (draft.kind, draft.no_mail) == (EventKind.LISTED, True)
    assert [(one.label, one.old, one.new) for one in draft.payload.changes] == [
        (one.label, None, one.dates) for one in SCHEDULE
    ]
    assert draft.payload.next_dates == ()
    assert "8 September 2022" in draft.payload.entry_html
