"""Following one procedure ends by itself, 30 days after it is published or discontinued."""

from datetime import timedelta

import pytest

from notifier.db import Database
from notifier.events.ending import end_followings
from notifier.procedures.model import Status
from notifier.subscriptions.model import EndReason, SubscriptionState
from notifier.subscriptions.tables import subscription, subscription_history
from notifier.subscriptions.topics import EVERYTHING, procedure_topic
from tests.cast import BEGIN, IP1783, Person, follow, in_status, london, read, rows, snapshot, sweep

NOON = london(2022, 9, 20, 12)
TOLD = NOON + timedelta(minutes=30)
AFTER_30_DAYS = TOLD + timedelta(days=30, seconds=1)


async def _ada(db: Database) -> Person:
    known = await read(db, IP1783, now=BEGIN)
    return await follow(db, "Ada", procedure_topic(known.procedure_id))


async def _turn(db: Database, status: Status, *, day: int = 20) -> None:
    """Let the procedure take on a status that day, and tell it."""
    seen = london(2022, 9, day, 12)
    await read(db, in_status(IP1783, status), now=seen)
    await sweep(db, seen + timedelta(minutes=30))


async def _states(db: Database) -> list[str]:
    return [row["state"] for row in await rows(db, subscription)]


@pytest.mark.parametrize("status", [Status.COMPLETE, Status.DISCONTINUED])
async def test_who_follows_only_what_has_ended_is_let_go_after_thirty_days(
    db: Database, status: Status
) -> None:
    await _ada(db)
    await _turn(db, status)
    assert await end_followings(db, now=TOLD + timedelta(days=30)) == 0
    assert await end_followings(db, now=AFTER_30_DAYS) == 1
    [ended] = await rows(db, subscription)
    assert (ended["state"], ended["ended_reason"]) == (SubscriptionState.ENDED, EndReason.OVER)
    assert (await rows(db, subscription_history))[-1]["detail"] == EndReason.OVER
    assert await end_followings(db, now=AFTER_30_DAYS) == 0


async def test_who_follows_everything_or_another_procedure_stays(db: Database) -> None:
    await _ada(db)
    other = await read(db, snapshot(number=2), now=BEGIN)
    await follow(db, "Ben", EVERYTHING)
    await follow(db, "Ada", procedure_topic(other.procedure_id))
    await _turn(db, Status.COMPLETE)
    assert await end_followings(db, now=AFTER_30_DAYS) == 1
    assert await _states(db) == ["ended", "active", "active"]


async def test_a_suspended_procedure_lets_nobody_go(db: Database) -> None:
    await _ada(db)
    await _turn(db, Status.SUSPENDED)
    assert await end_followings(db, now=AFTER_30_DAYS) == 0


async def test_work_that_went_on_since_lets_nobody_go(db: Database) -> None:
    await _ada(db)
    await _turn(db, Status.DISCONTINUED)
    await _turn(db, Status.IN_PROGRESS, day=25)
    assert await end_followings(db, now=AFTER_30_DAYS) == 0


async def test_work_that_went_on_and_ended_again_counts_from_its_last_end(db: Database) -> None:
    await _ada(db)
    await _turn(db, Status.DISCONTINUED)
    await _turn(db, Status.IN_PROGRESS, day=22)
    await _turn(db, Status.DISCONTINUED, day=25)
    assert await end_followings(db, now=AFTER_30_DAYS) == 0
    assert await end_followings(db, now=AFTER_30_DAYS + timedelta(days=5)) == 1


async def test_who_begins_to_follow_after_the_end_asked_for_something_else_and_is_kept(db: Database) -> None:
    known = await read(db, IP1783, now=BEGIN)
    await _turn(db, Status.COMPLETE)
    await follow(db, "Ben", procedure_topic(known.procedure_id), now=TOLD)
    assert await end_followings(db, now=AFTER_30_DAYS) == 0
