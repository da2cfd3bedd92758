"""What tells one state of a feed from another: of each procedure its own, of everything the newest."""

from datetime import date

from notifier.db import Database
from notifier.events.public import PublicState, of_everything, of_procedure
from tests.cast import BEGIN, consultation, london, read, snapshot, sweep

FIRST = snapshot(consultation(date(2022, 10, 14), date(2022, 11, 11)), number=1783)
SECOND = snapshot(consultation(date(2022, 10, 17), date(2022, 11, 14)), number=1842)
SILENT = snapshot(number=1217)


async def _state(db: Database, reference: str | None) -> PublicState:
    async with db.glance() as conn:
        found = await of_everything(conn) if reference is None else await of_procedure(conn, reference)
    assert found is not None
    return found


async def test_each_procedure_has_its_own_newest_event(db: Database) -> None:
    for found in (FIRST, SECOND, SILENT):
        await read(db, found, now=BEGIN)
    before = await _state(db, None)
    for instant in (london(2022, 10, 14), london(2022, 10, 17)):
        await sweep(db, instant)
    states = [await _state(db, one.reference) for one in (FIRST, SECOND, SILENT)]
    assert [one.seq > 0 for one in states] == [True, True, False]
    assert states[0].seq < states[1].seq
    everything = await _state(db, None)
    assert (before.seq, everything.seq) == (0, states[1].seq)
