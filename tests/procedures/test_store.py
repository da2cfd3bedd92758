"""Procedures in the database: what is read back is what was read."""

from dataclasses import replace
from datetime import UTC, date, datetime, time

from notifier.db import Database, Rank
from notifier.procedures import store, writing
from notifier.procedures.model import Coverage, Dates, Facts, MilestoneKind, MilestoneState, Precision, Status
from notifier.procedures.revise import revise
from notifier.procedures.tables import procedure_alias, revision
from notifier.procedures.writing import Provenance
from tests.cast import BEGIN, IP1783, consultation, london, read, rows, snapshot, stored
from tests.events.words_cast import in_month

LATER = london(2022, 9, 20)

EVERYTHING_KNOWN = replace(
    snapshot(
        replace(
            consultation(date(2022, 10, 14), date(2022, 11, 11)),
            dates=Dates(
                start=date(2022, 10, 14),
                end=date(2022, 11, 11),
                precision=Precision.DAY,
                closes_at=time(17),
                as_written="14 October 2022 - 11 November 2022, 5pm",
            ),
            state=MilestoneState.REACHED,
        ),
        replace(consultation(date(2022, 1, 1), date(2022, 1, 1)), key="review", dates=in_month(2026, 3)),
        replace(
            consultation(date(2022, 1, 1), date(2022, 1, 1)),
            key="resolution",
            kind=MilestoneKind.RESOLUTION,
            dates=Dates(as_written="TBC"),
        ),
    ),
    facts=Facts(
        title="Ünïcode ‘quoted’ — and “so”",
        status=Status.REFERRED,
        status_as_written="Referred",
        decision="Selected",
        process="IP",
        technology_type="Procedure",
        id_number="1783",
        description="A needle\nand heat",
        email="ip@example.org",
        link="https://www.example.org/ip1783",
        referral_date=date(2021, 11, 30),
    ),
)


async def test_what_is_stored_is_read_back_the_same(db: Database) -> None:
    await read(db, EVERYTHING_KNOWN, now=BEGIN)
    found = await stored(db, EVERYTHING_KNOWN)
    assert found.facts == EVERYTHING_KNOWN.facts
    assert found.milestones == EVERYTHING_KNOWN.milestones
    assert (found.slug, found.references, found.revision) == ("GID-IPG1783", ("GID-IPG1783",), 1)
    assert not found.held
    assert not found.draft


async def test_a_procedure_is_found_by_its_reference_in_any_case(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    async with db.read() as conn:
        found = await store.find(conn, "  gid-ipg1783 ")
        assert found is not None
        assert found.slug == "GID-IPG1783"
        assert await store.find(conn, "GID-IPG178") is None


async def test_a_procedure_is_found_by_every_reference_it_ever_had_and_keeps_its_slug(db: Database) -> None:
    known = await read(db, IP1783, now=BEGIN)
    async with db.write(Rank.HOUSEKEEPING) as conn:
        values = {"reference_key": "ipg740", "reference": "IPG740", "procedure_id": known.procedure_id}
        await conn.execute(procedure_alias.insert().values(values))
        found = await store.find(conn, "IPG740")
    assert found is not None
    assert found.slug == "GID-IPG1783"
    assert set(found.references) == {"GID-IPG1783", "IPG740"}


async def test_milestones_keep_the_order_of_the_source(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    turned = replace(IP1783, milestones=IP1783.milestones[::-1])
    await read(db, replace(turned, facts=replace(IP1783.facts, decision="Selected")), now=LATER)
    keys = [one.key for one in (await stored(db)).milestones]
    assert keys == ["publication", "ipac-2", "consultation", "ipac-1"]


async def test_a_revision_says_who_changed_what_when_and_from_what(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    moved = consultation(date(2022, 10, 21), date(2022, 11, 18))
    await read(db, replace(IP1783, milestones=(moved, *IP1783.milestones[2:])), now=LATER)
    found = await rows(db, revision)
    assert [one["reason"] for one in found] == ["moved: consultation", "details: ipac-1"]
    assert {one["actor"] for one in found} == {"Cora the coordinator"}
    assert {one["at"] for one in found} == {LATER}
    old, new = (store.milestone_from_text(found[0][side]) for side in ("old", "new"))
    assert (old.dates.start, new.dates.start) == (date(2022, 10, 14), date(2022, 10, 21))
    assert found[0]["milestone_id"] is not None
    assert (await stored(db)).revision == 2


async def test_only_a_milestone_that_changed_is_dated_anew(db: Database) -> None:
    known = await read(db, IP1783, now=BEGIN)
    moved = consultation(date(2022, 10, 21), date(2022, 11, 18))
    milestones = (IP1783.milestones[0], moved, *IP1783.milestones[2:])
    await read(db, replace(IP1783, milestones=milestones), now=LATER)
    async with db.read() as conn:
        changed = await store.changed_at(conn, known.procedure_id)
    assert changed == {"ipac-1": BEGIN, "consultation": LATER, "ipac-2": BEGIN, "publication": BEGIN}


async def test_a_reading_without_news_notes_only_that_it_was_read(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    known = await stored(db)
    assert known.read_at is None
    seen = Provenance(source_key="web:nice", covers=Coverage.WHOLE, read_at=LATER, as_of=None)
    async with db.write(Rank.HOUSEKEEPING) as conn:
        await writing.note_readings(conn, [(known, seen)])
    found = await stored(db)
    assert (found.revision, found.read_at, found.source_key) == (1, LATER, "web:nice")


async def test_a_milestone_survives_being_kept_as_text() -> None:
    for one in EVERYTHING_KNOWN.milestones:
        assert store.milestone_from_text(store.milestone_as_text(one)) == one


async def test_a_procedure_whose_source_gives_no_status_is_of_unknown_status(db: Database) -> None:
    silent = replace(IP1783, facts=Facts())
    await read(db, silent, now=BEGIN)
    found = await stored(db)
    assert found.status is Status.UNKNOWN
    assert found.title == "GID-IPG1783"
    again = revise(found, silent, today=datetime(2022, 9, 20, tzinfo=UTC).date())
    assert again.changes == ()


async def test_procedures_are_counted(db: Database) -> None:
    async with db.read() as conn:
        assert await store.count(conn) == 0
    await read(db, IP1783, now=BEGIN)
    async with db.read() as conn:
        assert await store.count(conn) == 1
