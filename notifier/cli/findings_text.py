"""Findings as they are printed: a table for people, JSON for scripts."""

import json
from collections.abc import Sequence

import typer

from notifier.cli.finding import Finding, Verdict


def print_findings(found: Sequence[Finding], *, as_json: bool) -> None:
    """Print what was found.

    Raises:
        typer.Exit: always; 1 if anything failed, else 0.
    """
    failed = any(one.verdict is Verdict.FAILED for one in found)
    if as_json:
        typer.echo(json.dumps({"ok": not failed, "findings": [_as_json(one) for one in found]}, indent=2))
    else:
        typer.echo(_as_table(found))
    raise typer.Exit(1 if failed else 0)


def _as_json(one: Finding) -> dict[str, str]:
    return {
        "subject": one.subject,
        "verdict": one.verdict.value,
        "sentence": one.sentence,
        "remedy": one.remedy,
    }


def _as_table(found: Sequence[Finding]) -> str:
    """Return a line for each finding, its remedy below."""
    widest = max(len(one.subject) for one in found)
    lines = []
    for one in found:
        lines.append(f"{one.verdict.value:10}{one.subject:{widest}}  {one.sentence}")
        if one.remedy:
            lines.append(f"{'':{widest + 12}}{one.remedy}")
    return "\n".join(lines)
