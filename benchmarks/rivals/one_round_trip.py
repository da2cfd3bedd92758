"""What can be had over a distance: made-up mails, the next envelope behind each dot, nothing else.

`PORT CONNECTIONS MAILS FILE` as for every rival; the words are as long as those of the file.
"""

import asyncio
from collections.abc import Iterator

from benchmarks.contest import Stopwatch
from benchmarks.rivals.what_is_sent import Asked, asked
from notifier.cli.stopping import run_until_stopped

LINE = b"x" * 70 + b"\r\n"


async def send(what: Asked) -> None:
    """Send every mail, so many at once."""
    size = len(what.text) + len(what.html)
    body = b"Subject: Made up\r\n\r\n" + LINE * (size // len(LINE)) + b".\r\n"
    watch = Stopwatch()
    numbers = iter(range(what.mails))
    await asyncio.gather(*(_over_one_connection(what, body, numbers) for _ in range(what.connections)))
    watch.stop()


async def _over_one_connection(what: Asked, body: bytes, numbers: Iterator[int]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", what.port)
    await _replies(reader, 1)
    writer.write(b"EHLO localhost\r\n" + _envelope(what, 0))
    await _replies(reader, 4)
    for number in numbers:
        writer.write(body + _envelope(what, number))
        await _replies(reader, 4)
    writer.close()


def _envelope(what: Asked, number: int) -> bytes:
    recipient = what.recipient(number)
    return f"MAIL FROM:<{what.sender}>\r\nRCPT TO:<{recipient}>\r\nDATA\r\n".encode()


async def _replies(reader: asyncio.StreamReader, count: int) -> None:
    while count:
        line = await reader.readline()
        if line[:1] not in (b"2", b"3"):
            raise RuntimeError(f"the sink said {line!r}")
        count -= line[3:4] == b" "


if __name__ == "__main__":
    run_until_stopped(lambda _: send(asked()))
