"""`notifier healthcheck`, as a container asks it: over a real socket, with an exit code."""

import asyncio
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from typer.testing import CliRunner, Result

from notifier.cli.main import app


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


async def ask(*words: str, status: int = 200, **environ: str) -> tuple[Result, list[str]]:
    """Run the command against a server that answers every request with `status`."""
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(f"{request.method} {request.path} of {request.host}")
        return web.Response(status=status, text="So it is.\n")

    application = web.Application()
    application.router.add_get("/{any:.*}", answer)
    async with TestServer(application) as server:
        environment = {"NOTIFIER_WEB__PORT": str(server.port)} | environ
        result = await asyncio.to_thread(CliRunner().invoke, app, ["healthcheck", *words], env=environment)
    return result, asked


async def test_a_server_that_lives_is_healthy() -> None:
    result, asked = await ask()
    assert (result.exit_code, result.output) == (0, "So it is.\n")
    assert asked == ["GET /health/live of localhost"]


async def test_whether_it_can_serve_is_asked_for() -> None:
    result, asked = await ask("--ready", status=503)
    assert result.exit_code == 1
    assert asked == ["GET /health/ready of localhost"]


async def test_a_server_that_listens_everywhere_is_asked_on_loopback() -> None:
    result, asked = await ask(NOTIFIER_WEB__HOST="0.0.0.0")  # noqa: S104
    assert (result.exit_code, len(asked)) == (0, 1)


async def test_no_proxy_is_asked() -> None:
    result, _ = await ask(HTTP_PROXY="http://127.0.0.1:9", http_proxy="http://127.0.0.1:9")
    assert result.exit_code == 0


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"NOTIFIER_WEB__PORT": "9"}, "no answer from 127.0.0.1 port 9"),
        ({"NOTIFIER_WEB__PORT": "0"}, "set a port"),
        ({"NOTIFIER_WEB__PORT": "many"}, "must be a port number"),
    ],
)
def test_where_nobody_answers_it_is_not_healthy(environ: dict[str, str], words: str) -> None:
    result = CliRunner().invoke(app, ["healthcheck"], env=environ)
    assert result.exit_code == 1
    assert words in result.output
