"""What a person may do to a procedure beside its source, and what is said when that cannot be."""

from dataclasses import replace
from datetime import date

import pytest

from notifier.db import Database, Rank
from notifier.procedures import hand_store, revision_store
from notifier.procedures.hand import (
    HandError,
    demand_confirmable,
    demand_own_draft,
    hand,
    the_milestone,
)
from notifier.procedures.model import MilestoneState, Procedure
from notifier.procedures.store import milestone_from_text
from notifier.procedures.tables import milestone
from tests.cast import BEGIN, IP1783, meeting, read, rows, snapshot, stored
from tests.procedures.schedule_cast import CONSULTATION, IPAC_1, PUBLICATION, at, ip1783

TODAY = date(2022, 10, 1)
CORA = hand("Cora", "the committee's room is flooded", BEGIN)


def test_a_hand_has_a_name_and_a_reason_each_on_one_line() -> None:
    found = hand(" Cora \n Jones ", "the room\nis flooded", at(2022, 9, 1))
    assert (found.by, found.reason) == ("Cora Jones", "the room is flooded")


@pytest.mark.parametrize(("by", "reason"), [("", "why"), ("Cora", " \n")])
def test_a_hand_without_name_or_reason_does_nothing(by: str, reason: str) -> None:
    with pytest.raises(HandError, match="is needed"):
        hand(by, reason, at(2022, 9, 1))


@pytest.mark.parametrize("name", ["ipac-1", "IPAC-1", " ipac-1 ", "IPAC 1", "ipac 1"])
def test_a_date_is_found_by_its_key_or_label_whatever_the_case(name: str) -> None:
    assert the_milestone(ip1783(), name) == IPAC_1


def test_a_wrong_date_is_answered_with_what_was_probably_meant() -> None:
    with pytest.raises(HandError) as caught:
        the_milestone(ip1783(), "ipca-1")
    assert str(caught.value) == (
        "no date of GID-IPG10158 is called “ipca-1”; did you mean “ipac-1”? "
        "(its dates: ipac-1, consultation, publication)"
    )


def test_a_label_that_two_dates_share_is_never_guessed() -> None:
    two = ip1783(IPAC_1, replace(IPAC_1, key="ipac-1-again"))
    with pytest.raises(HandError, match="2 dates of GID-IPG10158 are called “IPAC 1”"):
        the_milestone(two, "IPAC 1")
    assert the_milestone(two, "ipac-1-again").key == "ipac-1-again"


@pytest.mark.parametrize(
    ("key", "own"),
    [
        (None, True),
        ("web:ip1783", True),
        ("file:ip1783.txt", True),
        ("file:ip1783.html", True),
        ("file:ip1783.toml", False),
        ("file:procedures.csv", False),
    ],
)
def test_a_file_that_says_draft_itself_is_not_overruled(key: str | None, own: bool) -> None:
    found = replace(ip1783(), source_key=key)
    if own:
        demand_own_draft(found)
        return
    with pytest.raises(HandError, match="which decides this: change “draft” there"):
        demand_own_draft(found)


def test_what_happened_can_be_confirmed_from_its_first_day_on() -> None:
    demand_confirmable(ip1783(), IPAC_1, today=date(2022, 9, 8))
    with pytest.raises(HandError, match="2022-09-08, which has not come"):
        demand_confirmable(ip1783(), IPAC_1, today=date(2022, 9, 7))


def test_a_publication_can_come_before_its_expected_day() -> None:
    demand_confirmable(ip1783(), PUBLICATION, today=TODAY)


@pytest.mark.parametrize(
    ("found", "state", "why"),
    [
        (replace(ip1783(), draft=True), MilestoneState.PLANNED, "is a draft: publish it first"),
        (ip1783(), MilestoneState.WITHDRAWN, "was removed from its schedule"),
    ],
)
def test_a_draft_or_a_removed_date_cannot_have_happened(
    found: Procedure, state: MilestoneState, why: str
) -> None:
    with pytest.raises(HandError, match=why):
        demand_confirmable(found, replace(CONSULTATION, state=state), today=date(2023, 1, 1))


