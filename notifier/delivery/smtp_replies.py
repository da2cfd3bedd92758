"""The replies of a mail server, read from bytes that may be cut anywhere (RFC 5321 §4.2). Pure."""

from typing import NamedTuple

LONGEST_LINE = 8_192
LONGEST_REPLY = 32_768
"""Bytes. RFC 5321 §4.5.3.1.5 allows lines of 512; a server that writes without end must not fill memory."""

_MORE = ord("-")


class Reply(NamedTuple):
    """One reply: its code, and its words, which have a line feed between lines."""

    code: int
    text: str


class NoReplyError(ValueError):
    """What the server sent is no SMTP reply."""


class Replies:
    """Collects what was received, and gives replies as they become whole."""

    def __init__(self) -> None:
        self._rest = b""
        self._begun: list[bytes] = []  # the lines so far of a reply that has more

    def feed(self, data: bytes) -> list[Reply]:
        """Return the replies that `data` makes whole, in their order.

        Raises:
            NoReplyError: a line has no code, or lines or replies are longer than any server needs.
        """
        lines = (self._rest + data).split(b"\n")
        self._rest = lines.pop()
        if len(self._rest) > LONGEST_LINE:
            raise NoReplyError("the answer has a line without end")
        return [reply for line in lines if (reply := self._line(line)) is not None]

    def _line(self, line: bytes) -> Reply | None:
        code = line[:3]
        if not code.isdigit() or len(code) < 3 or len(line) > LONGEST_LINE or line[3:4] not in b" -\r":
            raise NoReplyError(f"unexpected answer: {_words(line[:LONGEST_LINE])}")
        if len(line) > 3 and line[3] == _MORE:
            self._begun.append(line[4:])
            if sum(map(len, self._begun)) > LONGEST_REPLY:
                raise NoReplyError("the answer has no end")
            return None
        words = line[4:]
        if self._begun:
            words = b"\n".join([one.strip() for one in (*self._begun, words)])
            self._begun.clear()
        return Reply(int(code), _words(words))


def _words(raw: bytes) -> str:
    return raw.strip().decode("utf-8", "surrogateescape")
