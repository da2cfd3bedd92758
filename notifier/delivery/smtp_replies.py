"""The replies of a mail server, read from bytes that may be cut anywhere (RFC 5321 §4.2). Pure."""

LONGEST_LINE = 8_192
LONGEST_REPLY = 32_768
"""Bytes. RFC 5321 §4.5.3.1.5 allows lines of 512; a server that writes without end must not fill memory."""

Reply = tuple[int, bytes]
"""A code, and the words as they came, with line feeds between lines; most are never read (`words`)."""

_CODES = {b"%03d " % code: code for code in range(1_000)}
"""How a line begins that is a whole reply."""


class NoReplyError(ValueError):
    """What the server sent is no SMTP reply."""


class Replies:
    """Collects what was received, and gives replies as they become whole."""

    def __init__(self) -> None:
        self._rest = b""
        self._begun: list[bytes] = []  # the lines so far of a reply that has more
        self.broken: NoReplyError | None = None
        """What came behind the last whole replies, if that was none."""

    @property
    def unread(self) -> bool:
        """Whether a reply has begun to come and is not whole."""
        return bool(self._rest or self._begun)

    def feed(self, data: bytes) -> list[Reply]:
        """Return the replies that `data` makes whole, in their order.

        Replies that came whole count, whatever is behind them: see `broken`.

        Raises:
            NoReplyError: a line has no code, or lines or replies are longer than any server needs.
        """
        lines = (self._rest + data).split(b"\n") if self._rest else data.split(b"\n")
        self._rest = lines.pop()
        found: list[Reply] = []
        try:
            for line in lines:
                code = _CODES.get(line[:4])
                if code is None or self._begun or len(line) > LONGEST_LINE:
                    self._unusual(line, found)
                else:
                    found.append((code, line[4:]))
            if len(self._rest) > LONGEST_LINE:
                raise NoReplyError("the answer has a line without end")
        except NoReplyError as error:
            if not found:
                raise
            self.broken = error
        return found

    def _unusual(self, line: bytes, found: list[Reply]) -> None:
        """Take in a line that is not a whole reply of the usual form."""
        code, mark = line[:3], line[3:4]
        if not code.isdigit() or len(code) < 3 or mark not in b" -\r" or len(line) > LONGEST_LINE:
            raise NoReplyError(f"unexpected answer: {words(line[:LONGEST_LINE])}")
        self._begun.append(line[4:].strip())
        if sum(map(len, self._begun)) > LONGEST_REPLY:
            raise NoReplyError("the answer has no end")
        if mark != b"-":
            found.append((int(code), b"\n".join(self._begun)))
            self._begun.clear()


def words(raw: bytes) -> str:
    """Return the words of a reply as text."""
    return raw.strip().decode("utf-8", "surrogateescape")
