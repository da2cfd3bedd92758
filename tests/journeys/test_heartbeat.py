"""A running service calls its watcher after each good sweep, and falls silent when it stops."""

import asyncio
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from notifier.app import Notifier
from notifier.clock import SystemClock
from notifier.settings import Health
from tests.journeys.house import settings_for, ship_ip1783

TOKEN = "the-token-of-this-journey"


async def test_the_watcher_is_called_and_may_ask_for_details(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ship_ip1783(tmp_path)
    called = asyncio.Event()

    async def ping(_: web.Request) -> web.Response:
        called.set()
        return web.Response()

    watcher = web.Application()
    watcher.router.add_get("/ping", ping)
    async with TestServer(watcher) as server:
        health = Health(token=SecretStr(TOKEN), heartbeat_url=SecretStr(str(server.make_url("/ping"))))
        settings = settings_for(tmp_path, web_port=0, smtp_port=9).model_copy(update={"health": health})
        notifier = Notifier(settings, clock=SystemClock())
        await notifier.start()
        try:
            await asyncio.wait_for(called.wait(), 5)
            proxied = {"X-Forwarded-For": "203.0.113.9", "Accept": "application/json"}
            assert "problems" not in await asked(notifier.port, proxied)
            assert "problems" in await asked(notifier.port, proxied | {"Authorization": f"Bearer {TOKEN}"})
        finally:
            await notifier.stop()
        assert "task_cancelled" not in caplog.text, "the call under way ends, and nothing waits for another"
        called.clear()
        await asyncio.sleep(1.2)  # longer than a sweep's interval
        assert not called.is_set()


async def asked(port: int, headers: dict[str, str]) -> dict[str, object]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}/health", headers=headers) as answer,
    ):
        return dict(await answer.json())
