"""Postfix's own test programs: `smtp-sink` takes mail and forgets it, `smtp-source` makes it.

Both are C and far faster than any server we test with, so that what is measured is the sender. See
smtp-sink(1) and smtp-source(1).
"""

import asyncio
import contextlib
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from benchmarks.options import Missing
from tests.journeys.house import free_port

_PLACES = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/libexec/postfix"
_HOW = "Debian's package postfix has it (apt-get install --no-install-recommends postfix; it need not run)"
MOST_CONNECTIONS = 1_024
START_SECONDS = 10.0


def program(name: str) -> str:
    """Return where one of the programs is.

    Raises:
        Missing: it is not installed.
    """
    found = shutil.which(name, path=_PLACES)
    if found is None:
        raise Missing(f"{name} is not here. {_HOW}")
    return found


@asynccontextmanager
async def sink() -> AsyncIterator[int]:
    """Run a sink on a port of loopback for the length of the block."""
    command, port = program("smtp-sink"), free_port()
    user = ["-u", "nobody"] if os.geteuid() == 0 else []  # it refuses to stay root
    process = await asyncio.create_subprocess_exec(
        command, *user, "-m", str(MOST_CONNECTIONS), f"127.0.0.1:{port}", str(MOST_CONNECTIONS)
    )
    try:
        async with asyncio.timeout(START_SECONDS):
            await _listening(port)
        yield port
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


def source(port: int, *, connections: int, mails: int, size: int) -> tuple[str, ...]:
    """Return the command that sends so many mails of so many bytes over connections that are kept."""
    counts = ("-s", str(connections), "-m", str(mails), "-l", str(size))
    return (program("smtp-source"), "-d", *counts, f"127.0.0.1:{port}")


async def _listening(port: int) -> None:
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.02)
        else:
            writer.close()
            return
