"""Sending what is queued: each outcome recorded, nothing lost, and a server in trouble left alone."""

import asyncio
import itertools

import pytest

from notifier.db import Database
from notifier.delivery import claiming, recording, server_watch, writing
from notifier.delivery.fuse import IN_A_ROW
from notifier.delivery.model import DeliveryState, Letter, Outcome, ServerFault, Verdict
from notifier.delivery.tables import attempt
from tests.cast import rows
from tests.delivery.queue_cast import (
    PostOffice,
    Sending,
    accepted,
    crowd,
    queue,
    refused,
    states,
    stored,
    until,
    until_states,
)
from tests.refusing import refusing

ACCEPTED, FAILED, PENDING = DeliveryState.ACCEPTED, DeliveryState.FAILED, DeliveryState.PENDING


class Trouble:
    """A server that cannot be used the first so many times."""

    def __init__(self, faults: int, *, retry_after: float = 0.05) -> None:
        self.faults = faults
        self.retry_after = retry_after

    def __call__(self, letter: Letter) -> Outcome:
        if self.faults:
            self.faults -= 1
            raise ServerFault("connection refused", retry_after=self.retry_after)
        return accepted(letter)


async def test_what_is_queued_is_sent_and_its_acceptance_recorded(db: Database) -> None:
    ids = await queue(db, "Ada", "Ben", "Cleo")
    office = PostOffice()
    async with Sending(db, office):
        await until_states(db, ACCEPTED, ACCEPTED, ACCEPTED)
    assert sorted(office.begun) == ids
    assert office.closed
    assert {(row["attempts"], row["code"], row["reply"]) for row in await stored(db)} == {
        (1, 250, "2.0.0 Ok: queued")
    }
    assert await rows(db, attempt) == []


async def test_what_is_queued_later_is_sent_when_rung(db: Database) -> None:
    office = PostOffice()
    async with Sending(db, office) as sending:
        await asyncio.sleep(0.05)
        await queue(db, "Ada")
        sending.deliverer.ring()
        await until_states(db, ACCEPTED, seconds=claiming.POLL_SECONDS / 2)


async def test_a_server_fault_gives_the_letter_back_without_counting_an_attempt(db: Database) -> None:
    await queue(db, "Ada")
    office = PostOffice(Trouble(1, retry_after=60))
    async with Sending(db, office) as sending:
        await until(lambda: sending.deliverer.fault is not None)
        await until_states(db, PENDING)
        await asyncio.sleep(0.1)
        fault = sending.deliverer.fault
        assert fault is not None
        assert fault.reason == "connection refused"
    assert len(office.begun) == 1  # the pause holds
    [ada] = await stored(db)
    assert (ada["attempts"], ada["owner_id"]) == (0, None)
    assert await rows(db, attempt) == []


async def test_after_the_pause_sending_goes_on_and_the_fault_is_over(db: Database) -> None:
    await queue(db, "Ada", "Ben")
    async with Sending(db, PostOffice(Trouble(2))) as sending:
        await until_states(db, ACCEPTED, ACCEPTED, seconds=claiming.POLL_SECONDS / 2)
        assert sending.deliverer.fault is None


async def test_an_address_that_does_not_exist_is_ended(db: Database) -> None:
    await queue(db, "Ada")
    async with Sending(db, PostOffice(refused)) as sending:
        await until_states(db, FAILED)
    [ada] = await stored(db)
    assert sending.ended == [ada["subscriber_id"]]
    assert (ada["code"], ada["reply"]) == (550, "5.1.1 no such user")


@pytest.mark.parametrize(
    ("verdict", "state", "doubtful"),
    [(Verdict.FAILED, FAILED, 0), (Verdict.RETRY, PENDING, 0), (Verdict.DOUBTFUL, PENDING, 1)],
)
async def test_every_other_refusal_blames_no_address(
    db: Database, verdict: Verdict, state: DeliveryState, doubtful: int
) -> None:
    await queue(db, "Ada")
    async with Sending(db, PostOffice(lambda letter: refused(letter, verdict))) as sending:
        async with asyncio.timeout(10):
            while not await rows(db, attempt):  # noqa: ASYNC110 - a table tells nobody
                await asyncio.sleep(0.01)
    [ada] = await stored(db)
    assert (ada["state"], ada["attempts"], ada["doubtful"]) == (state, 1, doubtful)
    assert sending.ended == []


