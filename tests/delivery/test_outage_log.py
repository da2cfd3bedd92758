"""An outage of the database while letters are sent fills no log: a traceback once, and that it is over."""

import asyncio

import pytest

from notifier.db import Database
from notifier.delivery import deliver, recording
from tests.delivery.queue_cast import PostOffice, Sending, queue, until, until_states
from tests.refusing import refusing


@pytest.fixture(autouse=True)
def _asking_often(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (deliver, recording):
        monkeypatch.setattr(module, "DATABASE_PAUSE_SECONDS", 0.02)


def _said(caplog: pytest.LogCaptureFixture, event: str) -> list[bool]:
    """Return, for each line of an event, whether it came with a traceback."""
    return [one.exc_info is not None for one in caplog.records if one.message == event]


def _over(caplog: pytest.LogCaptureFixture, event: str) -> list[int]:
    """Return how often the thing had failed, for each time that its end was told."""
    ends = [one.__dict__ for one in caplog.records if one.message == "works_again"]
    return [one["times"] for one in ends if one["after"] == event]


async def test_a_claim_that_fails_again_and_again_is_told_once(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    await queue(db, "Ada")
    async with Sending(db, PostOffice()) as sending:
        await until_states(db, "accepted")
        async with refusing(db, "delivery", what="UPDATE"):
            await queue(db, "Ben")
            sending.deliverer.ring()
            await asyncio.sleep(0.6)
            assert _said(caplog, "claim_failed") == [True]
        await until_states(db, "accepted", "accepted")
        await until(lambda: len(_over(caplog, "claim_failed")) == 1)
    assert _over(caplog, "claim_failed")[0] > 2


async def test_outcomes_that_wait_are_told_of_once(db: Database, caplog: pytest.LogCaptureFixture) -> None:
    await queue(db, "Ada")
    async with Sending(db, PostOffice()):
        async with refusing(db, "delivery", what="UPDATE OF done_at"):
            await until(lambda: bool(_said(caplog, "outcomes_not_recorded")))
            await asyncio.sleep(0.6)
            assert _said(caplog, "outcomes_not_recorded") == [True]
        await until_states(db, "accepted")
        await until(lambda: len(_over(caplog, "outcomes_not_recorded")) == 1)
    assert _over(caplog, "outcomes_not_recorded")[0] > 2
