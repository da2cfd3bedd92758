"""The public address, asked as a reader's browser asks it; and the clock, by what the answer is dated."""

import asyncio
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from notifier.cli.examining.certificates import FEW_DAYS, days_left, told
from notifier.cli.finding import Finding, attention, failed, fine

SUBJECT = "public address"
LIVES = "The process answers."
"""What /health/live says; whoever else answers there is not this service."""

PATIENCE_SECONDS = 10.0

LARGEST_OFFSET = 30.0
"""Seconds: more than a slow answer explains, and enough for links and log lines to go astray."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back: an answer, or why there was none. `offset` is their clock less ours, in seconds."""

    status: int = 0
    text: str = ""
    headers: Mapping[str, str] | None = None
    certificate: Mapping[str, Any] | None = None
    untrusted: str = ""
    unreached: str = ""
    offset: float | None = None


async def ask(public_url: str, *, now: datetime, tls: ssl.SSLContext | None = None) -> Answer:
    """Ask the public address whether the service lives. No redirect is followed, no proxy asked."""
    timeout = aiohttp.ClientTimeout(total=PATIENCE_SECONDS)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, trust_env=False) as session,
            session.get(f"{public_url}/health/live", allow_redirects=False, ssl=tls or True) as response,
        ):
            text = (await response.content.read(1000)).decode("utf-8", "replace")
            return Answer(
                status=response.status,
                text=text.strip(),
                headers=dict(response.headers),
                certificate=await _certificate(public_url, tls),
                offset=_offset(response.headers.get("Date"), now),
            )
    except aiohttp.ClientConnectorCertificateError as error:
        return Answer(untrusted=str(error.certificate_error))
    except (aiohttp.ClientError, OSError, ValueError) as error:
        return Answer(unreached=str(error) or type(error).__name__)


def judge(answer: Answer, public_url: str, now: datetime) -> Sequence[Finding]:
    """Say whether people reach this service under its address."""
    if answer.untrusted:
        remedy = "Let the proxy renew its certificate: browsers refuse it, and so does one-click unsubscribe."
        return [
            failed(SUBJECT, f"{public_url} shows a certificate that is refused: {answer.untrusted}.", remedy)
        ]
    if answer.unreached:
        remedy = (
            "Start the service and its proxy; or, if only this machine cannot reach it, ask from elsewhere."
        )
        return [attention(SUBJECT, f"{public_url} does not answer from here: {answer.unreached}.", remedy)]
    if answer.status != 200 or answer.text != LIVES:
        words = f"Something else answers at {public_url}/health/live: status {answer.status}."
        return [attention(SUBJECT, words, "Let the proxy hand every path under public_url to the service.")]
    return [_reached(answer, public_url, now), *_kept_secure(answer, public_url)]


def _reached(answer: Answer, public_url: str, now: datetime) -> Finding:
    if not answer.certificate:
        return fine(SUBJECT, f"The service answers at {public_url}.")
    sentence = f"The service answers at {public_url}; {told(answer.certificate, now)}."
    if days_left(answer.certificate, now) < FEW_DAYS:
        return attention(SUBJECT, sentence, "Renew it, and see why that did not happen by itself.")
    return fine(SUBJECT, sentence)


def _kept_secure(answer: Answer, public_url: str) -> Sequence[Finding]:
    if urlsplit(public_url).scheme != "https" or "Strict-Transport-Security" in (answer.headers or {}):
        return ()
    words = "Browsers are not told to insist on encryption (no Strict-Transport-Security)."
    return [attention(SUBJECT, words, "Let the proxy add the header, when all under this name is https.")]


def clock(answer: Answer, public_url: str) -> Finding:
    """Judge this machine's clock by the date of an answer, which is exact to a second or two."""
    if answer.offset is None:
        return fine("clock", "Not compared: nobody answered with a date.")
    host = urlsplit(public_url).hostname
    if abs(answer.offset) > LARGEST_OFFSET:
        behind = "behind" if answer.offset > 0 else "ahead of"
        words = f"This machine's clock is {abs(answer.offset):.0f} seconds {behind} that of {host}."
        return attention("clock", words, "Let the machine set its clock by NTP.")
    return fine("clock", f"It agrees with the clock of {host} to {max(1, abs(answer.offset)):.0f} seconds.")


async def _certificate(public_url: str, tls: ssl.SSLContext | None) -> Mapping[str, Any] | None:
    """Return the certificate of an https address, by a handshake of its own; None of one in clear."""
    parts = urlsplit(public_url)
    if parts.scheme != "https":
        return None
    async with asyncio.timeout(PATIENCE_SECONDS):
        context = tls or ssl.create_default_context()
        _, writer = await asyncio.open_connection(parts.hostname, parts.port or 443, ssl=context)
    found: Mapping[str, Any] = writer.get_extra_info("peercert")
    writer.transport.abort()  # nothing is asked over it
    return found


def _offset(date: str | None, now: datetime) -> float | None:
    try:
        return None if date is None else (parsedate_to_datetime(date) - now).total_seconds()
    except (ValueError, TypeError):
        return None
