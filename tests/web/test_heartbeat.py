"""The heartbeat over a real socket: called after a good sweep, and never in anybody's way."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from notifier.web import heartbeat as heartbeats
from notifier.web.heartbeat import Heartbeat
from tests.web.web_cast import NOW, StillClock


class Watcher:
    """Whoever waits for the call: `answers` are given one after the other, the last for ever."""

    def __init__(self, *answers: Callable[[], web.Response]) -> None:
        self.calls: list[str] = []
        self._answers = list(answers)

    async def answer(self, request: web.Request) -> web.Response:
        self.calls.append(f"{request.method} {request.path_qs}")
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return answer()


def status(code: int, **headers: str) -> Callable[[], web.Response]:
    return lambda: web.Response(status=code, headers=headers)


@asynccontextmanager
async def beating(watcher: Callable[..., object], path: str = "/ping?id=s3cret") -> AsyncIterator[Heartbeat]:
    app = web.Application()
    app.router.add_get("/{any:.*}", watcher)
    async with TestServer(app) as server:
        heartbeat = Heartbeat(SecretStr(str(server.make_url(path))), StillClock())
        running = asyncio.create_task(heartbeat.run())
        yield heartbeat
        heartbeat.stop()
        await running


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - nothing rings when a call has failed
            await asyncio.sleep(0.01)


async def test_a_ring_makes_one_call() -> None:
    watcher = Watcher(status(200))
    async with beating(watcher.answer) as heartbeat:
        heartbeat.ring()
        await until(lambda: len(watcher.calls) == 1)
    assert watcher.calls == ["GET /ping?id=s3cret"]
    assert heartbeat.missed is None


async def test_calls_that_fail_are_counted_until_one_is_answered() -> None:
    watcher = Watcher(status(500), status(404), status(204))
    async with beating(watcher.answer) as heartbeat:
        for count in (1, 2):
            heartbeat.ring()
            await until(lambda count=count: heartbeat.missed is not None and heartbeat.missed.count == count)
        assert heartbeat.missed is not None
        assert heartbeat.missed.since == NOW
        heartbeat.ring()
        await until(lambda: heartbeat.missed is None)


async def test_a_redirect_is_a_failure_and_is_not_followed() -> None:
    watcher = Watcher(status(302, Location="/elsewhere"))
    async with beating(watcher.answer) as heartbeat:
        heartbeat.ring()
        await until(lambda: heartbeat.missed is not None)
    assert watcher.calls == ["GET /ping?id=s3cret"]


async def test_a_watcher_who_does_not_answer_delays_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeats, "PATIENCE_SECONDS", 0.1)

    async def silent(_: web.Request) -> web.Response:
        await asyncio.sleep(1)
        return web.Response()

    async with beating(silent) as heartbeat:
        heartbeat.ring()
        await until(lambda: heartbeat.missed is not None)


async def test_no_proxy_of_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    watcher = Watcher(status(200))
    async with beating(watcher.answer) as heartbeat:
        heartbeat.ring()
        await until(lambda: len(watcher.calls) == 1)


async def test_the_log_of_a_failure_does_not_hold_the_address(caplog: pytest.LogCaptureFixture) -> None:
    heartbeat = Heartbeat(SecretStr("http://127.0.0.1:9/ping/s3cret"), StillClock())
    running = asyncio.create_task(heartbeat.run())
    heartbeat.ring()
    await until(lambda: heartbeat.missed is not None)
    heartbeat.stop()
    await running
    assert "heartbeat_missed" in caplog.text
    assert "s3cret" not in caplog.text + repr([vars(record) for record in caplog.records])