async def test_a_reference_is_found_whatever_its_case(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    async with db.read() as conn:
        assert (await hand_store.the_procedure(conn, " gid-ipg1783 ")).slug == "GID-IPG1783"


@pytest.mark.parametrize("number", ["IP1783", "ip1783", "1783"])
async def test_an_id_number_is_answered_with_the_references_it_belongs_to(db: Database, number: str) -> None:
    await read(db, IP1783, now=BEGIN)
    twin = snapshot(meeting("ipac-1", date(2022, 9, 8)), number=1783)
    await read(db, replace(twin, reference="GID-IPG9"), now=BEGIN)
    async with db.read() as conn:
        with pytest.raises(HandError) as caught:
            await hand_store.the_procedure(conn, number)
    assert str(caught.value) == f"“{number}” is an ID number; name the reference: GID-IPG1783, GID-IPG9"


async def test_a_wrong_reference_is_answered_with_what_was_probably_meant(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    async with db.read() as conn:
        with pytest.raises(HandError, match="did you mean “GID-IPG1783”"):
            await hand_store.the_procedure(conn, "GID-IPG1738")
        with pytest.raises(HandError, match=r"no procedure has the reference “zebra”$"):
            await hand_store.the_procedure(conn, "zebra")


async def test_every_act_is_kept_with_who_when_old_new_and_why(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    found = await stored(db)
    async with db.write(Rank.WEB) as conn:
        await hand_store.set_held(conn, found, the_milestone(found, "ipac-1"), held=True, by=CORA)
        await hand_store.set_held(conn, found, None, held=True, by=CORA)
        await hand_store.set_draft(conn, found, draft=True, by=CORA)
    async with db.read() as conn:
        draft, whole, one = await revision_store.of_procedure(conn, found.id, limit=3)
    assert (draft.milestone_key, draft.old, draft.new) == (None, "published", "draft")
    assert (whole.milestone_key, whole.old, whole.new) == (None, "not held", "held")
    assert (one.milestone_key, one.at, one.actor, one.reason) == ("ipac-1", BEGIN, "Cora", CORA.reason)
    assert one.old is not None
    assert one.new is not None
    assert (milestone_from_text(one.old).held, milestone_from_text(one.new).held) == (False, True)


async def test_only_what_the_public_sees_makes_a_new_revision(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    found = await stored(db)
    async with db.write(Rank.WEB) as conn:
        await hand_store.set_held(conn, found, None, held=True, by=CORA)
    assert (await stored(db)).revision == found.revision
    async with db.write(Rank.WEB) as conn:
        await hand_store.set_reached(conn, found, the_milestone(found, "ipac-1"), by=CORA)
    assert (await stored(db)).revision == found.revision + 1


async def test_all_procedures_are_listed_drafts_too(sqlite_db: Database) -> None:
    for number in (3, 1, 2):
        found = snapshot(meeting("ipac-1", date(2022, 9, 8)), number=number, draft=number == 2)
        await read(sqlite_db, found, now=BEGIN)
    async with sqlite_db.read() as conn:
        every = await hand_store.every(conn)
    assert [(one.slug, one.draft) for one in every] == [
        ("GID-IPG1", False),
        ("GID-IPG2", True),
        ("GID-IPG3", False),
    ]


async def test_a_held_date_is_written_to_its_own_row_alone(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    found = await stored(db)
    async with db.write(Rank.WEB) as conn:
        await hand_store.set_held(conn, found, the_milestone(found, "ipac-1"), held=True, by=CORA)
    held = {row["key"]: bool(row["held"]) for row in await rows(db, milestone)}
    assert held == {"ipac-1": True, "consultation": False, "ipac-2": False, "publication": False}
