"""What came of asking a source again, weighed: say it, on which basis, ask again, or leave it to a person."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from notifier.events.model import Basis
from notifier.events.preflight import (
    UNWATCHED,
    Check,
    Hold,
    Policy,
    Proceed,
    Wait,
    waits_for_publication,
    weigh,
)
from notifier.procedures.due import CheckedAs, DueInstant, Edge
from notifier.procedures.model import Milestone, MilestoneState
from notifier.settings import Unreadable
from tests.cast import RULES, consultation, london, meeting, publication

OPENING = date(2022, 10, 14)
CONSULTATION = consultation(OPENING, date(2022, 11, 11))
NINE = london(2022, 10, 14)
MIDDAY = london(2022, 10, 14, 12)
SAY, WAIT, HOLD = (Policy(unreadable=each) for each in Unreadable)


def due(edge: Edge, day: date = OPENING) -> DueInstant:
    return DueInstant(edge=edge, local_date=day, zone="Europe/London", due_at=RULES.announcement(day))


OPENS = due(Edge.OPENS)


def asked(at: datetime, as_: CheckedAs) -> Check:
    return Check(watched=True, at=at, as_=as_)


def stands(at: datetime) -> Check:
    return asked(at, CheckedAs.STANDS)


def unreadable(at: datetime) -> Check:
    return asked(at, CheckedAs.UNREADABLE)


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


def weighed(
    check: Check,
    *,
    instant: DueInstant = OPENS,
    milestone: Milestone = CONSULTATION,
    policy: Policy = SAY,
    now: datetime = NINE,
) -> Proceed | Wait | Hold:
    return weigh(check, instant, milestone, policy=policy, rules=RULES, now=now)


FIVE_TO = NINE - minutes(5)
SCHEDULED = Proceed(basis=Basis.SCHEDULED)
CHECKED = Proceed(basis=Basis.CHECKED)
CONFIRMED = Proceed(basis=Basis.CONFIRMED)


@pytest.mark.parametrize(
    "check",
    [
        UNWATCHED,
        Check(watched=True),
        stands(FIVE_TO),
        unreadable(FIVE_TO),
        asked(FIVE_TO, CheckedAs.RELEASED),
        stands(NINE - timedelta(days=9)),
    ],
)
@pytest.mark.parametrize("policy", [SAY, WAIT, HOLD])
def test_what_was_seen_to_have_happened_needs_no_asking(check: Check, policy: Policy) -> None:
    seen = replace(CONSULTATION, state=MilestoneState.REACHED)
    assert weighed(check, milestone=seen, policy=policy) == CONFIRMED


@pytest.mark.parametrize("edge", Edge)
def test_where_nobody_can_be_asked_the_schedule_speaks(edge: Edge) -> None:
    assert weighed(UNWATCHED, instant=due(edge)) == SCHEDULED


@pytest.mark.parametrize("edge", [each for each in Edge if each is not Edge.OPENS])
def test_a_date_that_still_stood_a_moment_ago_is_said_as_checked(edge: Edge) -> None:
    assert weighed(stands(FIVE_TO), instant=due(edge)) == CHECKED


@pytest.mark.parametrize(
    ("check", "now", "until"),
    [
        pytest.param(Check(watched=True), NINE, minutes(1), id="nobody has asked"),
        pytest.param(stands(NINE - minutes(41)), NINE, minutes(1), id="asked long ago"),
        pytest.param(unreadable(NINE - minutes(41)), NINE, minutes(1), id="asked in vain long ago"),
        pytest.param(stands(FIVE_TO), NINE, minutes(15), id="an opening that does not show"),
        pytest.param(
            stands(NINE + minutes(100)), NINE + minutes(105), minutes(15), id="an opening that still does not"
        ),
        pytest.param(
            stands(MIDDAY - minutes(15)), MIDDAY - minutes(10), minutes(10), id="no longer than to midday"
        ),
    ],
)
def test_an_opening_waits(check: Check, now: datetime, until: timedelta) -> None:
    found = weighed(check, now=now)
    assert isinstance(found, Wait)
    assert found.until == now + until


def test_an_answer_holds_for_half_an_hour_to_the_minute() -> None:
    assert weighed(stands(NINE - minutes(30)), instant=due(Edge.CLOSING_1)) == CHECKED


@pytest.mark.parametrize("now", [MIDDAY, MIDDAY + timedelta(hours=4), NINE + timedelta(days=3)])
def test_from_midday_on_an_opening_that_was_not_seen_is_said_all_the_same(now: datetime) -> None:
    assert weighed(stands(now - minutes(5)), now=now) == CHECKED


def test_midday_is_by_the_clock_of_the_country() -> None:
    winter = date(2022, 11, 14)
    instant, now = due(Edge.OPENS, winter), london(2022, 11, 14, 11, 59)
    assert isinstance(weighed(stands(now - minutes(4)), instant=instant, now=now), Wait)
    assert weighed(stands(now - minutes(3)), instant=instant, now=now + minutes(1)) == CHECKED


@pytest.mark.parametrize("edge", Edge)
def test_a_source_that_cannot_be_read_is_no_reason_for_silence_by_default(edge: Edge) -> None:
    said = Proceed(basis=Basis.SCHEDULED, unreadable_at=FIVE_TO)
    assert weighed(unreadable(FIVE_TO), instant=due(edge)) == said


@pytest.mark.parametrize("edge", Edge)
def test_by_policy_a_date_is_held_whose_source_cannot_be_read(edge: Edge) -> None:
    assert isinstance(weighed(unreadable(FIVE_TO), instant=due(edge), policy=HOLD), Hold)


def test_by_policy_a_date_waits_three_hours_for_its_source() -> None:
    until = NINE + timedelta(hours=3)
    first = weighed(unreadable(FIVE_TO), policy=WAIT)
    assert isinstance(first, Wait)
    assert first.until == NINE + minutes(15)
    last = until - minutes(1)
    assert isinstance(weighed(unreadable(last), policy=WAIT, now=last), Wait)
    said = Proceed(basis=Basis.SCHEDULED, unreadable_at=last)
    assert weighed(unreadable(last), policy=WAIT, now=until) == said


def test_the_hours_of_waiting_are_a_setting() -> None:
    short = Policy(unreadable=Unreadable.WAIT, wait=timedelta(hours=1))
    at_ten = NINE + timedelta(hours=1)
    assert isinstance(weighed(unreadable(at_ten), policy=short, now=at_ten), Proceed)


@pytest.mark.parametrize("policy", [SAY, WAIT, HOLD])
def test_a_released_date_is_said_whatever_its_age(policy: Policy) -> None:
    released = asked(NINE - timedelta(days=1), CheckedAs.RELEASED)
    said = Proceed(basis=Basis.SCHEDULED, unreadable_at=NINE - timedelta(days=1))
    assert weighed(released, policy=policy) == said


PUBLICATION = publication(OPENING)


@pytest.mark.parametrize(
    ("proceed", "edge", "milestone", "waits"),
    [
        pytest.param(CHECKED, Edge.REACHED, PUBLICATION, True, id="read, and not seen yet"),
        pytest.param(SCHEDULED, Edge.REACHED, PUBLICATION, False, id="cannot be read: expected, at nine"),
        pytest.param(CONFIRMED, Edge.REACHED, PUBLICATION, False, id="seen"),
        pytest.param(CHECKED, Edge.NOT_YET, PUBLICATION, False, id="the next working day"),
        pytest.param(CHECKED, Edge.REACHED, meeting("ipac-1", OPENING), False, id="a meeting"),
    ],
)
def test_only_the_mail_of_guidance_that_can_be_seen_today_waits(
    proceed: Proceed, edge: Edge, milestone: Milestone, waits: bool
) -> None:
    assert waits_for_publication(proceed, due(edge), milestone) is waits
