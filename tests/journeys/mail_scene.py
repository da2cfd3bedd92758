"""A running service and the mail server before which it stands: what one can ask about both."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import aiohttp
from sqlalchemy import RowMapping, func, select, update

from notifier.app import Notifier
from notifier.db import Rank
from notifier.delivery.model import DeliveryState
from notifier.delivery.tables import delivery
from notifier.subscriptions.model import SubscriptionState
from notifier.subscriptions.tables import subscriber, subscription, suppression
from tests.delivery.scripted_server import ScriptedServer

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
_JSON = {"Accept": "application/json"}


@dataclass(frozen=True)
class Scene:
    """A service and the server that it hands its mail to."""

    notifier: Notifier
    server: ScriptedServer

    def told(self) -> set[str]:
        """Return who has a mail from the server."""
        return {mail.recipient.partition("@")[0] for mail in self.server.taken}

    async def deliveries(self) -> dict[str, RowMapping]:
        """Return everybody's delivery."""
        query = select(delivery, subscriber.c.address).join(
            subscriber, subscriber.c.id == delivery.c.subscriber_id
        )
        async with self.notifier.db.read() as conn:
            rows = (await conn.execute(query)).mappings().all()
        return {row["address"].partition("@")[0]: row for row in rows}

    async def ended(self) -> set[str]:
        """Return who follows nothing any more."""
        query = (
            select(subscriber.c.address)
            .join(subscription, subscription.c.subscriber_id == subscriber.c.id)
            .where(subscription.c.state == SubscriptionState.ENDED)
        )
        async with self.notifier.db.read() as conn:
            return {address.partition("@")[0] for address in await conn.scalars(query)}

    async def suppressed(self) -> int:
        """Return how many addresses are not written to again, whoever types them."""
        async with self.notifier.db.read() as conn:
            return await conn.scalar(select(func.count()).select_from(suppression)) or 0

    async def health(self) -> tuple[int, dict[str, Any]]:
        """Ask how the service is, from the same machine."""
        url = f"http://127.0.0.1:{self.notifier.port}/health"
        async with aiohttp.ClientSession(headers=_JSON) as browser, browser.get(url) as answer:
            return answer.status, json.loads(await answer.text())

    async def metrics(self) -> dict[str, float]:
        """Return what is counted, by name and labels as they are written."""
        url = f"http://127.0.0.1:{self.notifier.port}/metrics"
        async with aiohttp.ClientSession() as browser, browser.get(url) as answer:
            lines = [line for line in (await answer.text()).splitlines() if not line.startswith("#")]
        return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}

    async def until(self, met: Callable[[], Awaitable[bool]], *, seconds: float = 30.0) -> None:
        """Wait until a coroutine says yes."""
        async with asyncio.timeout(seconds):
            while not await met():  # noqa: ASYNC110 - a table tells nobody
                await asyncio.sleep(0.02)

    async def retry_now(self) -> None:
        """Let every wait be over."""
        async with self.notifier.db.write(Rank.HOUSEKEEPING) as conn:
            await conn.execute(
                update(delivery).where(delivery.c.state == DeliveryState.PENDING).values(next_at=LONG_AGO)
            )
        self.notifier.deliverer.ring()
