"""A scripted mail server, a pool that sends to it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from notifier.delivery.smtp import SmtpPool
from notifier.delivery.smtp_server import SmtpServer
from notifier.settings import Security
from tests.delivery.cast import HandTime, MakePool, Pool
from tests.delivery.scripted_server import ScriptedServer, server_tls


@pytest.fixture(params=[False, True], ids=["plain", "pipelining"])
async def server(request: pytest.FixtureRequest) -> AsyncIterator[ScriptedServer]:
    """A server that takes commands one by one, and one that takes them together."""
    scripted = ScriptedServer(pipelining=request.param)
    await scripted.start()
    yield scripted
    await scripted.stop()


@pytest.fixture
def hand_time() -> HandTime:
    return HandTime()


@pytest.fixture
async def make_pool(server: ScriptedServer, hand_time: HandTime) -> AsyncIterator[MakePool]:
    """Make pools that send to the scripted server, and close them."""
    made: list[Pool] = []

    def make(**settings: Any) -> Pool:
        defaults: dict[str, Any] = {
            "host": "127.0.0.1",
            "port": server.port,
            "security": Security.PLAIN,
            "timeout": 5,
            "end_of_data_timeout": 5,
        }
        made.append(Pool(SmtpPool(SmtpServer(**(defaults | settings)), monotonic=hand_time)))
        return made[-1]

    yield make
    for pool in made:
        await pool.close()


@pytest.fixture
def tls_server(server: ScriptedServer) -> ScriptedServer:
    """The scripted server, offering STARTTLS and AUTH under it."""
    server.options["tls_context"] = server_tls()
    return server


@pytest.fixture
async def secure_server() -> AsyncIterator[ScriptedServer]:
    """A second server, which speaks TLS from the first byte and offers AUTH."""
    scripted = ScriptedServer(implicit_tls=True, options={"auth_require_tls": False})
    await scripted.start()
    yield scripted
    await scripted.stop()
