"""How long each kind of change waits before it is told (promises §1.4)."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from notifier.procedures.change_store import Patience
from notifier.procedures.model import Status
from notifier.procedures.revise import Change, ChangeKind
from notifier.sources.intake import Intake, Origin
from notifier.sources.settling import is_quiet, is_waited_for, patience_of
from tests.cast import INTAKE, london, publication

NOW = london(2022, 10, 3, 11)
HALF_AN_HOUR, HOUR = timedelta(minutes=30), timedelta(hours=1)
FILE = Origin(key="file:ip1783.toml", actor="Cora")
PAGE = Origin(key="web:ip1783", actor="source ip1783", fetched=True)
AT_ONCE = Intake(rules=INTAKE.rules, settle=timedelta(0))
SLOWLY = Intake(rules=INTAKE.rules, settle=timedelta(hours=3))


def of(kind: ChangeKind) -> Change:
    old = publication(date(2023, 3, 29))
    return Change(kind=kind, subject=old.key, old=old, new=publication(date(2023, 5, 24)))


def status(old: Status | None, new: Status) -> Change:
    return Change(kind=ChangeKind.STATUS, subject="status", old=old, new=new)


def at(instant: datetime, reads: int = 0) -> Patience:
    return Patience(settles_at=instant, reads=reads)


SETTLING = [
    ChangeKind.DATE_ADDED,
    ChangeKind.DATE_SET,
    ChangeKind.MOVED,
    ChangeKind.EXTENDED,
    ChangeKind.SHORTENED,
    ChangeKind.REOPENED,
]


@pytest.mark.parametrize("kind", [*SETTLING, ChangeKind.REMOVED])
def test_what_an_operator_saved_waits_half_an_hour(kind: ChangeKind) -> None:
    assert patience_of(of(kind), FILE, INTAKE, NOW) == at(NOW + HALF_AN_HOUR)


@pytest.mark.parametrize("kind", SETTLING)
def test_what_was_fetched_waits_to_be_seen_again_too(kind: ChangeKind) -> None:
    assert patience_of(of(kind), PAGE, INTAKE, NOW) == at(NOW + HALF_AN_HOUR, reads=1)


def test_a_date_that_is_gone_from_a_page_is_missed_twice_an_hour_apart() -> None:
    assert patience_of(of(ChangeKind.REMOVED), PAGE, INTAKE, NOW) == at(NOW + HOUR, reads=1)


def test_a_longer_patience_than_that_hour_is_kept() -> None:
    assert patience_of(of(ChangeKind.REMOVED), PAGE, SLOWLY, NOW) == at(NOW + timedelta(hours=3), reads=1)


@pytest.mark.parametrize("origin", [FILE, PAGE])
@pytest.mark.parametrize(
    "change",
    [
        of(ChangeKind.LISTED),
        of(ChangeKind.REACHED),
        status(Status.IN_PROGRESS, Status.COMPLETE),
        status(None, Status.COMPLETE),
    ],
)
def test_what_was_seen_to_have_happened_waits_for_nothing(change: Change, origin: Origin) -> None:
    assert patience_of(change, origin, INTAKE, NOW) == at(NOW)


@pytest.mark.parametrize("new", [Status.SUSPENDED, Status.DISCONTINUED, Status.IN_PROGRESS])
def test_every_other_status_settles_as_dates_do(new: Status) -> None:
    change = status(Status.IMPACTED_BY_COVID_19, new)
    assert patience_of(change, PAGE, INTAKE, NOW) == at(NOW + HALF_AN_HOUR, reads=1)


@pytest.mark.parametrize("kind", ChangeKind)
def test_without_patience_everything_is_told_at_once(kind: ChangeKind) -> None:
    assert patience_of(of(kind), PAGE, AT_ONCE, NOW) == at(NOW)


@pytest.mark.parametrize("kind", ChangeKind)
def test_only_what_says_something_is_waited_for(kind: ChangeKind) -> None:
    if kind is not ChangeKind.STATUS:
        assert is_waited_for(of(kind)) is (kind is not ChangeKind.DETAILS)


@pytest.mark.parametrize(
    ("old", "new", "waited_for"),
    [
        pytest.param(Status.IN_PROGRESS, Status.SUSPENDED, True, id="work stopped"),
        pytest.param(Status.SUSPENDED, Status.IN_PROGRESS, True, id="and went on"),
        pytest.param(Status.IN_PROGRESS, Status.DISCONTINUED, True, id="ended without guidance"),
        pytest.param(Status.SUSPENDED, Status.DISCONTINUED, True, id="never went on"),
        pytest.param(Status.IN_PROGRESS, Status.COMPLETE, True, id="ended with guidance"),
        pytest.param(Status.PROPOSED, Status.IN_PROGRESS, False, id="from one running status to another"),
        pytest.param(Status.IN_PROGRESS, Status.PROPOSED, False, id="and back"),
        pytest.param(Status.SUSPENDED, Status.IMPACTED_BY_COVID_19, False, id="stopped, in other words"),
        pytest.param(Status.IN_PROGRESS, Status.IN_PROGRESS, False, id="the same"),
    ],
)
def test_a_status_is_waited_for_when_work_stops_goes_on_or_ends(
    old: Status, new: Status, waited_for: bool
) -> None:
    assert is_waited_for(status(old, new)) is waited_for


def test_only_a_new_procedure_is_told_quietly() -> None:
    assert [kind for kind in ChangeKind if is_quiet(replace(of(kind)))] == [ChangeKind.LISTED]
