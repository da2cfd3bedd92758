"""Asking web servers for the pages of sources, politely and guarded.

A redirect is told, not followed, unless it is the same page by another spelling; no proxy, cookie or password
is taken from the environment. robots.txt is not consulted: it speaks to robots that find pages by
themselves (RFC 9309 §1), and here an operator names each single page.
"""

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from http import HTTPStatus
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from aiohttp import (
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    TCPConnector,
    hdrs,
)

from notifier.clock import machine_now
from notifier.settings import Watching
from notifier.sources.fetching.address_guard import AddressGuard, Network
from notifier.sources.fetching.answers import Asking, FetchError, Moved, Page, Unchanged, shown
from notifier.sources.fetching.body import ACCEPT, read_body
from notifier.sources.fetching.failures import NO_ADDRESS, why
from notifier.sources.fetching.pace import HostClosedError, Pace
from notifier.sources.fetching.waits import backoff, read_retry_after
from notifier.sources.nice.redirect import absolute, is_same_page, site

__all__ = ["Asking", "FetchError", "Fetcher", "Limits", "Moved", "Page", "Unchanged", "backoff", "user_agent"]

REDIRECTS = 3
"""How many redirects to another spelling are followed: from http, to "www.", to the letter case."""

_REDIRECTED = frozenset({301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})
_GONE = frozenset({404, 410})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a `Fetcher` keeps to."""

    seconds_between: float = 2
    """The rest of a host between two requests."""
    timeout_seconds: float = 30
    """How long one request may take, to the last byte; waiting for one's turn is not counted."""
    largest: int = 32_000_000
    """Bytes of a page, decompressed."""
    allowed: tuple[Network, ...] = ()
    """Networks that may be asked although they are not public."""

    @classmethod
    def of(cls, watching: Watching) -> Self:
        """Return the limits that an operator has set."""
        return cls(
            seconds_between=watching.seconds_between,
            timeout_seconds=watching.timeout_seconds,
            largest=watching.max_megabytes * 1_000_000,
            allowed=watching.allow_private,
        )


def user_agent(*, version: str, public_url: str, contact: str) -> str:
    """Return who asks, and where to complain (RFC 9110 §10.1.5): "notifier/1.0 (+https://…; help@…)"."""
    comment = "".join(
        each if " " <= each <= "~" and each not in "()\\" else " " for each in f"+{public_url}; {contact}"
    )
    return f"notifier/{version} ({comment})"


