"""`notifier bounces`: taking in the mail that came back, from a relay's pipe, a file or a Maildir.

It works on the database beside a running server. Its exit codes are those of sysexits.h, which relays know:
whatever is wrong here and may be right later is 75, "try again", so that the relay keeps the message.
"""

import logging
import os
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from notifier.bounces.ingest import Intake, Taken
    from notifier.db import Database
    from notifier.settings import Settings

EX_NOINPUT = 66
EX_TEMPFAIL = 75

app = typer.Typer(help="Take in the mail that came back.", no_args_is_help=True)

log = logging.getLogger(__name__)


@app.callback()
def bounces() -> None:
    """Take in the mail that came back."""


@app.command()
def ingest(
    source: Annotated[
        Path, typer.Argument(metavar="FILE|-|MAILDIR", help="A message, standard input, or a Maildir.")
    ],
    recipient: Annotated[
        str | None,
        typer.Option(help="The address that the message came to, where a pipe's message does not say it."),
    ] = None,
    config: Annotated[Path | None, typer.Option(help="The settings; see `notifier serve`.")] = None,
) -> None:
    """Take in bounces, complaints and mails that unsubscribe. Only what bears our own token has an effect.

    The exit code is 0 when everything is taken in, 66 when there is no such file, and 75 when it should be
    tried again: no message is lost then. Those of a Maildir go from new/ to cur/ as they are taken in.
    """
    import asyncio  # noqa: PLC0415 - `--help` loads none of this

    try:
        if str(source) != "-" and not source.exists():
            typer.echo(f"notifier: there is no file or folder {source}", err=True)
            raise typer.Exit(EX_NOINPUT)
        taken = asyncio.run(_ingest(source, recipient, config))
    except typer.Exit:
        raise
    except Exception as error:
        # To a relay every other code means that the message may be thrown away.
        log.exception("mail_not_taken_in")
        typer.echo(f"notifier: not taken in, to be tried again: {_why(error)}", err=True)
        raise typer.Exit(EX_TEMPFAIL) from None
    typer.echo(_summary(taken))


class NotReadyError(Exception):
    """Nothing can be taken in here now; the message says why."""


async def _ingest(source: Path, recipient: str | None, config: Path | None) -> "list[Taken]":
    import asyncio  # noqa: PLC0415 - `--help` loads none of this

    from notifier import schema  # noqa: PLC0415
    from notifier.bounces.maildir import empty, is_maildir, read_file, read_stream  # noqa: PLC0415
    from notifier.instance import is_ours  # noqa: PLC0415
    from notifier.opening import database_of  # noqa: PLC0415
    from notifier.settings import load_settings  # noqa: PLC0415

    settings = load_settings(config, os.environ)
    intake = _intake(settings)
    db = database_of(settings.database)
    taken: list[Taken] = []

    async def one(raw: bytes) -> None:
        taken.append(await _take_in(db, raw, intake, recipient))

    try:
        if not await schema.is_current(db):
            raise NotReadyError("the database is of another version; `notifier migrate` brings it up to date")
        async with db.read() as conn:
            if not await is_ours(conn, intake.signer):
                raise NotReadyError("the secret beside the database is not the one that mails were made with")
        if str(source) == "-":
            await one(await asyncio.to_thread(read_stream, sys.stdin.buffer))
        elif is_maildir(source):
            left = await empty(source, one)
            if left:
                raise NotReadyError(f"{left} of its messages could not be; they stay in {source / 'new'}")
        else:
            await one(await asyncio.to_thread(read_file, source))
    finally:
        await db.dispose()
    return taken


def _intake(settings: "Settings") -> "Intake":
    """Return what messages are judged by; neither database nor secret is made here.

    Raises:
        NotReadyError: one of them is not there, or no mailbox is set.
    """
    from notifier.bounces.ingest import Intake  # noqa: PLC0415
    from notifier.instance import load_secret, secret_path  # noqa: PLC0415
    from notifier.opening import is_made, named  # noqa: PLC0415
    from notifier.subscriptions.return_path import ReturnPath  # noqa: PLC0415
    from notifier.subscriptions.tokens import Signer  # noqa: PLC0415

    if settings.mail.bounces is None:
        raise NotReadyError('"bounces" in [mail] is not set, so no mail of ours comes back to it')
    path = settings.database.path
    if not is_made(settings.database) or not secret_path(path).is_file():
        words = f"there is no database at {named(settings.database)}, or no secret beside it"
        raise NotReadyError(words if settings.database.url is None else f"there is no {secret_path(path)}")
    return Intake(
        mailbox=ReturnPath(settings.mail.bounces),
        signer=Signer(load_secret(path)),
        soft_run=settings.bounces.soft_run,
    )


async def _take_in(db: "Database", raw: bytes, intake: "Intake", recipient: str | None) -> "Taken":
    from notifier.bounces.ingest import take_in  # noqa: PLC0415
    from notifier.clock import SystemClock, machine_now  # noqa: PLC0415

    now = SystemClock().now()
    return await take_in(db, raw, intake, recipient=recipient, now=now, machine_now=machine_now())


def _why(error: Exception) -> str:
    """Return an error in a line that a relay may show in its log: no statement, no address."""
    from notifier.instance import InstanceError  # noqa: PLC0415
    from notifier.settings import SettingsError  # noqa: PLC0415

    said = isinstance(error, NotReadyError | InstanceError | SettingsError)
    return str(error) if said else type(error).__name__


def _summary(taken: "list[Taken]") -> str:
    """Return what came of the messages, counted: "2 messages: hard, ended 1; unknown, unproven 1"."""
    counts = Counter(f"{one.kind.value}, {one.became.value}" for one in taken)
    each = "; ".join(f"{what} {number}" for what, number in sorted(counts.items()))
    head = "1 message" if len(taken) == 1 else f"{len(taken)} messages"
    return f"{head}: {each}" if each else head
