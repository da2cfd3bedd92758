"""One connection of a visitor, with limits that aiohttp itself does not have.

aiohttp waits for the next request as long as a connection may be idle, whether or not a head trickles in, and
for ever for a reader who does not read. It repeats unreadable requests in its answers and its log.
"""

import asyncio
import json
import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, cast

from aiohttp import hdrs, web
from aiohttp.helpers import rfc822_formatted_time
from aiohttp.http_exceptions import LineTooLong

from notifier.web.limits import LARGEST_HEAD, LONGEST_FIELD, MOST_FIELDS, Limits
from notifier.web.repeated import REPEATABLE, Answer, Question, Repeated, as_sent
from notifier.web.visitor import address_of, is_in, network_of

LINGER_SECONDS = 5.0
"""How long the rest of a refused body is read, so that its sender can read why."""

log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class Doors:
    """Counts who is in: all connections, and those of each network address but for trusted proxies."""

    limits: Limits
    headers: Mapping[str, str]
    """What every answer carries (`security.py`)."""
    repeated: Repeated | None = None
    """The answers that hold now; None where nobody knows for how long."""
    inside: int = 0
    by_network: Counter[str] = field(default_factory=Counter)

    def network(self, peer: object) -> str | None:
        """Return whom a connection is counted for; None for a trusted proxy, or where nobody can be named."""
        address = address_of(str(peer[0])) if isinstance(peer, tuple) else None
        if address is None or is_in(address, self.limits.trusted_proxies):
            return None
        return network_of(address)

    def enter(self, network: str | None) -> bool:
        """Count somebody in, if there is room."""
        if self.inside >= self.limits.connections:
            return False
        if network is not None:
            if self.by_network[network] >= self.limits.connections_per_address:
                return False
            self.by_network[network] += 1
        self.inside += 1
        return True

    def leave(self, network: str | None) -> None:
        """Count somebody out who had entered."""
        self.inside -= 1
        if network is not None:
            self.by_network[network] -= 1
            self.by_network += Counter()  # Drops those whose count is zero.


