"""Answers that are repeated: many readers ask for the same feed in the same words while nothing changes.

The first is answered by the application; what it was sent is kept, and sent again to whoever asks the same
while the database is as it was. So a repeated answer differs from a made one in its Date alone. Everything
else that is asked goes the usual way.
"""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import hdrs, web

from notifier.web.tally import WebTally, route_of

KEPT_BYTES = 8 * 1024 * 1024
"""Room for questions and answers: thousands of 304s, or some hundred feeds."""

LONGEST_QUESTION = 4096
"""Bytes of a request that is looked at here; those of feed readers have a few hundred."""

REPEATABLE = web.RequestKey("repeatable", bool)
"""Set on a request by a handler whose answer depends on nothing but the question and the database."""

# Stricter than HTTP: what does not look like this is not refused, but read by those who know all of HTTP.
_PLAIN = re.compile(
    rb"GET /(?:feeds|calendar)/[A-Za-z0-9._-]{1,200} HTTP/1\.1\r\n"
    rb"(?:[A-Za-z0-9-]{1,40}: [\x21-\x7e][\x20-\x7e]*\r\n){1,40}\r\n"
)

# Lines that no answer to a feed depends on, each with the line feed before it: a fixed first byte is found
# fast. Any other line, known or not, makes another question.
_IDLE = re.compile(
    rb"\n(?i:user-agent|accept|accept-language|cache-control|pragma|cookie|dnt|from|referer|priority"
    rb"|forwarded|via|x-forwarded-(?:for|host|proto|port)|x-real-ip|x-request-id|traceparent"
    rb"|sec-[a-z-]+): [^\r]*\r(?=\n)"
)

_OF_A_BODY_OR_ANOTHER_PROTOCOL = (
    hdrs.CONTENT_LENGTH,
    hdrs.TRANSFER_ENCODING,
    hdrs.EXPECT,
    hdrs.UPGRADE,
)


@dataclass(frozen=True, slots=True)
class Question:
    """A request, less what no answer depends on, and the state of the database in which it was asked."""

    words: bytes
    version: int


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it was sent, in two parts with the value of Date between them."""

    before: bytes
    after: bytes
    counted: tuple[str, int]


class Repeated:
    """The answers that hold now. `version` returns a number of the database's state, None if unknown."""

    def __init__(self, version: Callable[[], int | None], tally: WebTally, *, room: int = KEPT_BYTES) -> None:
        self._read_version = version
        self._tally = tally
        self._room = room
        self._used = 0
        self._version: int | None = None
        self._looked = False
        self._answers: dict[bytes, Answer] = {}

    def find(self, data: bytes) -> Answer | Question | None:
        """Return the answer to a whole request, or what to keep one by; None for what is not kept here."""
        if len(data) > LONGEST_QUESTION or _PLAIN.fullmatch(data) is None:
            return None
        version = self._version_now()
        if version is None:
            return None
        words = _IDLE.sub(b"", data)
        found = self._answers.get(words)
        if found is None:
            return Question(words, version)
        self._tally.answers[found.counted] += 1
        self._tally.repeated += 1
        return found

    def keep(self, question: Question, answer: Answer) -> None:
        """Keep an answer; of too many the oldest go first.

        What was committed since the question is not in doubt: the version has grown by then.
        """
        if question.version != self._version or question.words in self._answers:
            return
        self._answers[question.words] = answer
        self._used += _size(question.words, answer)
        while self._used > self._room:
            words = next(iter(self._answers))
            self._used -= _size(words, self._answers.pop(words))

    def _version_now(self) -> int | None:
        """Ask once in each turn of the loop: what arrived together is answered from one state."""
        if not self._looked:
            self._looked = True
            asyncio.get_running_loop().call_soon(self._look_again)
            version = self._read_version()
            if version != self._version:
                self._version, self._used = version, 0
                self._answers.clear()
        return self._version

    def _look_again(self) -> None:
        self._looked = False


def as_sent(request: web.Request, response: web.Response) -> Answer | None:
    """Return an answer as aiohttp is about to write it (`http_writer`), open at its Date.

    None where something of the exchange is left to come, or the connection does not stay.
    """
    whole = request.keep_alive and response.keep_alive is not False and not request.body_exists
    if not whole or any(name in request.headers for name in _OF_A_BODY_OR_ANOTHER_PROTOCOL):
        return None
    lines = "".join(f"{name}: {value}\r\n" for name, value in response.headers.items())
    head = f"HTTP/1.1 {response.status} {response.reason}\r\n{lines}\r\n".encode()
    name, date = f"{hdrs.DATE}: ".encode(), response.headers[hdrs.DATE].encode()
    before, _, after = head.partition(name + date)
    body = response.body if isinstance(response.body, bytes) else b""
    return Answer(before + name, after + body, (route_of(request), response.status))


def _size(words: bytes, answer: Answer) -> int:
    return len(words) + len(answer.before) + len(answer.after)
