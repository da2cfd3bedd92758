"""What one person was mailed is found without reading what everybody was."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from sqlalchemy import event
from sqlalchemy.engine import Engine

from notifier.db import Database
from notifier.events.own_data import own_data
from notifier.events.proof.facts import Asking
from notifier.events.proof.portrait import portraits
from tests.cast import (
    BEGIN,
    MACHINE_NOW,
    RULES,
    SIGNER,
    claim_letters,
    fan_out,
    follow,
    london,
    meeting,
    read,
    snapshot,
    sweep,
)
from tests.events.test_preferences import hand_of

NOW = london(2022, 9, 8)
ASKING = Asking(signer=SIGNER, rules=RULES, relay="smtp.relay", now=NOW, machine_now=MACHINE_NOW)


async def _mailed(db: Database) -> None:
    """Ada and Ben are each mailed a meeting."""
    await read(db, snapshot(meeting("ipac-1", date(2022, 9, 8))), now=BEGIN)
    for name in ("Ada", "Ben"):
        await follow(db, name)
    await sweep(db, NOW)
    await fan_out(db, NOW)
    assert len(await claim_letters(db, NOW)) == 2


async def test_somebody_sees_their_own_mails_and_nobody_elses(db: Database) -> None:
    await _mailed(db)
    found = await own_data(db, await hand_of(db, now=NOW))
    alert, answer = found.mails
    assert (alert.state, len(alert.about)) == ("sending", 1)
    assert answer.about == ("answer to a form: access",)
    async with db.read() as conn:
        [ada], _ = await portraits(conn, "ada@example.org", ASKING)
    assert [one.about[0].partition(":")[0] for one in ada.mails] == ["reply", "1"]


async def test_no_query_reads_every_delivery_there_is(sqlite_db: Database) -> None:
    await follow(sqlite_db, "Ada")
    hand = await hand_of(sqlite_db)
    with _selects() as ran:
        await own_data(sqlite_db, hand)
        async with sqlite_db.read() as conn:
            await portraits(conn, "ada@example.org", ASKING)
    about_mails = [one for one in ran if "FROM delivery" in one[0]]
    assert len(about_mails) == 3
    async with sqlite_db.read() as conn:
        for statement, parameters in about_mails:
            lines = await conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plan = "; ".join(line.detail for line in lines)
            assert "SCAN delivery" not in plan
            assert "SCAN variant_event" not in plan
            assert "SEARCH d USING COVERING INDEX sqlite_autoindex_delivery_1 (mailing_id=? AND s" in plan


@contextmanager
def _selects() -> Iterator[list[tuple[str, tuple[object, ...]]]]:
    """Keep what is asked of the database meanwhile."""
    ran: list[tuple[str, tuple[object, ...]]] = []

    def note(_c: object, _u: object, statement: str, parameters: tuple[object, ...], *_: object) -> None:
        if statement.lstrip().startswith("SELECT"):
            ran.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield ran
    finally:
        event.remove(Engine, "before_cursor_execute", note)
