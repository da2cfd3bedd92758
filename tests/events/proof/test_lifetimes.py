"""What proves who was told what is kept as long as was promised, and what is open is kept longer."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Table, insert, update

from notifier.db import Database, Rank
from notifier.delivery.tables import attempt, delivery
from notifier.events.proof import ending, lifetimes
from notifier.events.proof.lifetimes import end_evidence, is_over, months_before
from notifier.events.tables import event, gathered, mailing, variant, variant_event
from notifier.procedures import hand_store, revision_store
from notifier.procedures.hand import hand
from notifier.procedures.tables import revision
from notifier.subscriptions.erasing import erase
from notifier.subscriptions.model import EndReason
from notifier.subscriptions.tables import (
    access,
    address_change,
    bounce,
    reply,
    subscriber,
    subscription,
    subscription_history,
)
from tests.cast import (
    BEGIN,
    IP1783,
    MACHINE_NOW,
    SIGNER,
    Person,
    ask,
    count,
    end,
    fan_out,
    follow,
    london,
    read,
    rows,
    sign_up,
    stored,
    sweep,
)
from tests.events.proof.proof_cast import GREYLISTED, UNKNOWN, send

MEETING = london(2022, 9, 8)
SENT = MEETING + timedelta(seconds=7)
MONTHS_LATER = datetime(2024, 3, 8, 8, tzinfo=UTC)
"""Eighteen months after the meeting was announced: months are counted in UTC."""
EIGHTEEN = MONTHS_LATER + timedelta(seconds=8)
"""The first moment at which what was sent is older than that."""
A_MOMENT = timedelta(seconds=2)


async def _keep(db: Database, now: datetime, machine_now: datetime = MACHINE_NOW) -> None:
    await end_evidence(db, now=now, machine_now=machine_now)


async def _told(db: Database) -> dict[str, Person]:
    """Ada is told at once, Ben at the second attempt, Cleo does not exist."""
    await read(db, IP1783, now=BEGIN)
    people = {name: await follow(db, name) for name in ("Ada", "Ben", "Cleo")}
    await sweep(db, MEETING)
    await fan_out(db, MEETING)
    await send(db, SENT, {"ben": GREYLISTED, "cleo": UNKNOWN})
    await send(db, SENT, machine_now=MACHINE_NOW + timedelta(hours=1))
    return people


async def _column(db: Database, table: Table, name: str) -> list[object]:
    return [row[name] for row in await rows(db, table)]


@pytest.mark.parametrize(
    ("instant", "months", "then"),
    [
        (datetime(2024, 3, 8, 9, tzinfo=UTC), 18, datetime(2022, 9, 8, 9, tzinfo=UTC)),
        (datetime(2024, 8, 31, tzinfo=UTC), 18, datetime(2023, 2, 28, tzinfo=UTC)),
        (datetime(2024, 2, 29, tzinfo=UTC), 24, datetime(2022, 2, 28, tzinfo=UTC)),
        (datetime(2024, 1, 15, tzinfo=UTC), 1, datetime(2023, 12, 15, tzinfo=UTC)),
    ],
)
def test_months_are_those_of_the_calendar(instant: datetime, months: int, then: datetime) -> None:
    assert months_before(instant, months) == then


async def test_what_servers_said_is_kept_for_ninety_days(db: Database) -> None:
    await _told(db)
    before = await _column(db, delivery, "reply")
    assert all(before)
    await _keep(db, SENT + timedelta(days=90))
    assert await _column(db, delivery, "reply") == before
    assert all(await _column(db, attempt, "reply"))
    await _keep(db, SENT + timedelta(days=90, seconds=1))
    assert await _column(db, delivery, "reply") == [None, None, None]
    assert await _column(db, attempt, "reply") == ["", ""]
    assert Counter(await _column(db, delivery, "code")) == {250: 2, 550: 1}


async def test_deliveries_are_kept_for_eighteen_months(db: Database) -> None:
    await _told(db)
    await _keep(db, EIGHTEEN - A_MOMENT)
    assert await count(db, delivery) == 3
    assert await count(db, variant_event) == 1
    stay = [await count(db, one) for one in (event, mailing, variant)]
    await _keep(db, EIGHTEEN)
    assert [await count(db, one) for one in (delivery, attempt, variant_event)] == [0, 0, 0]
    assert [await count(db, one) for one in (event, mailing, variant)] == stay


async def test_what_is_still_open_is_never_deleted(db: Database) -> None:
    ada = (await _told(db))["Ada"]
    async with db.write(Rank.EXPAND) as conn:
        await conn.execute(update(delivery).values(state="pending", done_at=None))
        await conn.execute(insert(gathered).values(subscriber_id=ada.subscriber_id, event_seq=1, rhythm=1))
    await _keep(db, london(2040, 1, 1))
    assert await count(db, delivery) == 3
    assert await count(db, attempt) == 2
    assert await count(db, variant_event) == 1
    assert await count(db, gathered) == 1
    assert await count(db, subscription) == 3


async def test_more_rows_than_a_chunk_end_together(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name in ((lifetimes, "CHUNK"), (lifetimes, "SPAN"), (ending, "CHUNK"), (ending, "FEW")):
        monkeypatch.setattr(module, name, 2)
    await read(db, IP1783, now=BEGIN)
    for number in range(7):
        await follow(db, f"Reader{number}")
    await sweep(db, MEETING)
    await fan_out(db, MEETING)
    await send(db, SENT, {f"reader{number}": UNKNOWN for number in range(3)})
    await _keep(db, SENT + timedelta(days=91))
    assert await _column(db, delivery, "reply") == [None] * 7
    await _keep(db, EIGHTEEN)
    assert await count(db, delivery) == 0


async def test_a_young_delivery_behind_an_old_one_that_is_open_is_kept(db: Database) -> None:
    await _told(db)
    async with db.write(Rank.EXPAND) as conn:
        ben = delivery.c.id == 2
        await conn.execute(update(delivery).where(ben).values(done_at=EIGHTEEN, reply="late"))
    await _keep(db, EIGHTEEN)
    assert await _column(db, delivery, "reply") == ["late"]


async def test_what_came_back_lately_keeps_its_delivery(db: Database) -> None:
    await _told(db)
    async with db.write(Rank.WEB) as conn:
        for number, at in ((1, EIGHTEEN - timedelta(days=1)), (2, SENT)):
            came = {"fingerprint": str(number), "kind": "hard", "delivery_id": number, "at": at}
            await conn.execute(insert(bounce).values(diagnostic="no such user", **came))
    await _keep(db, EIGHTEEN)
    assert await _column(db, delivery, "id") == [1]
    assert await _column(db, bounce, "diagnostic") == ["no such user"]
    await _keep(db, EIGHTEEN + timedelta(days=91))
    assert await _column(db, bounce, "diagnostic") == [""]
    await _keep(db, london(2026, 1, 1))
    assert [await count(db, one) for one in (delivery, bounce)] == [0, 0]


async def test_gathered_news_is_kept_as_long_as_its_event_is_evidence(db: Database) -> None:
    ada = (await _told(db))["Ada"]
    async with db.write(Rank.EXPAND) as conn:
        mailed = {"subscriber_id": ada.subscriber_id, "event_seq": 1, "rhythm": 1, "mailing_id": 1}
        await conn.execute(insert(gathered).values(mailed))
    await _keep(db, MONTHS_LATER)
    assert await count(db, gathered) == 1
    await _keep(db, MONTHS_LATER + timedelta(seconds=1))
    assert await count(db, gathered) == 0


async def test_what_was_asked_for_on_a_page_is_kept_by_machine_time(db: Database) -> None:
    await sign_up(db, "ada@example.org")
    await send(db, BEGIN)
    async with db.write(Rank.WEB) as conn:
        times = {"subscriber_id": 1, "nonce": "n", "asked_at": MACHINE_NOW, "until": MACHINE_NOW}
        await conn.execute(insert(access).values(times))
        await conn.execute(insert(address_change).values(times))
    asked = (reply, access, address_change)
    machine = datetime(2028, 5, 2, 12, tzinfo=UTC)  # eighteen months after MACHINE_NOW
    await _keep(db, BEGIN, machine + timedelta(seconds=1))
    assert [await count(db, one) for one in asked] == [1, 0, 0]  # the reply's delivery is still evidence
    await _keep(db, london(2024, 3, 2), machine)
    assert await count(db, reply) == 1
    await _keep(db, london(2024, 3, 2), machine + timedelta(seconds=1))
    assert await count(db, reply) == 0


async def test_the_hash_of_an_address_that_was_left_ends_with_what_proves_who_was_told(db: Database) -> None:
    await follow(db, "Ada")
    async with db.write(Rank.WEB) as conn:
        times = {"asked_at": MACHINE_NOW, "until": MACHINE_NOW, "done_at": london(2022, 9, 8)}
        values = {"subscriber_id": 1, "nonce": "n", "left_hash": "left", **times}
        await conn.execute(insert(address_change).values(values))
    machine = datetime(2028, 5, 2, 12, tzinfo=UTC) + timedelta(seconds=1)  # over eighteen months later
    await _keep(db, MONTHS_LATER, machine)
    assert [row["left_hash"] for row in await rows(db, address_change)] == ["left"]
    await _keep(db, MONTHS_LATER + timedelta(seconds=1), machine)
    assert await count(db, address_change) == 0


async def test_an_ended_subscription_goes_with_its_history_and_then_the_hash(db: Database) -> None:
    ada = await follow(db, "Ada")
    await follow(db, "Ben")
    await end(db, ada, now=MEETING)
    async with db.write(Rank.WEB) as conn:
        await erase(conn, ada.subscriber_id, signer=SIGNER, reason=EndReason.ERASED, now=MEETING)
    await _keep(db, MONTHS_LATER)
    assert [await count(db, one) for one in (subscription, subscription_history)] == [2, 5]
    await _keep(db, MONTHS_LATER + timedelta(seconds=1))
    assert [await count(db, one) for one in (subscription, subscription_history)] == [1, 2]
    gone, ben = await rows(db, subscriber)
    assert (gone["address"], gone["address_hash"], gone["nonce"]) == (None, None, "")
    assert ben["address"] == "ben@example.org"


async def test_who_follows_or_waits_keeps_all_of_their_history(db: Database) -> None:
    await follow(db, "Ada")
    await ask(db, "Ben")
    await _keep(db, london(2040, 1, 1))
    assert await count(db, subscription_history) == 3


async def test_names_of_staff_go_after_twenty_four_months_and_dates_stay(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    async with db.write(Rank.WEB) as conn:
        found = await stored(db)
        by = hand("Cora", "the room is flooded", MEETING)
        await hand_store.set_held(conn, found, None, held=True, by=by)
        values = {"procedure_id": found.id, "at": BEGIN, "actor": "file ip1783.toml", "reason": "moved"}
        await conn.execute(insert(revision).values(values))
    await _keep(db, london(2024, 9, 8))
    assert sorted(map(str, await _column(db, revision, "actor"))) == ["Cora", "file ip1783.toml"]
    await _keep(db, london(2024, 9, 8) + timedelta(seconds=1))
    held = next(row for row in await rows(db, revision) if row["new"] == "held")
    assert (held["actor"], held["reason"], held["at"]) == (revision_store.NAME_FORGOTTEN, "", MEETING)
    assert "file ip1783.toml" in await _column(db, revision, "actor")


def test_what_is_too_long_ago_is_said_to_be() -> None:
    assert not is_over(MEETING, now=MONTHS_LATER)
    assert is_over(MEETING, now=MONTHS_LATER + timedelta(seconds=1))
