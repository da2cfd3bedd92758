"""The heartbeat: after each good sweep an address is called, so that somebody notices when no call comes.

Never in the way of a sweep: the sweep rings, a task of its own calls.
"""

import logging

import aiohttp
from pydantic import SecretStr

from notifier.clock import Clock
from notifier.rung import Rung
from notifier.web.health_facts import Missed

PATIENCE_SECONDS = 5.0
"""How long one call may take, connecting included."""

log = logging.getLogger(__name__)


class Heartbeat(Rung):
    """The supervised task that calls `url` (http or https) whenever rung; rings during a call become one."""

    def __init__(self, url: SecretStr, clock: Clock) -> None:
        super().__init__()
        self._url = url
        self._clock = clock
        self.missed: Missed | None = None

    async def run(self) -> None:
        """Call until `stop`."""
        # No proxy from the environment, no cookies: nothing but the address decides who is called.
        session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=PATIENCE_SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
        )
        async with session:
            while await self._is_rung():
                self._note(await _call(session, self._url.get_secret_value()))

    def _note(self, failure: str | None) -> None:
        if failure is None:
            self.missed = None
            return
        before = self.missed
        self.missed = Missed(
            count=before.count + 1 if before else 1, since=before.since if before else self._clock.now()
        )
        # Without the address, which often holds a secret, and so without the error's own words.
        log.warning("heartbeat_missed", extra={"why": failure, "in_a_row": self.missed.count})


async def _call(session: aiohttp.ClientSession, url: str) -> str | None:
    """Return why the call failed; None when it was answered with success. A redirect is not followed."""
    try:
        async with session.get(url, allow_redirects=False) as answer:
            return None if 200 <= answer.status <= 299 else f"answered {answer.status}"
    except (aiohttp.ClientError, OSError, ValueError) as error:  # TimeoutError is an OSError
        return type(error).__name__
