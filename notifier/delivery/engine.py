"""What tells the tasks that expand and send that there is work: in this process, or in many.

The engine is only a bell. Which chunks are open and which letters ready stands in the tables, where every
process looks by itself too; a ring that is lost makes nothing late by more than a few seconds.
"""

from collections.abc import Callable
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection


class Engine(Protocol):
    """Rings for work."""

    async def announced(self, conn: AsyncConnection) -> None:
        """Ring for chunks to expand. In the transaction that writes them: heard only when it is committed."""

    def ready(self) -> None:
        """Ring for letters to send, after they were committed."""


class Embedded:
    """One process. The sweep that announces rings the task beside it after its commit."""

    def __init__(self, *, send: Callable[[], None]) -> None:
        self._send = send

    async def announced(self, conn: AsyncConnection) -> None:
        """Leave it to the sweep."""

    def ready(self) -> None:
        """Ring this process's sender."""
        self._send()
