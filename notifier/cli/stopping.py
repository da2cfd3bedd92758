"""Running the loop until somebody says stop: Ctrl-C, or SIGTERM from whoever supervises."""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def run_until_stopped(work: Callable[[asyncio.Event], Coroutine[Any, Any, T]]) -> T:
    """Run `work` with an event that SIGINT and SIGTERM set; a second signal ends the process as usual."""

    async def main() -> T:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()

        def ask(signum: signal.Signals) -> None:
            stop.set()
            loop.remove_signal_handler(signum)

        for signum in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(signum, ask, signum)
        return await work(stop)

    with asyncio.Runner(loop_factory=_new_loop) as runner:
        return runner.run(main())


def _new_loop() -> asyncio.AbstractEventLoop:
    """Return uvloop's loop where there is one for this platform: it sends and serves with half the work."""
    try:
        import uvloop  # noqa: PLC0415 - `--help` loads none of this
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()
