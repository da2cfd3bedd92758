"""Events of due instants before they have a number: their keys, whom they concern, the frozen words."""

from dataclasses import replace
from datetime import date, time

import pytest

from notifier.events.model import Basis, EventKind, NextDate
from notifier.procedures.due import Edge
from notifier.procedures.model import Milestone, MilestoneState
from notifier.subscriptions.topics import EVERYTHING, Topic, TopicKind, procedure_topic
from tests.events.drafts_cast import NOW, READ_AT, due_draft, say
from tests.procedures.schedule_cast import (
    CONSULTATION,
    IPAC_1,
    PUBLICATION,
    RULES,
    TBC,
    at,
    in_month,
    ip1783,
    moved,
    on,
)


def test_an_opening_is_drafted_whole() -> None:
    draft = due_draft(CONSULTATION, Edge.OPENS, say(EventKind.OPENED))
    payload = draft.payload
    assert draft.occurrence_key == "GID-IPG10158/consultation/opens/2022-10-14"
    assert (draft.kind, draft.kind_bit, draft.basis) == (EventKind.OPENED, 1, Basis.SCHEDULED)
    assert (draft.procedure_id, draft.occurred_at, draft.no_mail) == (1, at(2022, 10, 14, 8), False)
    assert (payload.title, payload.shown_id, payload.slug) == (
        "Radiofrequency ablation",
        "IP1783",
        "GID-IPG10158",
    )
    assert (payload.day, payload.start, payload.deadline) == (
        date(2022, 10, 14),
        date(2022, 10, 14),
        date(2022, 11, 11),
    )
    assert (payload.closes_at, payload.time_stated) == (time(17), False)
    assert (payload.body, payload.zone, payload.read_at) == ("NICE", "Europe/London", READ_AT)
    assert payload.next_dates == (NextDate(label="Expected publication", dates=on(date(2023, 3, 29))),)


@pytest.mark.parametrize(
    ("milestone", "edge", "kind", "key"),
    [
        (IPAC_1, Edge.REACHED, EventKind.MEETING, "ipac-1/reached/2022-09-08"),
        (CONSULTATION, Edge.CLOSING_7, EventKind.CLOSING_SOON, "consultation/closing:7/2022-11-04"),
        (CONSULTATION, Edge.CLOSING_1, EventKind.CLOSING_SOON, "consultation/closing:1/2022-11-10"),
        (CONSULTATION, Edge.CLOSES, EventKind.CLOSED, "consultation/closes/2022-11-11"),
        (PUBLICATION, Edge.REACHED, EventKind.EXPECTED, "publication/reached/2023-03-29"),
        (PUBLICATION, Edge.NOT_YET, EventKind.NOT_YET, "publication/not_yet/2023-03-30"),
    ],
)
def test_the_key_of_a_date_is_its_civil_day_whatever_the_hour(
    milestone: Milestone, edge: Edge, kind: EventKind, key: str
) -> None:
    for hour in (time(0), time(9), time(23, 30)):
        draft = due_draft(milestone, edge, say(kind), rules=replace(RULES, announce_at=hour))
        assert draft.occurrence_key == f"GID-IPG10158/{key}"


def test_a_stated_hour_is_kept_as_the_sources_own() -> None:
    noon = moved(CONSULTATION, replace(CONSULTATION.dates, closes_at=time(12)))
    payload = due_draft(noon, Edge.CLOSES, say(EventKind.CLOSED)).payload
    assert (payload.closes_at, payload.time_stated) == (time(12), True)


def test_a_meeting_has_no_deadline_and_no_closing_hour() -> None:
    payload = due_draft(IPAC_1, Edge.REACHED, say(EventKind.MEETING)).payload
    assert (payload.deadline, payload.closes_at, payload.time_stated) == (None, None, False)


def test_what_is_not_worth_a_mail_is_recorded_without_one() -> None:
    late = due_draft(
        IPAC_1, Edge.REACHED, say(EventKind.MEETING, mail=False, late_days=3), now=at(2022, 9, 11, 9)
    )
    assert (late.no_mail, late.payload.late_days) == (True, 3)
    assert (late.payload.day, late.occurred_at) == (date(2022, 9, 8), at(2022, 9, 8, 8))


@pytest.mark.parametrize(
    ("edge", "kind", "learnt_on"),
    [
        (Edge.OPENS, EventKind.OPENED, date(2022, 10, 20)),
        (Edge.CLOSING_1, EventKind.CLOSING_SOON, None),
    ],
)
def test_only_an_opening_says_when_it_was_learnt(edge: Edge, kind: EventKind, learnt_on: date | None) -> None:
    draft = due_draft(CONSULTATION, edge, say(kind, learnt=True), now=NOW)
    assert draft.payload.learnt_on == learnt_on


def test_an_event_is_told_under_everything_its_procedure_its_process_and_its_technology() -> None:
    stored = ip1783()
    stored = replace(stored, facts=replace(stored.facts, technology_type="Procedure"))
    draft = due_draft(IPAC_1, Edge.REACHED, say(EventKind.MEETING), procedure=stored)
    assert draft.topics == (
        EVERYTHING,
        procedure_topic(1),
        Topic(kind=TopicKind.PROCESS, value="ip"),
        Topic(kind=TopicKind.TECHNOLOGY, value="procedure"),
    )


def test_the_next_dates_are_those_still_to_come_in_order() -> None:
    review = replace(IPAC_1, key="review", label="Review", dates=in_month(2026, 3))
    gone = replace(IPAC_1, key="ipac-2", label="IPAC 2", state=MilestoneState.WITHDRAWN)
    unset = replace(IPAC_1, key="ipac-3", label="IPAC 3", dates=TBC)
    stored = ip1783(review, PUBLICATION, moved(gone, on(date(2023, 1, 12))), unset, CONSULTATION, IPAC_1)
    payload = due_draft(IPAC_1, Edge.REACHED, say(EventKind.MEETING), procedure=stored).payload
    assert [one.label for one in payload.next_dates] == [
        "Interventional procedure consultation",
        "Expected publication",
        "Review",
    ]


@pytest.mark.parametrize("edge", [Edge.OPENS, Edge.CLOSES])
def test_the_words_of_the_entry_are_frozen_inside(edge: Edge) -> None:
    kind = EventKind.OPENED if edge is Edge.OPENS else EventKind.CLOSED
    payload = due_draft(CONSULTATION, edge, say(kind)).payload
    assert payload.entry_title.endswith("Radiofrequency ablation (IP1783)")
    assert "11 November 2022" in payload.entry_html
    assert "tomorrow" not in payload.entry_html + payload.entry_title
