"""A mailbox is written to so often and no more, whatever is typed into whichever form."""

from datetime import timedelta

import pytest

from notifier.db import Database, Rank
from notifier.delivery.tables import delivery
from notifier.subscriptions import access
from notifier.subscriptions.fence import Answer, SignUpLimits
from notifier.subscriptions.model import EndReason
from notifier.subscriptions.suppression import lift, suppress
from notifier.subscriptions.tables import reply, subscriber
from tests.cast import BEGIN, MACHINE_NOW, SIGNER, count, fence, follow, rows, sign_up

ADA = "ada@example.org"
A_DAY = timedelta(days=1)


async def _ask_link(db: Database, address: str = ADA, *, after: timedelta = timedelta()) -> Answer:
    return await access.ask(db, address=address, fence=fence(machine_now=MACHINE_NOW + after))


async def _suppress(db: Database, address: str, *, until: timedelta | None = None) -> None:
    async with db.write(Rank.WEB) as conn:
        await suppress(
            conn,
            SIGNER.address_hash(address),
            EndReason.BOUNCED,
            now=BEGIN,
            until=BEGIN + until if until else None,
        )


async def test_a_suppressed_address_is_answered_and_gets_nothing(db: Database) -> None:
    await follow(db, "Ada")
    await _suppress(db, ADA)
    before = await rows(db, subscriber)
    assert await sign_up(db, ADA) is Answer.SUPPRESSED
    assert await sign_up(db, "ADA@example.ORG") is Answer.SUPPRESSED
    assert await _ask_link(db) is Answer.SUPPRESSED
    assert await count(db, delivery) == 0
    assert await rows(db, subscriber) == before


async def test_a_suppression_ends_with_its_time_or_when_it_is_lifted(db: Database) -> None:
    await _suppress(db, ADA, until=timedelta(days=3))
    assert await sign_up(db, ADA, now=BEGIN + timedelta(days=2)) is Answer.SUPPRESSED
    assert await sign_up(db, ADA, now=BEGIN + timedelta(days=3)) is Answer.QUEUED
    await _suppress(db, "ben@example.org")
    async with db.write(Rank.WEB) as conn:
        assert await lift(conn, SIGNER.address_hash("ben@example.org"))
    assert await sign_up(db, "ben@example.org") is Answer.QUEUED


async def test_links_to_everything_are_mailed_so_often_a_day_and_no_more(db: Database) -> None:
    await follow(db, "Ada")
    answers = [await _ask_link(db) for _ in range(5)]
    assert answers == [Answer.QUEUED] * 3 + [Answer.FENCED] * 2
    assert await count(db, delivery) == 3
    assert await _ask_link(db, after=A_DAY) is Answer.QUEUED


async def test_nobody_is_shut_out_of_their_alerts_by_others_who_sign_them_up(db: Database) -> None:
    await follow(db, "Ada")
    for _ in range(4):
        await sign_up(db, ADA)
    assert await _ask_link(db) is Answer.QUEUED


async def test_everybody_together_gets_so_many_an_hour_of_every_kind(db: Database) -> None:
    await follow(db, "Ada")
    limits = SignUpLimits(per_address_and_day=3, everyone_per_hour=1, link_hours=48)
    assert await sign_up(db, "ben@example.org", limits=limits) is Answer.QUEUED
    assert await access.ask(db, address=ADA, fence=fence(limits=limits)) is Answer.CEILING


@pytest.mark.parametrize("address", ["eve@example.org", "cleo@example.org"])
async def test_who_never_confirmed_anything_gets_no_link(db: Database, address: str) -> None:
    await sign_up(db, "cleo@example.org")
    before = await count(db, reply)
    assert await _ask_link(db, address) is Answer.UNKNOWN
    assert await count(db, reply) == before
