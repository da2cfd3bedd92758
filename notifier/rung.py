"""A task of its own that works whenever somebody rings; rings during its work become one."""

import asyncio


class Rung:
    """What such tasks share: a bell, and a clean end."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()
        self._stopping = False

    def ring(self) -> None:
        """Say that there may be work."""
        self._rung.set()

    def stop(self) -> None:
        """Let `run` return, after the work under way."""
        self._stopping = True
        self._rung.set()

    async def _is_rung(self) -> bool:
        """Wait for the next ring and take it; False when it was `stop`."""
        await self._rung.wait()
        self._rung.clear()
        return not self._stopping