async def test_a_server_that_suddenly_knows_nobody_ends_nobody_more(sqlite_db: Database) -> None:
    await crowd(sqlite_db, 200)
    office = PostOffice(refused, connections=1)
    async with Sending(sqlite_db, office) as sending:
        await until(lambda: sending.deliverer.fault is not None)
    assert len(sending.ended) <= IN_A_ROW
    assert len(office.begun) == IN_A_ROW + 1
    found = await states(sqlite_db)
    assert found.count(FAILED) == len(sending.ended)
    assert found.count(PENDING) == 200 - len(sending.ended)


async def test_nor_does_one_that_puts_some_letters_off_in_between(sqlite_db: Database) -> None:
    await crowd(sqlite_db, 200)
    answers = itertools.count(1)

    def answer(letter: Letter) -> Outcome:
        return refused(letter, Verdict.BAD_ADDRESS if next(answers) % 16 else Verdict.RETRY)

    async with Sending(sqlite_db, PostOffice(answer, connections=1)) as sending:
        await until(lambda: sending.deliverer.fault is not None)
    assert sending.ended == []
    assert (await states(sqlite_db)).count(PENDING) == 200


async def test_after_the_pause_a_blown_fuse_is_replaced(
    sqlite_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_watch, "FUSE_PAUSE_SECONDS", 0.05)
    await crowd(sqlite_db, 60)
    known = False

    def answer(letter: Letter) -> Outcome:
        return accepted(letter) if known else refused(letter)

    async with Sending(sqlite_db, PostOffice(answer, connections=1)) as sending:
        await until(lambda: sending.deliverer.fault is not None)
        known = True
        async with asyncio.timeout(10):
            while await _untried(sqlite_db):  # noqa: ASYNC110 - a table tells nobody
                await asyncio.sleep(0.02)
        assert sending.deliverer.fault is None
    assert (await states(sqlite_db)).count(ACCEPTED) == 60 - (IN_A_ROW + 1)


async def _untried(db: Database) -> bool:
    """Whether there is a letter that no server has answered yet."""
    return any(row["attempts"] == 0 for row in await stored(db))


async def test_stopping_finishes_what_is_under_way_and_gives_back_the_rest(db: Database) -> None:
    await crowd(db, 8)
    office = PostOffice(connections=2)
    office.open.clear()
    async with Sending(db, office) as sending:
        await until(lambda: len(office.begun) == 2)
        sending.deliverer.stop()
        office.open.set()
    found = {row["id"]: row["state"] for row in await stored(db)}
    assert {id_ for id_, state in found.items() if state == ACCEPTED} == set(office.begun)
    assert sorted(found.values()) == [ACCEPTED] * 2 + [PENDING] * 6
    assert office.closed


async def test_no_more_letters_are_begun_than_may_be_unrecorded(
    sqlite_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "DATABASE_PAUSE_SECONDS", 0.05)
    await crowd(sqlite_db, 30)
    office = PostOffice(connections=8)
    async with refusing(sqlite_db, "delivery", what="UPDATE OF attempts"):
        sending = Sending(sqlite_db, office, uncommitted=5)
        task = asyncio.create_task(sending.deliverer.run())
        await until(lambda: len(office.begun) == 5)
        await asyncio.sleep(0.2)
        assert len(office.begun) == 5
    await until_states(sqlite_db, *[ACCEPTED] * 30)
    sending.deliverer.stop()
    await asyncio.wait_for(task, 10)
    assert len(office.begun) == 30


