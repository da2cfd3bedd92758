"""The pace of sending: a relay sets it, the operator bounds it, and no domain holds up others."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from notifier.db import Database
from notifier.delivery import breaker, retry
from notifier.delivery.model import DeliveryState, Letter, Outcome
from notifier.delivery.smtp import SmtpPool
from notifier.delivery.smtp_server import SmtpServer
from notifier.settings import Security
from tests.delivery.limited_server import LimitedServer
from tests.delivery.queue_cast import PostOffice, Sending, accepted, crowd, queue, states, stored, until

ACCEPTED = DeliveryState.ACCEPTED


@pytest.fixture
async def limited() -> AsyncIterator[LimitedServer]:
    server = LimitedServer()
    await server.start()
    yield server
    await server.stop()


def pool(server: LimitedServer, *, connections: int = 8) -> SmtpPool:
    return SmtpPool(
        SmtpServer(
            host="127.0.0.1",
            port=server.port,
            security=Security.PLAIN,
            connections=connections,
            timeout=5,
            end_of_data_timeout=5,
        )
    )


async def all_accepted(db: Database, *, seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while set(await states(db)) != {ACCEPTED}:  # noqa: ASYNC110 - a table tells nobody
            await asyncio.sleep(0.05)


class ManyDomains(Sending):
    """Readers are at seven domains."""

    def _letter(self, letter: Letter) -> Letter:
        return letter._replace(recipient=f"{letter.subscriber_id}@{letter.subscriber_id % 7}.example")


class TwoDomains(Sending):
    """Readers with odd numbers are at the slow domain."""

    def _letter(self, letter: Letter) -> Letter:
        domain = "slow.example" if letter.subscriber_id % 2 else "quick.example"
        return letter._replace(recipient=f"{letter.subscriber_id}@{domain}")


@pytest.mark.parametrize(
    ("verb", "refusal"),
    [
        ("RCPT", "451 4.7.0 Rate limit exceeded"),
        ("RCPT", "450 4.3.2 Too busy"),
        ("MAIL", "421 4.7.0 Too many messages"),
    ],
)
async def test_a_relay_that_takes_so_many_a_second_gets_them_all_and_refuses_few(
    sqlite_db: Database, limited: LimitedServer, monkeypatch: pytest.MonkeyPatch, verb: str, refusal: str
) -> None:
    monkeypatch.setattr(retry, "FIRST_WAITS", (timedelta(seconds=1),) * 6)
    monkeypatch.setattr(breaker, "SHORTEST_PAUSE", 0.3)
    limited.per_second, limited.verb, limited.refusal = 30, verb, refusal
    await crowd(sqlite_db, 120)
    async with ManyDomains(sqlite_db, pool(limited)):
        await all_accepted(sqlite_db)
    got = Counter(mail.recipient for mail in limited.taken)
    assert len(got) == 120
    assert set(got.values()) == {1}
    # Nobody who does not listen gets by with so few: the first second alone would bring hundreds.
    assert limited.refused < 60, limited.refused


async def test_a_relay_that_takes_one_mail_a_second_starves_nobody(
    sqlite_db: Database, limited: LimitedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retry, "FIRST_WAITS", (timedelta(seconds=1),) * 9)
    limited.per_second = 1
    await crowd(sqlite_db, 12)
    async with ManyDomains(sqlite_db, pool(limited)):
        await all_accepted(sqlite_db)
    assert len(limited.taken) == 12
    assert limited.refused < 60, limited.refused


async def test_after_an_outage_sending_is_as_wide_as_before(
    sqlite_db: Database, limited: LimitedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(breaker, "SHORTEST_PAUSE", 0.1)
    monkeypatch.setattr(breaker, "LONGEST_PAUSE", 0.1)
    await limited.stop()  # connections are refused
    await crowd(sqlite_db, 40)
    async with ManyDomains(sqlite_db, pool(limited)) as sending:
        await until(lambda: sending.deliverer.fault is not None)
        await asyncio.sleep(1.5)  # some ten tries
        await limited.start()
        await all_accepted(sqlite_db)
        assert sending.deliverer._pace.width == 16
        assert sending.deliverer._pace.rest == 0


async def test_a_relay_that_is_content_is_never_slowed_down(
    sqlite_db: Database, limited: LimitedServer
) -> None:
    await crowd(sqlite_db, 60)
    async with Sending(sqlite_db, pool(limited)) as sending:
        await all_accepted(sqlite_db)
        assert sending.deliverer._pace.width == 16
    assert limited.most_open > 1


async def test_so_many_mails_a_second_and_no_more(sqlite_db: Database, limited: LimitedServer) -> None:
    await crowd(sqlite_db, 41)
    began = time.monotonic()
    async with Sending(sqlite_db, pool(limited), per_second=20):
        await all_accepted(sqlite_db)
    # No bound from above: how long it takes at most is the machine's affair.
    assert time.monotonic() - began >= 40 / 20 - 0.1
    assert len(limited.taken) == 41


async def test_one_mail_a_second_is_claimed_two_seconds_ahead_and_not_given_back_and_forth(
    sqlite_db: Database, limited: LimitedServer
) -> None:
    await crowd(sqlite_db, 12)
    async with Sending(sqlite_db, pool(limited), per_second=1):
        await until(lambda: len(limited.taken) >= 2, seconds=20)
        claimed = (await states(sqlite_db)).count(DeliveryState.SENDING)
        assert claimed <= 3  # two seconds of the pace, and the one under way


class SlowDomain(PostOffice):
    """A far end at which every second reader's domain does not answer while it is shut."""

    def __init__(self) -> None:
        super().__init__(accepted, connections=4)
        self.shut = asyncio.Event()

    async def send(self, letter: Letter) -> Outcome:
        if letter.subscriber_id % 2:
            await self.shut.wait()
        return await super().send(letter)


async def test_a_slow_domain_does_not_delay_another(sqlite_db: Database) -> None:
    await crowd(sqlite_db, 600)
    office = SlowDomain()
    async with TwoDomains(sqlite_db, office, per_domain=2):
        async with asyncio.timeout(30):
            while await _quick_left(sqlite_db):  # noqa: ASYNC110 - a table tells nobody
                await asyncio.sleep(0.05)
        slow = [row["state"] for row in await stored(sqlite_db) if row["subscriber_id"] % 2]
        assert ACCEPTED not in slow
        assert len([one for one in office.begun if one % 2]) == 0
        office.shut.set()
    assert {row["attempts"] for row in await stored(sqlite_db) if row["subscriber_id"] % 2} <= {0, 1}


async def _quick_left(db: Database) -> bool:
    return any(row["state"] != ACCEPTED for row in await stored(db) if row["subscriber_id"] % 2 == 0)


async def test_what_a_slow_domain_left_waiting_is_sent_when_it_is_quick_again(
    sqlite_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notifier.delivery.domains.LONGEST_PUT_OFF", 3.0)
    ids = await queue(sqlite_db, *(f"reader-{number}" for number in range(40)))
    office = SlowDomain()
    async with TwoDomains(sqlite_db, office, per_domain=2):
        await until(lambda: len(office.begun) >= 20, seconds=20)
        office.shut.set()
        await all_accepted(sqlite_db)
    assert sorted(office.begun) == ids
