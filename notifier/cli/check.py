"""`notifier check`."""

import os
from pathlib import Path
from typing import Annotated

import typer


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
    from notifier.cli.findings_text import print_findings  # noqa: PLC0415

    found = check_up(config, os.environ, today=datetime.now(UTC).date())
    print_findings(found, as_json=as_json)
