"""`notifier check`."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from notifier.cli.finding import Finding


def check(
    config: Annotated[
        Path | None, typer.Option(help="The settings; by default config/notifier.toml if it is there.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
) -> None:
    """Look at settings, procedures, data folder, secret, database and zone data; change nothing.

    The exit code is 0 if `notifier serve` can start with what is there.
    """
    from datetime import UTC, datetime  # noqa: PLC0415 - `--help` loads none of this

    from notifier.cli.checkup import check_up  # noqa: PLC0415
    from notifier.cli.finding import Verdict  # noqa: PLC0415

    found = check_up(config, os.environ, today=datetime.now(UTC).date())
    failed = any(one.verdict is Verdict.FAILED for one in found)
    if as_json:
        typer.echo(json.dumps({"ok": not failed, "findings": [_as_json(one) for one in found]}, indent=2))
    else:
        typer.echo(_as_table(found))
    raise typer.Exit(1 if failed else 0)


def _as_json(one: "Finding") -> dict[str, str]:
    return {
        "subject": one.subject,
        "verdict": one.verdict.value,
        "sentence": one.sentence,
        "remedy": one.remedy,
    }


def _as_table(found: Sequence["Finding"]) -> str:
    """Return a line for each finding, its remedy below."""
    widest = max(len(one.subject) for one in found)
    lines = []
    for one in found:
        lines.append(f"{one.verdict.value:10}{one.subject:{widest}}  {one.sentence}")
        if one.remedy:
            lines.append(f"{'':{widest + 12}}{one.remedy}")
    return "\n".join(lines)
