"""aiosmtplib as it is used first: an EmailMessage for each mail, `send_message` over kept connections."""

import asyncio
from collections.abc import Iterator
from email.message import EmailMessage

import aiosmtplib

from benchmarks.contest import Stopwatch
from benchmarks.rivals.what_is_sent import Asked, asked
from notifier.cli.stopping import run_until_stopped


async def send(what: Asked) -> None:
    """Send every mail, so many at once."""
    watch = Stopwatch()
    numbers = iter(range(what.mails))
    await asyncio.gather(*(_over_one_connection(what, numbers) for _ in range(what.connections)))
    watch.stop()


async def _over_one_connection(what: Asked, numbers: Iterator[int]) -> None:
    async with aiosmtplib.SMTP(
        hostname="127.0.0.1", port=what.port, use_tls=False, start_tls=False, local_hostname="localhost"
    ) as smtp:
        for number in numbers:
            await smtp.send_message(_message(what, number))


def _message(what: Asked, number: int) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = what.sender, what.recipient(number)
    message["Subject"] = what.subject
    message.set_content(what.text)
    message.add_alternative(what.html, subtype="html")
    return message


if __name__ == "__main__":
    run_until_stopped(lambda _: send(asked()))
