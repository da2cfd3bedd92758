"""What comes back to a running service, and the real command that a relay hands it to."""

import asyncio
import os
import sys
from contextlib import closing
from pathlib import Path
from sqlite3 import connect

from notifier.demo.inbox import Mail
from notifier.subscriptions.return_path import ReturnPath
from tests.bounces.sample_files import ENVELOPE, sample

BOUNCES = "bounces@alerts.example"
MAILBOX = ReturnPath(BOUNCES)
ROOT = Path(__file__).parents[2]


def bounced(mail: Mail, name: str, *, note: str = "") -> bytes:
    """Return what a server makes of a mail that it cannot deliver: a sample, with this mail's envelope."""
    [token] = MAILBOX.tokens_in(mail.sender)
    text = sample(name).decode().replace("@alerts.example.org", "@alerts.example").replace(ENVELOPE, token)
    return f"X-Note: {note}\n{text}".encode()


def complained(mail: Mail) -> bytes:
    """Return what a mail provider makes of a mail that its reader calls unwanted: it encloses all of it."""
    head, _, rest = sample("arf_abuse").partition(b"Content-Type: message/rfc822")
    boundary = rest.rpartition(b"\n--")[2]
    enclosed = f"Return-Path: <{mail.sender}>\r\n".encode() + mail.content
    start = b"Content-Type: message/rfc822\n\n"
    return head + start + enclosed.replace(b"\r\n", b"\n") + b"\n--" + boundary


def stopped_by_mail(mail: Mail) -> bytes:
    """Return what a mail program sends when its reader presses "Unsubscribe", as the header asks it to."""
    header = " ".join(str(mail.message["List-Unsubscribe"]).split())
    _, _, target = header.partition("<mailto:")
    address, _, wish = target.rstrip(">").partition("?")
    head, _, subject = wish.partition("=")
    return (
        f"Delivered-To: {address}\nFrom: {mail.recipient}\nTo: {address}\n{head.title()}: {subject}\n\n\n"
    ).encode()


async def ingest(
    home: Path, *words: str, given: bytes = b"", hours_ago: int = 0, dies_at: int = 0, side: str = "after"
) -> tuple[int, str, str]:
    """Run `notifier bounces ingest` in a process of its own. Return exit code, output and errors.

    With `hours_ago` its clock is so far behind; with `dies_at` it kills itself at that commit.
    """
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.journeys.returning_child",
        *(str(hours_ago), str(dies_at), side),
        *("bounces", "ingest", *words),
        env=environment(home),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await child.communicate(given)
    return child.returncode or 0, out.decode(), err.decode()


def environment(home: Path) -> dict[str, str]:
    """Return the settings of the command, of the service in `home`."""
    own = {"NOTIFIER_DATABASE__PATH": str(home / "notifier.db"), "NOTIFIER_MAIL__BOUNCES": BOUNCES}
    return {name: value for name, value in os.environ.items() if not name.startswith("NOTIFIER_")} | own


def deliver(box: Path, *messages: bytes) -> None:
    """Put messages into a Maildir, as a mail server does."""
    for name in ("tmp", "new", "cur"):
        (box / name).mkdir(parents=True, exist_ok=True)
    for number, raw in enumerate(messages):
        name = f"{1_665_734_411 + number}.M{number}P1.mx"
        (box / "tmp" / name).write_bytes(raw)
        (box / "tmp" / name).rename(box / "new" / name)


def stored(home: Path, query: str) -> list[tuple[object, ...]]:
    """Return what the service's file says."""
    with closing(connect(home / "notifier.db")) as file:
        return list(file.execute(query))
