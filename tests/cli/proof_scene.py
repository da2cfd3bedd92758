"""The folder of a service that announced a meeting on 8 September 2022 to people of every fate."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import time_machine
from typer.testing import Result

from notifier import schema
from notifier.db import Database, Rank
from notifier.events.interest import Preset
from notifier.subscriptions.erasing import erase
from notifier.subscriptions.model import EndReason
from tests.cast import BEGIN, IP1783, SIGNER, ask, end, fan_out, follow, london, read, sweep
from tests.cli.import_scene import DATABASE, say, settle_in, with_database
from tests.events.proof.proof_cast import GREYLISTED, UNKNOWN, send

MEETING = london(2022, 9, 8)
SENT = MEETING + timedelta(seconds=7)
A_MINUTE_LATER = MEETING + timedelta(minutes=1)


def settle(folder: Path) -> None:
    """Write settings, keys and an empty database."""
    settle_in(folder, '\n[times]\nzone = "Europe/London"\n')
    config = folder / "config" / "notifier.toml"
    config.write_text(config.read_text().replace("[mail]\n", '[mail]\nhost = "smtp.relay"\n'))
    (folder / DATABASE).parent.mkdir()
    keys(folder)
    with_database(schema.upgrade)


def keys(folder: Path) -> None:
    """Let the database have the keys of the tests."""
    (folder / DATABASE).with_suffix(".secret").write_text(b"a secret of the tests, 32 bytes.".hex())


def announce() -> None:
    """Announce the meeting and send what there is to send."""

    async def work(db: Database) -> None:
        await read(db, IP1783, now=BEGIN)
        for name in ("Ada", "Ben", "Cleo", "=Dan"):
            await follow(db, name)
        erased, stopped = await follow(db, "Erased"), await follow(db, "Stopped")
        await follow(db, "Openings", preset=Preset.OPENINGS)
        await ask(db, "Asked")
        await sweep(db, MEETING)
        await fan_out(db, MEETING)
        await end(db, stopped, now=MEETING + timedelta(seconds=3))
        await send(db, SENT, {"ben": GREYLISTED, "cleo": UNKNOWN})
        async with db.write(Rank.WEB) as conn:
            await erase(
                conn, erased.subscriber_id, signer=SIGNER, reason=EndReason.ERASED, now=A_MINUTE_LATER
            )

    with_database(work)


@contextmanager
def a_minute_later() -> Iterator[None]:
    """Let the commands believe that it is that day."""
    with time_machine.travel(A_MINUTE_LATER, tick=True):
        yield


def say_then(*words: str) -> Result:
    """Run a command at that time."""
    with a_minute_later():
        return say(*words)