class Connection(web.RequestHandler):
    """A connection that is dropped when its visitor is too slow, says too much, or does not listen."""

    __slots__ = (
        "_doors",
        "_head_bytes",
        "_head_timer",
        "_link",
        "_network",
        "_refused",
        "_send_timer",
        "question",
    )

    def __init__(self, server: web.Server, doors: Doors, loop: asyncio.AbstractEventLoop) -> None:
        options: dict[str, Any] = {
            "access_log": None,  # it would hold addresses of people
            "keepalive_timeout": doors.limits.idle_seconds,
            "lingering_time": LINGER_SECONDS,
            "max_line_size": LONGEST_FIELD,
            "max_field_size": LONGEST_FIELD,
            "max_headers": MOST_FIELDS,
        }
        super().__init__(server, loop=loop, **options)
        self._doors = doors
        self._network: str | None = None
        self._refused = False
        self._link: asyncio.Transport | None = None
        self._head_bytes = 0
        self._head_timer: asyncio.TimerHandle | None = None
        self._send_timer: asyncio.TimerHandle | None = None
        self.question: Question | None = None
        """What is being answered, if the answer may be kept."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let a visitor in, or say that there is no room."""
        # What a TCP server hands over; uvloop's transports are none of asyncio's classes.
        link = cast("asyncio.Transport", transport)
        self._network = self._doors.network(link.get_extra_info("peername"))
        if not self._doors.enter(self._network):
            self._refused = True
            log.warning("connection_refused", extra={"open": self._doors.inside})
            link.write(self._raw(HTTPStatus.SERVICE_UNAVAILABLE))
            link.close()
            return
        # So that `pause_writing` is told of every byte that the visitor's machine does not take.
        link.set_write_buffer_limits(high=0)
        self._link = link
        super().connection_made(link)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Count the visitor out."""
        if self._refused:
            return
        self._end_of_head()
        self._end_of_wait()
        self._doors.leave(self._network)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came; the head of a request must be whole in time and within its size."""
        if self._refused or self._is_repeated(data):
            return
        waiting, seen = self._waiter is not None, self._request_count
        super().data_received(data)
        if not waiting or self._request_count != seen:
            self._end_of_head()
            return
        self._head_bytes += len(data)
        if self._head_bytes > LARGEST_HEAD:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        elif self._head_timer is None and data:
            self._head_timer = self._loop.call_later(
                self._doors.limits.header_seconds, self._refuse, HTTPStatus.REQUEST_TIMEOUT
            )

    def _is_repeated(self, data: bytes) -> bool:
        """Answer at once what was asked in the same words before; see `repeated.py`.

        Only between two requests, and only a visitor who has taken the answer before: else order and limits
        would be lost.
        """
        self.question = None
        waiter, repeated = self._waiter, self._doors.repeated
        between = waiter is not None and not waiter.done() and self._head_bytes == 0
        if repeated is None or not between or self._send_timer is not None or self._link is None:
            return False
        found = repeated.find(data)
        if not isinstance(found, Answer):
            self.question = found
            return False
        self._next_keepalive_close_time = self._loop.time() + self._keepalive_timeout
        self._link.write(found.before + rfc822_formatted_time().encode() + found.after)
        return True

    def pause_writing(self) -> None:
        """Begin to wait for a visitor who does not take what is sent."""
        super().pause_writing()
        if self._link is not None:
            self._send_timer = self._loop.call_later(self._doors.limits.send_seconds, self._link.abort)

    def resume_writing(self) -> None:
        """All that was waiting has been taken."""
        super().resume_writing()
        self._end_of_wait()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002 - it repeats what was sent
    ) -> web.StreamResponse:
        """Answer what could not even be read, and repeat nothing of it, here or in the log.

        Raises:
            ConnectionError: an answer has begun already.
        """
        if request.writer.output_size > 0:
            raise ConnectionError("an answer has begun already")
        found = (
            HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE if isinstance(exc, LineTooLong) else HTTPStatus(status)
        )
        if found >= HTTPStatus.INTERNAL_SERVER_ERROR:
            log.error("request_failed", exc_info=exc)
        else:
            log.info("request_unreadable", extra={"status": found, "reason": type(exc).__name__})
        answer = web.Response(
            status=found, body=_problem(found), headers=self._doors.headers, content_type=_PROBLEM
        )
        answer.force_close()
        return answer

    def _refuse(self, status: HTTPStatus) -> None:
        """Say why and hang up; nothing is being handled now."""
        if self.transport is not None:
            log.info("connection_ended", extra={"status": status})
            self.transport.write(self._raw(status))
            self.force_close()

    def _raw(self, status: HTTPStatus) -> bytes:
        body = _problem(status)
        headers = dict(self._doors.headers) | {
            hdrs.CONTENT_TYPE: _PROBLEM,
            hdrs.CONTENT_LENGTH: str(len(body)),
            hdrs.CONNECTION: "close",
        }
        if status is HTTPStatus.SERVICE_UNAVAILABLE:
            headers[hdrs.RETRY_AFTER] = "60"
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"HTTP/1.1 {status.value} {status.phrase}\r\n{lines}\r\n".encode() + body

    def _end_of_head(self) -> None:
        self._head_bytes = 0
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _end_of_wait(self) -> None:
        if self._send_timer is not None:
            self._send_timer.cancel()
            self._send_timer = None


def keep_answer(repeated: Repeated, request: web.Request, response: web.StreamResponse) -> None:
    """Keep an answer that is about to be sent, where its handler says that it may be repeated."""
    connection = request.protocol
    if not isinstance(connection, Connection) or connection.question is None:
        return
    if isinstance(response, web.Response) and request.get(REPEATABLE, False):
        answer = as_sent(request, response)
        if answer is not None:
            repeated.keep(connection.question, answer)


_PROBLEM = "application/problem+json"


def _problem(status: HTTPStatus) -> bytes:
    """Return a problem document (RFC 9457): nobody knows what such a reader would have accepted."""
    return json.dumps({"type": "about:blank", "title": status.phrase, "status": status.value}).encode()
