"""`notifier doctor`."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from notifier.cli.finding import Finding
    from notifier.settings import ServingSettings


def doctor(
    to: Annotated[
        str | None, typer.Option(help="Send a test mail to this address, which should be yours.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
    config: Annotated[
        Path | None, typer.Option(help="The settings; by default config/notifier.toml if it is there.")
    ] = None,
) -> None:
    """Do what `check` does, then ask mail server, DNS and public address. Only --to sends a mail.

    The exit code is 0 if nothing failed.
    """
    from notifier.cli.findings_text import print_findings  # noqa: PLC0415 - `--help` loads none of this

    print_findings(_found(config, to), as_json=as_json)


def _found(config: Path | None, to: str | None) -> "Sequence[Finding]":
    import asyncio  # noqa: PLC0415 - `--help` loads none of this
    from datetime import UTC, datetime  # noqa: PLC0415

    from notifier.cli.checkup import check_up  # noqa: PLC0415
    from notifier.cli.examining.examination import Patient, examine  # noqa: PLC0415
    from notifier.cli.examining.resolving import SystemResolver  # noqa: PLC0415
    from notifier.mailroom import smtp_server  # noqa: PLC0415
    from notifier.settings import SettingsError, for_serving, load_settings  # noqa: PLC0415

    now = datetime.now(UTC)
    found = check_up(config, os.environ, today=now.date())
    try:
        settings = for_serving(load_settings(config, os.environ))
    except SettingsError:
        return found  # which says what is wrong with them; without settings there is nothing to ask
    if to is not None:
        _demand_address(settings, to, now)
    patient = Patient(settings=settings, server=smtp_server(settings.mail), resolver=SystemResolver(), to=to)
    return [*found, *asyncio.run(examine(patient, now=now))]


def _demand_address(settings: "ServingSettings", to: str, now: "datetime") -> None:
    from notifier.cli.examining.sample import test_letter  # noqa: PLC0415
    from notifier.events.personal import UnsafeValueError  # noqa: PLC0415

    try:
        test_letter(settings, to=to, now=now)
    except UnsafeValueError:
        raise typer.BadParameter(f"“{to}” is not a plain mail address", param_hint="--to") from None
