"""Starting: due instants are derived anew when what they depend on differs, and only then."""

from dataclasses import replace
from datetime import date, time
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from notifier.db import Database, Rank
from notifier.procedures import due_store
from notifier.procedures.due import DueState, Rules
from notifier.procedures.tables import due
from notifier.sources import arming
from notifier.sources.arming import rearm_all
from tests.cast import BEGIN, IP1783, RULES, consultation, dues, london, meeting, read, rows, snapshot
from tests.noting import noting

CLOSING_1 = ("consultation", "closing:1")


async def test_a_start_by_the_same_rules_reads_no_date_however_many_there_are(db: Database) -> None:
    for number in range(1, 4):
        await read(db, replace(IP1783, reference=f"GID-IPG{number}"), now=BEGIN)
    await rearm_all(db, rules=RULES, now=BEGIN)
    with noting() as statements:
        assert await rearm_all(db, rules=RULES, now=london(2022, 10, 20)) == 0
    assert len([one for one in statements if "SELECT" in one]) == 1
    assert not [one for one in statements if "milestone" in one or "UPDATE" in one]


@pytest.mark.parametrize(
    ("rules", "moved"),
    [
        pytest.param(replace(RULES, announce_at=time(10)), True, id="another hour of announcing"),
        pytest.param(replace(RULES, closes_at=time(12)), True, id="another hour of closing"),
        pytest.param(replace(RULES, zone=ZoneInfo("Europe/Dublin")), True, id="another name of the zone"),
        pytest.param(replace(RULES, holidays=frozenset({date(2022, 11, 10)})), True, id="another holiday"),
        pytest.param(replace(RULES), False, id="the same rules, read anew"),
    ],
)
async def test_whatever_instants_depend_on_is_noticed(sqlite_db: Database, rules: Rules, moved: bool) -> None:
    await rearm_all(sqlite_db, rules=RULES, now=BEGIN)
    await read(sqlite_db, snapshot(consultation(date(2022, 10, 14), date(2022, 11, 11))), now=BEGIN)
    assert (await rearm_all(sqlite_db, rules=rules, now=BEGIN) > 0) is moved
    assert await rearm_all(sqlite_db, rules=rules, now=BEGIN) == 0


@pytest.mark.parametrize("is_new", [True, False])
async def test_what_a_process_with_the_hours_of_before_derives_is_derived_anew(
    db: Database, is_new: bool
) -> None:
    """As in a rolling restart: the old server goes on for a while after the new one has started."""
    if not is_new:
        await read(db, snapshot(meeting("ipac-1", date(2022, 9, 8))), now=BEGIN)
    at_ten = replace(RULES, announce_at=time(10))
    await rearm_all(db, rules=at_ten, now=BEGIN)
    await read(db, snapshot(meeting("ipac-1", date(2022, 9, 9))), now=BEGIN)
    assert await rearm_all(db, rules=at_ten, now=BEGIN) == 1
    assert {one.instant.due_at for one in (await dues(db)).values() if one.state is DueState.PENDING} == {
        london(2022, 9, 9, 10)
    }
    assert await rearm_all(db, rules=at_ten, now=BEGIN) == 0


async def test_a_start_that_dies_half_way_is_taken_up_by_the_next(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await rearm_all(db, rules=RULES, now=BEGIN)
    for number in range(1, 6):
        await read(db, snapshot(meeting("ipac-1", date(2022, 9, 8)), number=number), now=BEGIN)
    monkeypatch.setattr(arming, "CHUNK", 2)
    async with db.write(Rank.HOUSEKEEPING) as conn:  # no version of the code has ever written this
        last = max(row["id"] for row in await rows(db, due))
        await conn.execute(update(due).where(due.c.id == last).values(edge="half past"))
    at_ten = replace(RULES, announce_at=time(10))
    with pytest.raises(ValueError, match="half past"):
        await rearm_all(db, rules=at_ten, now=BEGIN)
    assert [row["due_at"].hour for row in await rows(db, due)] == [9, 9, 9, 9, 8]  # UTC
    async with db.read() as conn:
        assert await due_store.derived_by(conn) is None
    async with db.write(Rank.HOUSEKEEPING) as conn:
        await conn.execute(update(due).where(due.c.id == last).values(edge="reached"))
    assert await rearm_all(db, rules=at_ten, now=BEGIN) == 1
    assert {row["due_at"] for row in await rows(db, due)} == {london(2022, 9, 8, 10)}


async def test_what_is_held_is_derived_anew_and_stays_held(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    async with db.write(Rank.HOUSEKEEPING) as conn:
        await conn.execute(update(due).values(state=DueState.ANNOUNCED))
    assert await rearm_all(db, rules=RULES, now=BEGIN) == 0
    assert {one.state for one in (await dues(db)).values()} == {DueState.ANNOUNCED}
