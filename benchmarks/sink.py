"""A mail server that keeps nothing but who got which Message-ID, how often, and when each first one began.

It offers PIPELINING (RFC 2920) and answers a group of commands in one write, so that a sender is not held up;
aiosmtpd, which the tests use, does not. A mail counts once its final dot was read: the sender may die before
it reads our 250.
"""

import asyncio
import re
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_END = b"\r\n.\r\n"
_MESSAGE_ID = re.compile(rb"^message-id:[ \t\r\n]*(<[^>\r\n]*>)", re.IGNORECASE | re.MULTILINE)
_PATH = re.compile(rb"<([^>]*)>")
_EHLO = b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250 SMTPUTF8\r\n"


class Sink:
    """Takes everything from everybody."""

    def __init__(self) -> None:
        self.mails: Counter[tuple[str, str]] = Counter()
        """How often each recipient got each Message-ID."""
        self.begun: dict[str, float] = {}
        """When (seconds of `time.time`) the first byte of the first mail to somebody came."""
        self.told: set[str] = set()
        """Everybody who has a mail."""
        self.port = 0

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["Sink"]:
        """Take mail while the block lasts."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: _Session(self), "127.0.0.1", 0, backlog=1_024)
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            yield self

    def take(self, recipient: str, content: bytes, began: float) -> None:
        """Count a mail."""
        found = _MESSAGE_ID.search(content, 0, content.find(b"\r\n\r\n") + 2)
        self.mails[recipient, found.group(1).decode() if found else ""] += 1
        self.told.add(recipient)
        self.begun.setdefault(recipient, began)


class _Session(asyncio.Protocol):
    """One connection (RFC 5321), as lax as a sink may be: only the order of commands is judged."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._read = bytearray()
        self._searched = 0
        self._in_body = False
        self._began = 0.0
        self._has_sender = False
        self._recipients: list[str] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(b"220 sink ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        self._read += data
        replies = bytearray()
        while (reply := self._body() if self._in_body else self._command()) is not None:
            replies += reply
            if reply.startswith(b"221"):
                self._transport.write(bytes(replies))
                self._transport.close()
                return
        if replies:
            self._transport.write(bytes(replies))

    def _body(self) -> bytes | None:
        # What was searched before ends up to four bytes before an end that is only now whole.
        end = self._read.find(_END, max(0, self._searched - len(_END) + 1))
        if end < 0:
            self._searched = len(self._read)
            return None
        content = bytes(self._read[: end + 2])
        del self._read[: end + len(_END)]
        for recipient in self._recipients:
            self._sink.take(recipient, content, self._began)
        self._reset()
        return b"250 2.0.0 Taken\r\n"

    def _command(self) -> bytes | None:
        end = self._read.find(b"\r\n")
        if end < 0:
            return None
        line = bytes(self._read[:end])
        # The line break before a body belongs to its end mark: a body may be empty.
        verb = line[:4].upper()
        answer = self._answer(verb, line)
        del self._read[: end if self._in_body else end + 2]
        return answer

    def _answer(self, verb: bytes, line: bytes) -> bytes:
        if verb == b"MAIL":
            self._reset()
            self._has_sender, self._began = True, time.time()
            return b"250 2.1.0 Ok\r\n"
        if verb == b"RCPT":
            if not self._has_sender:
                return b"503 5.5.1 MAIL first\r\n"
            path = _PATH.search(line)
            self._recipients.append(path.group(1).decode() if path else "")
            return b"250 2.1.5 Ok\r\n"
        if verb == b"DATA":
            if not self._recipients:
                return b"503 5.5.1 RCPT first\r\n"
            self._in_body, self._searched = True, 0
            return b"354 Go ahead\r\n"
        return self._other(verb)

    def _other(self, verb: bytes) -> bytes:
        if verb == b"EHLO":
            return _EHLO
        if verb == b"RSET":
            self._reset()
        if verb == b"QUIT":
            return b"221 2.0.0 Bye\r\n"
        return b"250 2.0.0 Ok\r\n" if verb in (b"HELO", b"RSET", b"NOOP") else b"502 5.5.2 Unknown\r\n"

    def _reset(self) -> None:
        self._in_body, self._has_sender, self._searched = False, False, 0
        self._recipients = []
