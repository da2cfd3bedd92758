"""What stands around each form that makes a mail: a count per network, a trap, an answer on the beat."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from time import monotonic

from aiohttp import hdrs, web

from notifier.clock import machine_now
from notifier.events.titles import clean
from notifier.events.wording import count
from notifier.subscriptions.model import InvalidAddress, NameBeyondAscii
from notifier.web.keys import FENCE, LIMITS
from notifier.web.same_answer import rest_of_beat
from notifier.web.visitor import address_of, network_of, visitor

log = logging.getLogger(__name__)

TRAP = "website"
"""A field that people cannot see; whoever fills it in is a program."""

LONGEST_ADDRESS = 320


def trapped(sent: Mapping[str, str]) -> bool:
    """Whether a program filled in the form; it gets the answer that everybody gets, and nothing else."""
    return bool(sent.get(TRAP))


def typed_address(sent: Mapping[str, str]) -> tuple[str, str]:
    """Return the address that was typed, cut to a length, and what is plainly wrong with it ("": nothing)."""
    address = clean(sent.get("address", ""))
    wrong = not address or len(address) > LONGEST_ADDRESS
    return address[:LONGEST_ADDRESS], no_address(address) if wrong else ""


def no_address(typed: str, error: InvalidAddress | None = None) -> str:
    """Return what is said to somebody who typed what is no address, or one that we cannot send to."""
    if not typed:
        return "Type your email address."
    if isinstance(error, NameBeyondAscii):
        return str(error)
    return "We cannot send mail to this address. Check it: it should look like name@example.org."


def count_network(request: web.Request) -> None:
    """Let one network address ask only so often, whatever mail addresses it types.

    Raises:
        web.HTTPTooManyRequests: it has asked that often within the hour.
    """
    peer = address_of(request.remote or "")
    forwarded = request.headers.getall(hdrs.X_FORWARDED_FOR, [])
    found = visitor(peer, forwarded, request.app[LIMITS].trusted_proxies)
    if found is None:
        return
    wait = request.app[FENCE].wait(network_of(found), machine_now())
    if wait is not None:
        minutes = -(-wait // timedelta(minutes=1))
        log.warning("sign_up_fenced_by_network")
        raise web.HTTPTooManyRequests(
            headers={hdrs.RETRY_AFTER: str(minutes * 60)},
            text="To protect people's mailboxes, we take only so many requests an hour from one network. "
            f"Nothing was sent. Try again in {count(minutes, 'minute')}.",
        )


@asynccontextmanager
async def answered_on_the_beat(request: web.Request) -> AsyncIterator[None]:
    """Do what a form asks for so that its time tells nothing of the address; an error is answered at once."""
    began = monotonic()
    yield
    await asyncio.sleep(rest_of_beat(monotonic() - began, request.app[LIMITS].answer_after.total_seconds()))
