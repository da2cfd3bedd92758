"""The picture of where a procedure stands: what is over, now, to come, and what is only due."""

from dataclasses import replace
from datetime import date

import pytest

from notifier.events.messages import telling
from notifier.events.model import Basis, EventKind, Payload, Step
from notifier.events.store import _PAYLOAD
from notifier.events.timeline import MOST_STEPS, timeline, timeline_line
from notifier.events.words import StepPlace
from notifier.procedures.model import Dates, MilestoneKind
from tests.events.words_cast import CONSULTATION, PAYLOADS, PUBLICATION, SERVICE, STEPS, in_month, on

OPENING = date(2022, 10, 14)


def line(kind: EventKind, basis: Basis, payload: Payload, today: date) -> str:
    return timeline_line(timeline(telling(kind, basis, payload, service=SERVICE, today=today)))


@pytest.mark.parametrize(
    ("kind", "basis", "payload", "today", "drawn"),
    [
        (
            EventKind.OPENED,
            Basis.CONFIRMED,
            CONSULTATION,
            OPENING,
            "IPAC 1 ✓ → Consultation (now) → IPAC 2 → Guidance",
        ),
        (
            EventKind.OPENED,
            Basis.CHECKED,
            CONSULTATION,
            OPENING,
            "IPAC 1 ✓ → Consultation (due now) → IPAC 2 → Guidance",
        ),
        (
            EventKind.CLOSED,
            Basis.CHECKED,
            CONSULTATION,
            date(2022, 11, 11),
            "IPAC 1 ✓ → Consultation (date passed) → IPAC 2 → Guidance",
        ),
        (
            EventKind.NOT_YET,
            Basis.CHECKED,
            PAYLOADS[EventKind.NOT_YET],
            date(2023, 3, 30),
            "IPAC 1 ✓ → Consultation (date passed) → IPAC 2 (date passed) → Guidance (date passed)",
        ),
        (
            EventKind.PUBLISHED,
            Basis.CONFIRMED,
            PUBLICATION,
            date(2023, 3, 29),
            "IPAC 1 ✓ → Consultation (date passed) → IPAC 2 (date passed) → Guidance ✓",
        ),
    ],
)
def test_a_step_is_done_only_if_somebody_saw_it_happen(
    kind: EventKind, basis: Basis, payload: Payload, today: date, drawn: str
) -> None:
    assert line(kind, basis, payload, today) == drawn


@pytest.mark.parametrize("kind", [EventKind.SUSPENDED, EventKind.DISCONTINUED])
def test_dates_that_do_not_count_are_not_drawn(kind: EventKind) -> None:
    assert line(kind, Basis.CONFIRMED, PAYLOADS[kind], date(2023, 3, 29)) == ""


def test_of_many_steps_those_around_today_and_the_last_are_drawn() -> None:
    steps = tuple(
        Step(key=f"s{month}", label=f"Step {month}", kind=MilestoneKind.MEETING, dates=on(2022, month, 1))
        for month in range(1, 13)
    )
    payload = replace(CONSULTATION, steps=steps, milestone_key=None)
    shown = timeline(telling(EventKind.RESTARTED, Basis.CONFIRMED, payload, service=SERVICE, today=OPENING))
    assert len(shown) == MOST_STEPS
    assert timeline_line(shown) == "… → Step 9 (date passed) → Step 10 (date passed) → Step 11 → Step 12"


def test_steps_between_that_are_left_out_are_marked() -> None:
    steps = tuple(
        Step(key=f"s{month}", label=f"Step {month}", kind=MilestoneKind.MEETING, dates=on(2022, month, 1))
        for month in range(7, 13)
    )
    payload = replace(CONSULTATION, steps=steps, milestone_key=None)
    shown = timeline(
        telling(EventKind.RESTARTED, Basis.CONFIRMED, payload, service=SERVICE, today=date(2022, 7, 20))
    )
    assert timeline_line(shown) == "Step 7 (date passed) → Step 8 → Step 9 → … → Step 12"


def test_what_has_no_day_is_to_come_and_says_what_is_known() -> None:
    month = replace(STEPS[3], dates=in_month(2023, 3))
    unknown = replace(STEPS[2], dates=Dates(as_written="TBC"))
    payload = replace(CONSULTATION, steps=(*STEPS[:2], month, unknown))
    shown = timeline(telling(EventKind.OPENED, Basis.CONFIRMED, payload, service=SERVICE, today=OPENING))
    assert [(one.place, one.note) for one in shown[2:]] == [
        (StepPlace.COMING, "March 2023"),
        (StepPlace.COMING, "not set"),
    ]


def test_two_consultations_keep_the_names_that_their_source_gives() -> None:
    second = replace(STEPS[1], key="second", label="Draft guidance: 2", dates=on(2023, 2, 1))
    payload = replace(CONSULTATION, steps=(STEPS[0], replace(STEPS[1], label="Draft guidance: 1"), second))
    assert line(EventKind.OPENED, Basis.CONFIRMED, payload, OPENING) == (
        "IPAC 1 ✓ → Draft guidance: 1 (now) → Draft guidance: 2"
    )


def test_an_event_recorded_before_steps_were_kept_loads_and_draws_nothing() -> None:
    stored = _PAYLOAD.dump_python(CONSULTATION, mode="json")
    del stored["steps"]
    old = _PAYLOAD.validate_python(stored)
    assert old == replace(CONSULTATION, steps=())
    assert line(EventKind.OPENED, Basis.CONFIRMED, old, OPENING) == ""
    assert _PAYLOAD.validate_json(_PAYLOAD.dump_json(CONSULTATION)) == CONSULTATION
