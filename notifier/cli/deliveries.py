"""`notifier deliveries`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from notifier.db import Database
    from notifier.events.proof.facts import Asking


def deliveries(
    event: Annotated[
        str,
        typer.Argument(help="An event: its id as in feeds and log, the beginning of that, or its number."),
    ],
    address: Annotated[str | None, typer.Option(help="Only this address, also one that was erased.")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV, a line for each attempt.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
    config: Annotated[Path | None, typer.Option(help="The settings; see `notifier serve`.")] = None,
) -> None:
    """Show who was told of an event: when it was queued, each attempt, and what the mail server said."""
    from notifier.cli.proof_run import ask  # noqa: PLC0415 - `--help` loads none of this

    if as_csv and as_json:
        raise typer.BadParameter("either --csv or --json, not both")

    async def work(db: "Database", asking: "Asking") -> None:
        from notifier.cli import deliveries_text  # noqa: PLC0415
        from notifier.cli.proof_run import address_key  # noqa: PLC0415
        from notifier.events.proof.finding import find_event  # noqa: PLC0415
        from notifier.events.proof.listing import listing, opening  # noqa: PLC0415

        only = None if address is None else address_key(address)
        async with db.read() as conn:
            found = await find_event(conn, event)
            head = await opening(conn, found, asking)
        writer = deliveries_text.writer(head, as_csv=as_csv, as_json=as_json)
        async for page in listing(db, found, head, asking, only=only):
            writer.page(page)
        writer.end()

    ask(config, work)
