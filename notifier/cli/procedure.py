"""`notifier procedure …`: the coordinator's hand. It works on the database beside a running server."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from notifier.cli.procedure_run import run, run_act

if TYPE_CHECKING:
    from datetime import datetime

    from notifier.db import Database
    from notifier.events.hand import Done
    from notifier.events.voice import Voice
    from notifier.procedures.hand import Hand

app = typer.Typer(
    help="Look at procedures, hold and release their dates, confirm and correct what was said.",
    no_args_is_help=True,
)

Reference = Annotated[str, typer.Argument(help='Any reference of the procedure, such as "GID-IPG10158".')]
OneDate = Annotated[str, typer.Argument(help="A date, by its key or label as `show` prints it.")]
OneDateOrAll = Annotated[
    str | None, typer.Argument(help="A date, by its key or label; left out: the whole procedure.")
]
Reason = Annotated[str, typer.Option(help="Why; it is kept, and shown to whoever asks.")]
By = Annotated[str | None, typer.Option(help="Who you are; by default the name you logged in with.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would come of it; change nothing.")]
Config = Annotated[Path | None, typer.Option(help="The settings; see `notifier serve`.")]


@app.command("list")
def list_procedures(config: Config = None) -> None:
    """List every procedure, drafts too, with its status, marks and next date."""

    async def work(db: "Database", voice: "Voice", now: "datetime") -> str:
        from notifier.cli.procedure_text import lines_of  # noqa: PLC0415 - `--help` loads none of this
        from notifier.procedures.hand_store import every  # noqa: PLC0415

        async with db.read() as conn:
            return lines_of(await every(conn), today=voice.rules.local_date(now))

    run(config, work)


@app.command()
def show(reference: Reference, config: Config = None) -> None:
    """Show a procedure: dates, holds, what will be said, what was, and who changed what and why."""

    async def work(db: "Database", voice: "Voice", now: "datetime") -> str:
        from notifier.cli.procedure_text import view_text  # noqa: PLC0415
        from notifier.events.hand_reading import look  # noqa: PLC0415

        return view_text(await look(db, voice, reference, now=now), zone=voice.rules.zone.key)

    run(config, work)


@app.command()
def hold(
    reference: Reference,
    reason: Reason,
    date: OneDateOrAll = None,
    by: By = None,
    dry_run: DryRun = False,
    config: Config = None,
) -> None:
    """Keep a date, or all of a procedure, from being announced."""

    async def act(db: "Database", voice: "Voice", by: "Hand") -> "Done":
        from notifier.events import hand  # noqa: PLC0415

        return await hand.hold(db, voice, reference, date, by=by, dry_run=dry_run)

    run_act(config, act, by=by, reason=reason)


@app.command()
def release(
    reference: Reference,
    reason: Reason,
    date: OneDateOrAll = None,
    by: By = None,
    dry_run: DryRun = False,
    config: Config = None,
) -> None:
    """Let what was held be announced; what passed meanwhile is said late, or not, by policy."""

    async def act(db: "Database", voice: "Voice", by: "Hand") -> "Done":
        from notifier.events import hand  # noqa: PLC0415

        return await hand.release(db, voice, reference, date, by=by, dry_run=dry_run)

    run_act(config, act, by=by, reason=reason)


@app.command()
def draft(
    reference: Reference, reason: Reason, by: By = None, dry_run: DryRun = False, config: Config = None
) -> None:
    """Take a procedure out of pages, feeds, calendar and mail."""

    async def act(db: "Database", voice: "Voice", by: "Hand") -> "Done":
        from notifier.events import hand  # noqa: PLC0415

        return await hand.draft(db, voice, reference, by=by, dry_run=dry_run)

    run_act(config, act, by=by, reason=reason)


@app.command()
def publish(
    reference: Reference, reason: Reason, by: By = None, dry_run: DryRun = False, config: Config = None
) -> None:
    """Let a draft be seen, and its dates be announced."""

    async def act(db: "Database", voice: "Voice", by: "Hand") -> "Done":
        from notifier.events import hand  # noqa: PLC0415

        return await hand.publish(db, voice, reference, by=by, dry_run=dry_run)

    run_act(config, act, by=by, reason=reason)


@app.command()
def confirm(
    reference: Reference,
    date: OneDate,
    reason: Reason,
    by: By = None,
    dry_run: DryRun = False,
    config: Config = None,
) -> None:
    """Say that a date happened: what was said as scheduled becomes confirmed, a publication is mailed."""

    async def act(db: "Database", voice: "Voice", by: "Hand") -> "Done":
        from notifier.events import hand  # noqa: PLC0415

        return await hand.confirm(db, voice, reference, date, by=by, dry_run=dry_run)

    run_act(config, act, by=by, reason=reason)


@app.command()
def correct(
    reference: Reference,
    alert: Annotated[
        str, typer.Argument(help='What was announced: the id that `show` prints, or "ipac-1/reached".')
    ],
    say: Annotated[str, typer.Option(help="What is right, in words for readers; they are quoted as yours.")],
    reason: Reason,
    by: By = None,
    dry_run: DryRun = False,
    config: Config = None,
) -> None:
    """Correct what was announced, to everybody whose mail about it was accepted."""

    async def act(db: "Database", voice: "Voice", by: "Hand") -> "Done":
        from notifier.events import hand  # noqa: PLC0415

        return await hand.correct(db, voice, reference, alert, say=say, by=by, dry_run=dry_run)

    run_act(config, act, by=by, reason=reason)
