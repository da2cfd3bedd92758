"""Services in processes of their own that begin warm: forked from a process that has imported everything.

A kill, an exit code and a file are as real as in a process started anew; only the imports, which take more
time than most of these processes live, are done once.
"""

import asyncio
import multiprocessing
import os
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

_WARM = multiprocessing.get_context("forkserver")
_WARM.set_forkserver_preload(
    ["tests.journeys.killable", "tests.journeys.mailing_child", "tests.journeys.watching_child"]
)


class Child:
    """A process that calls `main(say, *given)`; what it says is heard here. It dies with its parent."""

    def __init__(self, main: Callable[..., None], *given: Any) -> None:
        self._ear, mouth = _WARM.Pipe(duplex=False)
        self._process = _WARM.Process(target=_live, args=(main, mouth, given), daemon=True)
        self._process.start()
        mouth.close()

    def terminate(self) -> None:
        """Ask it to end in order (SIGTERM)."""
        self._process.terminate()

    def kill(self) -> None:
        """End it without a goodbye (SIGKILL)."""
        self._process.kill()

    async def hear(self) -> Any:
        """Return the next thing that it says.

        Raises:
            EOFError: it ended and said nothing more.
        """
        await _readable(self._ear.fileno())
        return self._ear.recv()

    async def wait(self) -> int:
        """Wait for its end. Return its exit code: below zero, the signal that killed it."""
        await _readable(self._process.sentinel)
        self._process.join()
        assert self._process.exitcode is not None
        return self._process.exitcode


def _live(main: Callable[..., None], mouth: Connection, given: tuple[Any, ...]) -> None:
    with Path(os.devnull).open("w") as nowhere:  # it is to complain: servers vanish and processes die
        os.dup2(nowhere.fileno(), 2)
    main(mouth.send, *given)


async def _readable(file: int) -> None:
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_reader(file, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(file)
