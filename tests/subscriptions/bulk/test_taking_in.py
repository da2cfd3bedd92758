"""People who consented elsewhere are taken in once, with that as evidence, and never against their will."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from notifier.db import Database, Rank
from notifier.delivery.tables import delivery
from notifier.events.interest import Preset, kinds_of, reminding
from notifier.subscriptions import course, store
from notifier.subscriptions.bulk.exporting import exported
from notifier.subscriptions.bulk.importing import what_is_known
from notifier.subscriptions.bulk.rows import Refused, Row, Wanted, read_row
from notifier.subscriptions.bulk.taking_in import Taken, take_in
from notifier.subscriptions.bulk.writing import Importing
from notifier.subscriptions.by_operator import allow_address, erase_address, stop_address
from notifier.subscriptions.lifecycle import LinkState
from notifier.subscriptions.model import EndReason, Rhythm
from notifier.subscriptions.retention import forget
from notifier.subscriptions.suppression import suppress
from notifier.subscriptions.tables import subscriber, subscription, subscription_history, topic
from notifier.subscriptions.tokens import Purpose
from tests.cast import (
    BEGIN,
    IP1783,
    MACHINE_NOW,
    RULES,
    SIGNER,
    ask,
    claim_letters,
    count,
    end,
    fan_out,
    follow,
    london,
    press_confirm,
    read,
    rows,
    sign_up,
    sweep,
)

IMPORTING = Importing(
    signer=SIGNER,
    kinds=lambda preset, reminders: reminding(kinds_of(Preset(preset)), on=reminders),
    zone=RULES.zone,
    now=BEGIN,
    machine_now=MACHINE_NOW,
)
CONSENT = date(2022, 8, 1)
ADA = {"address": "Ada@example.org", "follows": "all", "consent_source": "form", "consent_date": "2022-08-01"}


async def _wanted(db: Database, *many: dict[str, str]) -> Sequence[Wanted]:
    async with db.read() as conn:
        known = await what_is_known(conn, [one.value for one in Preset], today=BEGIN.date())
    found = [read_row(Row(line=line, cells=ADA | cells), known) for line, cells in enumerate(many, start=2)]
    good = [one for one in found if isinstance(one, Wanted)]
    assert len(good) == len(found), found
    return good


async def _take(
    db: Database, *many: dict[str, str], importing: Importing = IMPORTING, seen: set[int] | None = None
) -> Taken:
    return await take_in(db, await _wanted(db, *many), importing, seen)


def _words(refused: Sequence[Refused]) -> list[str]:
    return [str(problem) for one in refused for problem in one.problems]


async def test_who_is_taken_in_follows_from_now_on_with_the_consent_as_evidence(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    taken = await _take(db, {}, {"address": "ben@example.org", "follows": "GID-IPG1783"})
    assert (taken.new, taken.there, taken.refused) == (2, 0, [])
    ada, ben = await rows(db, subscriber)
    assert (ada["address"], ada["address_key"], ada["state"]) == (
        "Ada@example.org",
        "ada@example.org",
        "active",
    )
    first, second = await rows(db, subscription)
    assert (first["state"], first["since_seq"], first["rhythm"]) == ("active", 0, Rhythm.DAILY)
    assert (first["confirmed_at"], RULES.local_date(first["asked_at"])) == (BEGIN, CONSENT)
    assert (second["subscriber_id"], second["rhythm"]) == (ben["id"], Rhythm.AT_ONCE)
    history = await rows(db, subscription_history)
    assert [(one["what"], one["detail"], one["at"]) for one in history] == [
        ("imported", "form (2022-08-01)", BEGIN)
    ] * 2
    assert [one["followers"] for one in await rows(db, topic) if one["followers"]] == [1, 1]


async def test_nobody_is_mailed_by_an_import_and_everybody_by_the_next_event(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    await _take(db, {"rhythm": "at-once", "preset": "every-step"})
    assert await count(db, delivery) == 0
    await sweep(db, london(2022, 9, 8))
    await fan_out(db, london(2022, 9, 8))
    [letter] = await claim_letters(db, london(2022, 9, 8))
    assert letter.recipient == "Ada@example.org"
    assert b"1 August 2022" in letter.content


async def test_doing_it_again_changes_nothing(db: Database) -> None:
    people = [{"address": f"reader{number}@example.org"} for number in range(5)]
    assert (await _take(db, *people)).new == 5
    before = [await rows(db, table) for table in (subscriber, subscription, subscription_history, topic)]
    again = await _take(db, *people, {"address": "reader1@EXAMPLE.org", "preset": "openings"})
    assert (again.new, again.there) == (0, 6)
    assert [
        await rows(db, table) for table in (subscriber, subscription, subscription_history, topic)
    ] == before


async def test_one_row_that_stands_twice_is_taken_in_once(db: Database) -> None:
    taken = await _take(db, {}, {"address": "ada@example.org"}, {"follows": "all", "rhythm": "weekly"})
    assert (taken.new, taken.there) == (1, 2)
    assert [one["rhythm"] for one in await rows(db, subscription)] == [Rhythm.DAILY]


async def test_a_dry_run_takes_in_nothing_and_counts_the_same(db: Database) -> None:
    dry = replace(IMPORTING, dry_run=True)
    seen: set[int] = set()
    assert (await _take(db, {}, {}, importing=dry, seen=seen)).new == 1
    assert (await _take(db, {}, {"address": "b@example.org"}, importing=dry, seen=seen)).there == 1
    assert await count(db, subscriber) == 0


async def test_who_waits_for_a_confirmation_needs_none_any_more(db: Database) -> None:
    await sign_up(db, "ada@example.org", preset=Preset.OPENINGS)
    taken = await _take(db, {"preset": "every-step", "rhythm": "weekly"})
    assert taken.new == 1
    [one] = await rows(db, subscription)
    assert (one["state"], one["kinds"], one["rhythm"]) == (
        "active",
        kinds_of(Preset.EVERY_STEP),
        Rhythm.WEEKLY,
    )
    link = SIGNER.sign(Purpose.CONFIRM, one["id"], one["nonce"])
    assert (await press_confirm(db, link)).state is LinkState.DONE


async def test_reminders_are_left_out_for_who_wants_none(db: Database) -> None:
    await _take(db, {"reminders": "no"})
    [ada] = await rows(db, subscriber)
    [one] = await rows(db, subscription)
    assert (ada["reminders"], one["kinds"]) == (False, reminding(kinds_of(Preset.DEADLINES), on=False))


async def test_who_is_known_keeps_what_they_chose_for_all(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    await follow(db, "Ada")
    await _take(db, {"follows": "GID-IPG1783", "language": "cy", "reminders": "no"})
    [ada] = await rows(db, subscriber)
    assert (ada["language"], ada["reminders"]) == ("en", True)
    assert await count(db, subscription) == 2


async def test_who_stopped_is_not_taken_in_by_an_older_consent(db: Database) -> None:
    ada = await follow(db, "Ada")
    await end(db, ada, now=BEGIN)
    taken = await _take(db, {}, {"consent_date": "2022-09-01"})
    assert taken.new == 0
    assert _words(taken.refused) == [
        f"Ada@example.org: stopped with the link in a mail on 2022-09-01, and the consent of {day} is not "
        "newer"
        for day in ("2022-08-01", "2022-09-01")
    ]
    later = replace(IMPORTING, now=BEGIN + timedelta(days=5))
    async with db.read() as conn:
        known = await what_is_known(conn, ["deadlines"], today=date(2022, 9, 6))
    newer = read_row(Row(line=2, cells=ADA | {"consent_date": "2022-09-02"}), known)
    assert isinstance(newer, Wanted)
    assert (await take_in(db, [newer], later)).new == 1


async def test_who_was_erased_is_known_by_their_hash_and_refused_for_everything(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    await follow(db, "Ada")
    assert await erase_address(db, "ada@example.org", signer=SIGNER, now=BEGIN)
    taken = await _take(db, {"follows": "GID-IPG1783"})
    assert _words(taken.refused) == [
        "Ada@example.org: erased on request on 2022-09-01, and the consent of 2022-08-01 is not newer"
    ]


@pytest.mark.parametrize("reason", [EndReason.OVER, EndReason.NEVER_CONFIRMED])
async def test_what_nobody_decided_against_is_no_obstacle(db: Database, reason: EndReason) -> None:
    ada = await follow(db, "Ada")
    async with db.write(Rank.WEB) as conn:
        found = await store.get(conn, ada.subscription_id)
        assert found is not None
        await course.end(conn, found, seq=0, reason=reason, now=BEGIN)
    assert (await _take(db, {})).new == 1


async def test_a_suppressed_address_is_refused_until_it_is_allowed(db: Database) -> None:
    async with db.write(Rank.WEB) as conn:
        hash_ = SIGNER.address_hash("ada@example.org")
        until = london(2024, 9, 1)
        await suppress(conn, hash_, EndReason.BOUNCED, now=BEGIN, until=until)
    taken = await _take(db, {})
    assert _words(taken.refused) == [
        "Ada@example.org is not written to since 2022-09-01 until 2024-09-01: came back as undeliverable"
    ]
    assert await allow_address(db, "ada@example.org", signer=SIGNER)
    assert not await allow_address(db, "ada@example.org", signer=SIGNER)
    assert (await _take(db, {})).new == 1


async def test_what_the_operator_stops_ends_and_stays_stopped(db: Database) -> None:
    await follow(db, "Ada")
    await ask(db, "Ada")
    ended = await stop_address(db, "ada@example.org", reason="asked by phone", signer=SIGNER, now=BEGIN)
    assert ended == 1
    assert {one["state"] for one in await rows(db, subscription)} == {"ended"}
    lines = [(one["what"], one["detail"]) for one in await rows(db, subscription_history)]
    assert ("the operator's reason", "asked by phone") in lines
    assert (
        "is not written to since 2022-09-01: stopped by the operator"
        in _words((await _take(db, {})).refused)[0]
    )


async def test_a_list_that_was_exported_is_imported_elsewhere_as_it_was(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    await _take(
        db,
        {"rhythm": "weekly", "preset": "openings", "reminders": "no", "consent_source": "=form, (old)"},
        {"address": "ben@example.org", "follows": "GID-IPG1783"},
        {"address": "ben@example.org", "follows": "process:IP"},
    )
    await follow(db, "Cleo", preset=Preset.EVERY_STEP)
    await ask(db, "Waiting")
    before = await _exported(db)
    assert [(one["address"], one["follows"], one["preset"], one["rhythm"]) for one in before] == [
        ("Ada@example.org", "all", "openings", "weekly"),
        ("ben@example.org", "GID-IPG1783", "deadlines", "at-once"),
        ("ben@example.org", "process:ip", "deadlines", "daily"),
        ("cleo@example.org", "all", "every-step", "at-once"),
    ]
    assert (before[0]["consent_source"], before[0]["consent_date"]) == ("=form, (old)", "2022-08-01")
    assert (before[3]["consent_source"], before[3]["consent_date"]) == (
        "confirmed with the link in a mail",
        "2022-09-01",
    )
    for name in ("Ada", "ben", "cleo"):
        await erase_address(db, f"{name.lower()}@example.org", signer=SIGNER, now=BEGIN)
    async with db.write(Rank.WEB) as conn:
        await conn.execute(subscriber.update().values(address_hash=None))  # another instance knows nobody
    await _take(db, *(dict(one) for one in before))
    assert await _exported(db) == before


async def _exported(db: Database) -> list[dict[str, str]]:
    def name(kinds: int) -> str:
        return next(
            one.value for one in Preset if kinds in (kinds_of(one), reminding(kinds_of(one), on=False))
        )

    return [dict(one) async for page in exported(db, name, RULES.zone) for one in page]


async def test_an_address_that_went_by_its_lifetime_can_be_imported(db: Database) -> None:
    await ask(db, "Ada")
    later = BEGIN + timedelta(days=8)
    await forget(db, signer=SIGNER, now=later, machine_now=MACHINE_NOW)
    assert (await _take(db, {}, importing=_at(later))).new == 1
    async with db.read() as conn:
        addresses = (await conn.scalars(select(subscriber.c.address).order_by(subscriber.c.id))).all()
    assert addresses == [None, "Ada@example.org"]


def _at(now: datetime) -> Importing:
    return replace(IMPORTING, now=now)