async def test_an_outcome_that_the_database_refuses_is_recorded_when_it_can(
    sqlite_db: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(recording, "DATABASE_PAUSE_SECONDS", 0.05)
    await queue(sqlite_db, "Ada", "Ben")
    office = PostOffice(lambda letter: accepted(letter) if letter.delivery_id % 2 else refused(letter))
    async with Sending(sqlite_db, office) as sending:
        async with refusing(sqlite_db, "delivery", what="UPDATE OF attempts"):
            await until(lambda: "outcomes_not_recorded" in [one.message for one in caplog.records])
            assert await states(sqlite_db) == [DeliveryState.SENDING] * 2
        await until_states(sqlite_db, ACCEPTED, FAILED)
    assert len(office.begun) == 2
    assert len(set(sending.ended)) == 1
    assert len(await rows(sqlite_db, attempt)) == 1


async def test_what_a_killed_process_was_sending_is_sent_by_the_next(sqlite_db: Database) -> None:
    ids = await queue(sqlite_db, "Ada", "Ben", "Cleo")
    office = PostOffice()
    office.open.clear()
    killed = asyncio.create_task(Sending(sqlite_db, office).deliverer.run())
    await until(lambda: len(office.begun) == 2)
    killed.cancel()
    await asyncio.gather(killed, return_exceptions=True)
    assert (await states(sqlite_db)).count(DeliveryState.SENDING) >= 2
    heir = PostOffice()
    async with Sending(sqlite_db, heir):
        await until_states(sqlite_db, *[ACCEPTED] * 3)
    assert sorted(heir.begun) == ids


async def test_a_transport_that_breaks_ends_the_sender_loudly(sqlite_db: Database) -> None:
    await queue(sqlite_db, "Ada")

    def broken(letter: Letter) -> Outcome:
        raise RuntimeError("a bug")

    office = PostOffice(broken)
    with pytest.raises(RuntimeError, match="a bug"):
        await asyncio.wait_for(Sending(sqlite_db, office).deliverer.run(), 5)
    assert office.closed


async def test_with_a_small_bound_too_a_server_that_knows_nobody_ends_no_address(
    sqlite_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "PATIENCE_SECONDS", 0.5)
    await crowd(sqlite_db, 60)
    office = PostOffice(refused, connections=4)
    async with Sending(sqlite_db, office, uncommitted=5) as sending:
        await until(lambda: sending.deliverer.fault is not None)
    assert sending.ended == []


async def test_a_claim_of_which_nothing_could_be_composed_is_followed_by_others(
    sqlite_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "WRITING_SECONDS", 0.0)
    ids = await crowd(sqlite_db, 20)

    class Broken(Sending):
        def _letter(self, letter: Letter) -> Letter:
            if letter.delivery_id < ids[-1]:
                raise ValueError("this event cannot be composed")
            return letter

    office = PostOffice()
    async with Broken(sqlite_db, office):
        await until(lambda: office.begun == ids[-1:])


async def test_a_sender_that_is_rung_in_the_moment_of_its_end_ends(sqlite_db: Database) -> None:
    sending = Sending(sqlite_db, PostOffice())
    running = asyncio.create_task(sending.deliverer.run())
    await asyncio.sleep(0.1)
    sending.deliverer.ring()  # what it waits for has come together with its end
    running.cancel()
    done, _ = await asyncio.wait({running}, timeout=5)
    assert done


async def test_stopping_believes_nothing_of_addresses_that_no_accepted_letter_bears_out(
    sqlite_db: Database,
) -> None:
    await crowd(sqlite_db, 200)
    office = PostOffice(refused, connections=1)
    async with Sending(sqlite_db, office) as sending:
        await until(lambda: len(office.begun) >= IN_A_ROW - 2)
        sending.deliverer.stop()
    assert sending.ended == []
    assert (await states(sqlite_db)).count(PENDING) == 200


async def test_a_letter_accepted_after_the_fuse_blew_does_not_hide_the_pause(sqlite_db: Database) -> None:
    await crowd(sqlite_db, 200)
    office = _FirstComesLate()
    async with Sending(sqlite_db, office) as sending:
        await until(lambda: sending.deliverer.fault is not None)
        office.late.set()
        async with asyncio.timeout(10):
            while ACCEPTED not in await states(sqlite_db):  # noqa: ASYNC110 - a table tells nobody
                await asyncio.sleep(0.02)
        assert sending.deliverer.fault is not None
        assert "unknown" in sending.deliverer.fault.reason


class _FirstComesLate(PostOffice):
    """Accepts the first letter, but not before it is told to."""

    def __init__(self) -> None:
        super().__init__(refused, connections=2)
        self.late = asyncio.Event()

    async def send(self, letter: Letter) -> Outcome:
        if self.begun:
            return await super().send(letter)
        self.begun.append(letter.delivery_id)
        await self.late.wait()
        return accepted(letter)
