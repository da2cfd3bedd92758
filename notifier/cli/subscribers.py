"""`notifier subscribers …`: lists of people in and out, and one address at a time."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from notifier.db import Database
    from notifier.events.proof.facts import Asking

app = typer.Typer(
    help="Import and export subscribers; look at, stop, allow and erase one address.", no_args_is_help=True
)

Address = Annotated[str, typer.Argument(help="A mail address.")]
Config = Annotated[Path | None, typer.Option(help="The settings; see `notifier serve`.")]


@app.command("import")
def import_subscribers(
    file: Annotated[Path, typer.Argument(help="CSV in UTF-8; its columns: see docs/evidence.md.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be taken in and refused; take in nothing.")
    ] = False,
    config: Config = None,
) -> None:
    """Take in people who consented elsewhere; repeated, it leaves who is there already as they are."""
    from notifier.cli.proof_run import ask  # noqa: PLC0415 - `--help` loads none of this

    async def work(db: "Database", asking: "Asking") -> None:
        from notifier.cli.subscribers_import import take_in_file  # noqa: PLC0415

        await take_in_file(db, asking, file, dry_run=dry_run)

    ask(config, work)


@app.command()
def export(
    csv: Annotated[Path, typer.Option("--csv", help='The file to write, or "-" for the output.')] = Path("-"),
    config: Config = None,
) -> None:
    """Write who follows what as CSV, in the columns that `import` takes."""
    from notifier.cli.proof_run import ask  # noqa: PLC0415

    async def work(db: "Database", asking: "Asking") -> None:
        from notifier.cli.subscribers_export import write_all  # noqa: PLC0415

        await write_all(db, asking, csv)

    ask(config, work)


@app.command()
def stop(
    address: Address,
    reason: Annotated[str, typer.Option(help="Why; it is kept in the history.")],
    config: Config = None,
) -> None:
    """Stop all that an address gets, and write to it no more until `allow`."""
    from notifier.cli.proof_run import address_key, ask  # noqa: PLC0415

    if not reason.strip():
        raise typer.BadParameter("a reason is needed: it is kept", param_hint="--reason")

    async def work(db: "Database", asking: "Asking") -> None:
        from notifier.events.wording import count  # noqa: PLC0415
        from notifier.subscriptions.by_operator import stop_address  # noqa: PLC0415

        ended = await stop_address(
            db, address_key(address), reason=" ".join(reason.split()), signer=asking.signer, now=asking.now
        )
        followed = f"{count(ended, 'thing')} that it followed ended" if ended else "it followed nothing"
        typer.echo(f"{address} is written to no more: {followed}. `notifier subscribers allow` lifts that.")

    ask(config, work)


@app.command()
def allow(address: Address, config: Config = None) -> None:
    """Let an address be written to again; what it followed has to be asked for anew."""
    from notifier.cli.proof_run import address_key, ask  # noqa: PLC0415

    async def work(db: "Database", asking: "Asking") -> None:
        from notifier.subscriptions.by_operator import allow_address  # noqa: PLC0415

        lifted = await allow_address(db, address_key(address), signer=asking.signer)
        typer.echo(
            f"{address} may be written to again; it follows nothing by that."
            if lifted
            else f"{address} was not stopped; nothing was changed."
        )

    ask(config, work)


@app.command()
def erase(address: Address, config: Config = None) -> None:
    """Erase an address at once, as its owner asked; what proves who was told stays under a keyed hash."""
    from notifier.cli.proof_run import address_key, ask  # noqa: PLC0415

    async def work(db: "Database", asking: "Asking") -> None:
        from notifier.subscriptions.by_operator import erase_address  # noqa: PLC0415

        erased = await erase_address(db, address_key(address), signer=asking.signer, now=asking.now)
        typer.echo(
            f"{address} is erased, here and again whenever a backup is restored."
            if erased
            else f"{address} is not known here; nothing was changed."
        )

    ask(config, work)


@app.command()
def show(
    address: Address,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
    config: Config = None,
) -> None:
    """Show all that is known of an address: what it follows, its history, its newest mails."""
    from notifier.cli.proof_run import address_key, ask  # noqa: PLC0415

    async def work(db: "Database", asking: "Asking") -> None:
        from notifier.cli import subscribers_text  # noqa: PLC0415
        from notifier.events.proof.portrait import portraits  # noqa: PLC0415

        async with db.read() as conn:
            found, suppressed = await portraits(conn, address_key(address), asking)
        render = subscribers_text.as_json if as_json else subscribers_text.as_text
        typer.echo(render(address, found, suppressed, asking.rules.zone))

    ask(config, work)