class Fetcher:
    """Asks for pages, one at a time from each host; an async context manager that closes what it opened.

    Nothing is opened before the first `get`.
    """

    def __init__(self, limits: Limits, *, user_agent: str) -> None:
        self._limits = limits
        self._user_agent = user_agent
        self._pace = Pace(limits.seconds_between)
        self._session: ClientSession | None = None
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close every connection; whoever still asks gets a `FetchError`. A second time does nothing."""
        self._closed = True
        if self._session is not None:
            await self._session.close()

    async def get(self, asking: Asking) -> Page | Unchanged | Moved:
        """Ask for a page.

        Raises:
            FetchError: it could not be had, for whatever reason; the error says why and what to do.
        """
        seen = {asking.url}
        for _ in range(1 + REDIRECTS):
            answer = await self._ask(asking)
            if not isinstance(answer, Moved) or not _may_follow(asking, answer.location):
                return answer
            if answer.location in seen:
                raise FetchError(f"{shown(asking.url)} redirects in a circle")
            seen.add(answer.location)
            asking = replace(asking, url=answer.location)
        raise FetchError(f"{shown(asking.url)} was reached by {REDIRECTS} redirects and redirects again")

    async def _ask(self, asking: Asking) -> Page | Unchanged | Moved:
        url, seconds = asking.url, self._limits.timeout_seconds
        host = _host(url)
        try:
            async with self._pace.turn(host), asyncio.timeout(seconds):
                request = self._opened().get(url, headers=_headers(asking), allow_redirects=False)
                async with request as response:
                    return await self._judge(response, asking, host)
        except HostClosedError as closed:
            raise FetchError(
                f"{shown(url)} was not asked: {host} asks to wait another {_seconds(closed.wait)}",
                retry_after=closed.wait,
            ) from None
        except TimeoutError:
            raise FetchError(f"{shown(url)} took longer than {seconds:g} s") from None
        except (ClientError, OSError, ValueError) as error:
            raise FetchError(why(url, error)) from error

    def _opened(self) -> ClientSession:
        if self._closed:
            raise FetchError("Nothing was asked: the service is stopping")
        if self._session is None:
            self._session = ClientSession(
                connector=TCPConnector(socket_factory=AddressGuard(self._limits.allowed)),
                timeout=ClientTimeout(total=None),  # `asyncio.timeout` rules
                cookie_jar=DummyCookieJar(),
                headers={
                    hdrs.USER_AGENT: self._user_agent,
                    hdrs.ACCEPT: ACCEPT,
                    hdrs.ACCEPT_ENCODING: "gzip",
                },
                auto_decompress=False,
                trust_env=False,
            )
        return self._session

    async def _judge(self, response: ClientResponse, asking: Asking, host: str) -> Page | Unchanged | Moved:
        status, url = response.status, asking.url
        if status == HTTPStatus.OK:
            content = await read_body(response, url=url, largest=self._limits.largest)
            return _page(response, content, url)
        if status == HTTPStatus.NOT_MODIFIED and (asking.etag or asking.last_modified):
            return Unchanged()
        if status in _REDIRECTED:
            location = absolute(url, response.headers.get(hdrs.LOCATION, ""))
            if location is None or hdrs.LOCATION not in response.headers:
                raise FetchError(f"{shown(url)} answered {_status(status)} without saying where to")
            return Moved(location=location, permanent=status in _PERMANENT)
        raise self._refusal(response, url, host)

    def _refusal(self, response: ClientResponse, url: str, host: str) -> FetchError:
        headers, status = response.headers, response.status
        wait = read_retry_after(headers.get(hdrs.RETRY_AFTER), date=headers.get(hdrs.DATE), now=machine_now())
        if status not in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
            wait = None
        if status == HTTPStatus.TOO_MANY_REQUESTS and wait is not None:
            self._pace.close(host, wait)  # it speaks of us, not of this page
        sentence = f"{shown(url)} answered {_status(status)}"
        if wait:
            sentence += f" and asks to wait {_seconds(wait)}"
        return FetchError(sentence, retry_after=wait, gone=status in _GONE)


def _host(url: str) -> str:
    try:
        parts, host = urlsplit(url), site(url)
        parts.port  # noqa: B018 - raises where it is no number
    except ValueError:
        host = ""
    else:
        if parts.scheme in {"http", "https"} and "@" not in parts.netloc and host:
            return host
    raise FetchError(f"{shown(url) if '@' not in url else 'The source'} {NO_ADDRESS}")


def _may_follow(asking: Asking, location: str) -> bool:
    """Whether a redirect is only another spelling; an API key stays with the host it was given to."""
    same_host = urlsplit(location).hostname == urlsplit(asking.url).hostname
    return is_same_page(asking.url, location) and (same_host or not asking.headers)


def _headers(asking: Asking) -> list[tuple[str, str]]:
    conditions = ((hdrs.IF_NONE_MATCH, asking.etag), (hdrs.IF_MODIFIED_SINCE, asking.last_modified))
    return [*((str(name), value) for name, value in conditions if value), *asking.headers]


def _page(response: ClientResponse, content: bytes, url: str) -> Page:
    charset = _plain(response.charset)
    return Page(
        content=content,
        content_type=response.content_type,
        charset=charset.lower() if charset else None,
        etag=_plain(response.headers.get(hdrs.ETAG)),
        last_modified=_plain(response.headers.get(hdrs.LAST_MODIFIED)),
        url=url,
    )


def _plain(value: str | None) -> str | None:
    """Return what a server said if it is ASCII; anything else could be neither kept nor sent back."""
    return value if value and value.isascii() else None


def _status(status: int) -> str:
    """Return a status in the standard's words; those of the server could be anything."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _seconds(wait: timedelta) -> str:
    return f"{wait.total_seconds():.0f} s"
