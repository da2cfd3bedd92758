"""`notifier pause` and `notifier resume`: all sending stops, or goes on, beside a running server.

Dates are announced meanwhile, feeds and pages go on, and mail is made and waits.
"""

from typing import TYPE_CHECKING, Annotated

import typer

from notifier.cli.procedure import By, Config, Reason
from notifier.cli.procedure_run import name_of, run

if TYPE_CHECKING:
    from datetime import datetime

    from notifier.db import Database
    from notifier.events.voice import Voice
    from notifier.procedures.due import Rules


def pause(
    reason: Reason,
    lasts: Annotated[
        str | None, typer.Option("--for", help="How long, such as 2h, 90m or 1d; then it ends by itself.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="Until when, such as 2026-12-01T09:00; then it ends by itself.")
    ] = None,
    by: By = None,
    config: Config = None,
) -> None:
    """Stop all sending, and nothing else: dates are announced, and their mail waits."""

    async def work(db: "Database", voice: "Voice", now: "datetime") -> str:
        from notifier import holds  # noqa: PLC0415 - `--help` loads none of this
        from notifier.db import Rank  # noqa: PLC0415
        from notifier.events.wording import moment  # noqa: PLC0415
        from notifier.procedures.hand import hand  # noqa: PLC0415

        who = hand(name_of(by), reason, now)
        end = _end(lasts, until, rules=voice.rules, now=now)
        stop = "" if who.reason.endswith((".", "!", "?")) else "."
        async with db.write(Rank.WEB) as conn:
            sentence = f"Paused by {who.by}: {who.reason}{stop}"
            await holds.pause(conn, sentence, machine_now=now, until=end)
        words = "you run `notifier resume`" if end is None else moment(end, voice.rules.zone.key)
        return f"All mail is paused until {words}. Mail that is with the server already still goes out."

    run(config, work)


def resume(config: Config = None) -> None:
    """Let mail go out again after `notifier pause`."""

    async def work(db: "Database", _: "Voice", _now: "datetime") -> str:
        from notifier import holds  # noqa: PLC0415 - `--help` loads none of this
        from notifier.db import Rank  # noqa: PLC0415
        from notifier.hold_kinds import HoldKind  # noqa: PLC0415

        async with db.write(Rank.WEB) as conn:
            paused = await holds.lift(conn, HoldKind.PAUSE)
        return "Resumed: mail goes out again." if paused else "Nothing was paused; nothing was changed."

    run(config, work)


def _end(lasts: str | None, until: str | None, *, rules: "Rules", now: "datetime") -> "datetime | None":
    """Return when a pause ends; None: when somebody ends it."""
    from notifier.cli.instants import read_instant, read_span  # noqa: PLC0415

    if lasts is not None and until is not None:
        raise typer.BadParameter("give --for or --until, not both")
    if lasts is not None:
        return now + read_span(lasts, option="--for")
    if until is None:
        return None
    end = read_instant(until, rules, option="--until", today=rules.local_date(now))
    if end <= now:
        raise typer.BadParameter(f"“{until}” has passed already", param_hint="--until")
    return end
