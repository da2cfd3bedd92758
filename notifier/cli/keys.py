"""The instance's keys, for commands that look an address up by its keyed hash."""

import typer

from notifier.instance import InstanceError, load_secret, secret_path
from notifier.settings import Settings
from notifier.subscriptions.tokens import Signer


def signer_of(settings: Settings) -> Signer:
    """Return the keys that belong to the database that the settings name; none are made here.

    Raises:
        typer.Exit: 1, where they are missing or broken; a sentence was printed.
    """
    path = settings.database.path
    secret = secret_path(path)
    if not secret.is_file():
        words = (
            f"there is no {secret}; where nobody has served yet, `notifier serve` makes it, else restore it "
            "from the backup that the database came from"
        )
        typer.echo(f"notifier: {words}", err=True)
        raise typer.Exit(1)
    try:
        return Signer(load_secret(path))
    except InstanceError as error:
        typer.echo(f"notifier: {error}", err=True)
        raise typer.Exit(1) from None
