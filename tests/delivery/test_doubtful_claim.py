"""Letters in nobody's hands, because the database refused as they changed hands, are found again."""

from datetime import timedelta

import pytest

from notifier.clock import machine_now
from notifier.db import Database
from notifier.delivery import claiming, recording, returns
from notifier.delivery.model import Letter, Outcome, ServerFault
from tests.delivery.queue_cast import PostOffice, Sending, claim, queue, stored, until, until_states
from tests.refusing import refusing


@pytest.fixture(autouse=True)
def _asking_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "DATABASE_PAUSE_SECONDS", 0.05)
    monkeypatch.setattr(claiming, "POLL_SECONDS", 0.05)


async def _a_claim_fails(db: Database, sending: Sending, caplog: pytest.LogCaptureFixture) -> None:
    async with refusing(db, "delivery", what="UPDATE"):
        await queue(db, "Ben")
        sending.deliverer.ring()
        await until(lambda: "claim_failed" in [one.message for one in caplog.records])


async def test_a_claim_that_stood_though_it_seemed_refused_is_found_again(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    office = PostOffice()
    async with Sending(db, office) as sending:
        await until(lambda: sending.deliverer._tenure.lease.owner_id > 0)
        later = machine_now() + timedelta(hours=1)  # so that only this test claims it
        await queue(db, "Cleo", next_at=later)
        lease = sending.deliverer._tenure.lease
        assert await claim(db, lease, machine_now=later)  # as if its commit had not been answered
        await _a_claim_fails(db, sending, caplog)
        await until_states(db, "pending", "accepted")
        assert (await stored(db))[0]["owner_id"] is None
    assert "letters_found_again" in [one.message for one in caplog.records]


async def test_what_is_under_way_when_a_claim_fails_is_not_sent_twice(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    [ada] = await queue(db, "Ada")
    office = PostOffice(connections=4)
    office.open.clear()
    async with Sending(db, office) as sending:
        await until(lambda: office.begun == [ada])
        await _a_claim_fails(db, sending, caplog)
        await until(lambda: len(office.begun) == 2)
        await sending.deliverer.recover()
        assert {row["owner_id"] for row in await stored(db)} == {sending.deliverer._tenure.lease.owner_id}
        office.open.set()
        await until_states(db, "accepted", "accepted")
    assert office.begun.count(ada) == 1


async def test_what_is_not_recorded_yet_is_not_sent_twice(
    sqlite_db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    [ada] = await queue(sqlite_db, "Ada")
    office = PostOffice()
    async with Sending(sqlite_db, office) as sending:
        async with refusing(sqlite_db, "delivery", what="UPDATE OF attempts"):
            await until(lambda: "outcomes_not_recorded" in [one.message for one in caplog.records])
            sending.deliverer._returns.doubt()
            await queue(sqlite_db, "Ben")
            sending.deliverer.ring()
            await until(lambda: len(office.begun) == 2)
        await until_states(sqlite_db, "accepted", "accepted")
    assert office.begun.count(ada) == 1


async def test_what_could_not_be_given_back_is_found_again_however_long_the_mail_server_is_left_alone(
    sqlite_db: Database, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(returns, "DOUBT_SECONDS", 0.1)
    await queue(sqlite_db, "Ada", "Ben", "Cleo")
    office = _Down()
    office.open.clear()
    async with Sending(sqlite_db, office) as sending:
        await until(lambda: len(office.begun) == 2)
        async with refusing(sqlite_db, "delivery", what="UPDATE"):
            office.open.set()
            await until(lambda: "letters_not_given_back" in [one.message for one in caplog.records])
        office.down = False
        await until_states(sqlite_db, "accepted", "accepted", "accepted")
        assert sending.deliverer.fault is None


class _Down(PostOffice):
    """Cannot be used at first, and is left alone for longer than there is doubt."""

    down = True

    async def send(self, letter: Letter) -> Outcome:
        if not self.down:
            return await super().send(letter)
        self.begun.append(letter.delivery_id)
        await self.open.wait()
        raise ServerFault("down", retry_after=0.5)
