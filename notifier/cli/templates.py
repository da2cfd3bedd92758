"""`notifier templates`: the words and the look of mails, as an operator has made them their own."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from notifier.events.flaws import Flaw

app = typer.Typer(
    help="Look at the templates and catalogues of mails, or start your own.", no_args_is_help=True
)


@app.command("check")
def check(
    config: Annotated[Path | None, typer.Option(help="The settings; see `notifier serve`.")] = None,
) -> None:
    """Compose every kind of mail with your templates, in every language, and say what is wrong.

    The exit code is 0 if `notifier serve` can start with them.
    """
    from notifier.events.checking.check import mail_flaws  # noqa: PLC0415 - `--help` loads none of this
    from notifier.settings import SettingsError, for_serving, load_settings  # noqa: PLC0415

    try:
        settings = for_serving(load_settings(config, os.environ))
    except SettingsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    mail = settings.mail
    if mail.templates is None and mail.languages_folder is None:
        typer.echo("Mails are made with the shipped templates, in English: the settings name no folder.")
    found = mail_flaws(mail, settings.service)
    typer.echo("\n".join(report(found, folders=[mail.templates, mail.languages_folder])))
    raise typer.Exit(1 if any(one.grave for one in found) else 0)


def report(found: "Sequence[Flaw]", *, folders: Sequence[Path | None]) -> list[str]:
    """Return a line for each flaw, and for each file without one, by file."""
    files = [path for folder in folders if folder is not None and folder.is_dir() for path in _files(folder)]
    lines = []
    for path in sorted({*files, *(one.file for one in found)}):
        flaws = sorted((one for one in found if one.file == path), key=lambda one: one.line or 0)
        lines += [f"{'failed' if one.grave else 'attention':10}{one}" for one in flaws]
        if not flaws:
            lines.append(f"{'ok':10}{path}")
    return lines


def _files(folder: Path) -> Sequence[Path]:
    return [path for path in folder.iterdir() if path.suffix in (".html", ".txt", ".po")]


@app.command("copy")
def copy(
    folder: Annotated[Path, typer.Argument(help="Where to put them; it is made if it is not there.")],
) -> None:
    """Write the shipped templates into a folder, and the list of all sentences that can be translated.

    Keep only those that you change: the others then follow the next version of notifier. No file is
    overwritten.
    """
    from notifier.events import catalogues, stationery  # noqa: PLC0415 - `--help` loads none of this

    shipped = [*sorted(stationery.SHIPPED.iterdir()), catalogues.SHIPPED / "messages.pot"]
    there = [path.name for path in shipped if (folder / path.name).exists()]
    if there:
        typer.echo(f"notifier: {folder} has {', '.join(there)} already; nothing was written", err=True)
        raise typer.Exit(1)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in shipped:
            (folder / path.name).write_bytes(path.read_bytes())
    except OSError as error:
        typer.echo(f"notifier: cannot write into {folder}: {error.strerror}", err=True)
        raise typer.Exit(1) from None
    typer.echo(f'{len(shipped)} files were written into {folder}. Set templates = "{folder}" in [mail].')
