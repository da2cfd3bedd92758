"""`notifier why`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from notifier.db import Database
    from notifier.events.proof.facts import Asking


def why(
    address: Annotated[str, typer.Argument(help="A mail address, also one that was erased.")],
    event: Annotated[
        str,
        typer.Argument(help="An event: its id as in feeds and log, the beginning of that, or its number."),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
    config: Annotated[Path | None, typer.Option(help="The settings; see `notifier serve`.")] = None,
) -> None:
    """Say in one sentence why an address was told of an event, or was not."""
    from notifier.cli.proof_run import ask  # noqa: PLC0415 - `--help` loads none of this

    async def work(db: "Database", asking: "Asking") -> None:
        import json  # noqa: PLC0415

        from notifier.cli.deliveries_values import answer_json  # noqa: PLC0415
        from notifier.cli.proof_run import address_key  # noqa: PLC0415
        from notifier.events.proof import why as explain  # noqa: PLC0415
        from notifier.events.proof.facts import read_facts  # noqa: PLC0415
        from notifier.events.proof.finding import find_event  # noqa: PLC0415

        key = address_key(address)
        async with db.read() as conn:
            facts = await read_facts(conn, await find_event(conn, event), key, asking)
        answer = explain.why(facts)
        if as_json:
            typer.echo(json.dumps(answer_json(address, facts, answer), indent=2, ensure_ascii=False))
        else:
            typer.echo(answer.sentence)

    ask(config, work)
