"""The table of dates: what each row says of its date, and of what it is worth."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from notifier.procedures.due import Rules
from notifier.procedures.model import (
    Dates,
    Facts,
    Milestone,
    MilestoneKind,
    MilestoneState,
    Precision,
    Procedure,
    Status,
)
from notifier.web.schedule import DateLine, date_lines, force
from tests.events.words_cast import SERVICE, between, on

RULES = Rules(zone=ZoneInfo("Europe/London"), announce_at=time(9), closes_at=time(17), holidays=frozenset())
NOW = datetime(2022, 10, 14, 9, 30, tzinfo=UTC)
PUBLICATION = MilestoneKind.PUBLICATION
PAST, COMING = on(2022, 9, 8), on(2023, 1, 12)
SEEN = MilestoneState.REACHED


def topic(status: Status, *milestones: Milestone) -> Procedure:
    return Procedure(
        id=1, slug="GID-IPG10158", references=(), facts=Facts(status=status), milestones=milestones
    )


def line(status: Status, one: Milestone, now: datetime = NOW) -> DateLine:
    (row,) = date_lines(topic(status, one), rules=RULES, now=now)
    return row


def step(kind: MilestoneKind, dates: Dates, *, state: MilestoneState = MilestoneState.PLANNED) -> Milestone:
    return Milestone(key="step", label="Step", kind=kind, dates=dates, state=state)


def month(year: int, number: int) -> Dates:
    return Dates(start=date(year, number, 1), precision=Precision.MONTH, as_written="as it was written")


WHEN = [
    (PAST, "Thursday 8 September 2022"),
    (between(date(2022, 10, 14), date(2022, 11, 11)), "Friday 14 October to Friday 11 November 2022"),
    (
        replace(between(date(2022, 10, 14), date(2022, 11, 11)), closes_at=time(17)),
        "Friday 14 October to Friday 11 November 2022, 5pm",
    ),
    (month(2023, 3), "March 2023, day not set"),
    (Dates(as_written="TBC"), "Not set (given as “TBC”)"),
    (Dates(as_written=" late \n spring "), "Not set (given as “late spring”)"),
    (Dates(start=date(1, 1, 1), as_written="0001-01-01"), "Not set (given as “0001-01-01”)"),
    (Dates(), "Not set"),
]


@pytest.mark.parametrize(("dates", "when"), WHEN)
@pytest.mark.parametrize("status", [Status.IN_PROGRESS, Status.COMPLETE, Status.SUSPENDED])
def test_every_date_is_shown_as_exactly_as_it_is_known(status: Status, dates: Dates, when: str) -> None:
    assert line(status, step(MilestoneKind.OTHER, dates)).when == when


RUNNING, DONE, OFF, PAUSED = (
    Status.IN_PROGRESS,
    Status.COMPLETE,
    Status.DISCONTINUED,
    Status.SUSPENDED,
)
STANDING = [
    (RUNNING, PAST, MilestoneState.PLANNED, "Date passed, not seen published", False, True),
    (RUNNING, PAST, SEEN, "Published", False, True),
    (RUNNING, COMING, MilestoneState.PLANNED, "Expected in 90 days", False, False),
    (RUNNING, COMING, MilestoneState.WITHDRAWN, "Removed from the schedule", True, False),
    (RUNNING, month(2023, 3), MilestoneState.PLANNED, "No day yet", False, False),
    (RUNNING, month(2022, 10), MilestoneState.PLANNED, "No day yet", False, False),
    (RUNNING, month(2022, 9), MilestoneState.PLANNED, "Month passed, no day was given", False, True),
    (RUNNING, Dates(as_written="TBC"), MilestoneState.PLANNED, "No day yet", False, False),
    (DONE, PAST, SEEN, "Published", False, True),
    (DONE, PAST, MilestoneState.PLANNED, "Past", False, True),
    (DONE, month(2022, 9), MilestoneState.PLANNED, "Past", False, True),
    (DONE, COMING, MilestoneState.PLANNED, "No longer counts", True, False),
    (DONE, Dates(as_written="TBC"), MilestoneState.PLANNED, "No longer counts", True, False),
    (DONE, PAST, MilestoneState.WITHDRAWN, "Removed from the schedule", True, True),
    (OFF, PAST, MilestoneState.PLANNED, "Past; does not count", True, True),
    (OFF, PAST, SEEN, "Published", False, True),
    (OFF, COMING, MilestoneState.PLANNED, "No longer counts", True, False),
    (PAUSED, PAST, MilestoneState.PLANNED, "Past; does not count", True, True),
    (PAUSED, COMING, MilestoneState.PLANNED, "Does not count for now", True, False),
]


@pytest.mark.parametrize(("status", "dates", "state", "standing", "struck", "over"), STANDING)
def test_a_row_says_what_its_date_is_worth(
    status: Status, dates: Dates, state: MilestoneState, standing: str, struck: bool, over: bool
) -> None:
    row = line(status, step(PUBLICATION, dates, state=state))
    assert (row.standing, row.struck, row.over) == (standing, struck, over)


def test_a_month_is_over_when_its_last_day_is() -> None:
    one = step(PUBLICATION, month(2022, 9))
    assert not line(RUNNING, one, now=datetime(2022, 9, 30, 22, 59, tzinfo=UTC)).over
    assert line(RUNNING, one, now=datetime(2022, 9, 30, 23, 0, tzinfo=UTC)).over


@pytest.mark.parametrize(
    ("status", "state", "words"),
    [
        (RUNNING, MilestoneState.PLANNED, ""),
        (DONE, SEEN, "NICE has published its guidance; these dates are history."),
        (
            DONE,
            MilestoneState.PLANNED,
            "NICE lists its work on this topic as complete; these dates are history.",
        ),
        (
            OFF,
            MilestoneState.PLANNED,
            "NICE has discontinued work on this topic; these dates no longer count.",
        ),
        (
            PAUSED,
            MilestoneState.PLANNED,
            "These dates do not count for now, because of the status of this topic.",
        ),
        (
            Status.UNKNOWN,
            SEEN,
            "These dates do not count for now, because of the status of this topic.",
        ),
    ],
)
def test_what_the_dates_are_worth_together_depends_on_the_status(
    status: Status, state: MilestoneState, words: str
) -> None:
    one = step(PUBLICATION, PAST, state=state)
    assert force(topic(status, one), service=SERVICE) == words
