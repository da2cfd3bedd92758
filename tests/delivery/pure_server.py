"""A mail server without sockets, which answers by a script and remembers what it took."""

from collections.abc import Mapping
from dataclasses import dataclass, field

YES = {"MAIL": "250 2.1.0 Ok", "RCPT": "250 2.1.5 Ok", "DATA": "354 Go on", ".": "250 2.0.0 Taken"}
HANG_UP = "hang up"
HANG_UP_AFTER_TAKING = "hang up after taking"


@dataclass
class PureServer:
    """Answers `script[recipient, verb]`, or yes. Follows RFC 5321 and 2920 to the letter otherwise."""

    script: Mapping[tuple[str, str], str]
    taken: list[tuple[str, str, bytes]] = field(default_factory=list)
    """Sender, recipient and content of each mail it is responsible for."""
    said_yes: list[str] = field(default_factory=list)
    """The recipients of mails whose acceptance it answered."""
    hung_up: bool = False
    most_bodies: int = 0
    _buffer: bytes = b""
    _sender: str | None = None
    _recipient: str | None = None
    _about: str = ""
    _in_data: bool = False

    def receive(self, data: bytes) -> bytes:
        """Take in what the client wrote. Return the answers."""
        self._buffer += data
        out = b""
        while not self.hung_up:
            if self._in_data:
                end = 0 if self._buffer.startswith(b".\r\n") else self._buffer.find(b"\r\n.\r\n") + 2
                if end == 1:
                    break
                content, self._buffer = self._buffer[:end], self._buffer[end + 3 :]
                self._in_data = False
                out += self._content(content)
            elif b"\r\n" in self._buffer:
                line, _, self._buffer = self._buffer.partition(b"\r\n")
                out += self._command(line.decode())
            else:
                break
        return out

    def _command(self, line: str) -> bytes:
        verb = line[:4]
        if verb == "RSET":
            self._sender = self._recipient = None
            return b"250 2.0.0 Ok\r\n"
        if verb == "MAIL":
            if self._sender is not None:
                return b"503 5.5.1 Nested MAIL\r\n"
            self._about = line[len("MAIL FROM:<bounces+") :].partition("@")[0] + "@example.org"
        if verb == "RCPT" and self._sender is None:
            return b"503 5.5.1 MAIL first\r\n"
        if verb == "DATA" and self._recipient is None:
            return self._say(self.script.get((self._about, "DATA without RCPT"), "503 5.5.1 RCPT first"))
        answer = self.script.get((self._about, verb), YES[verb])
        if answer[0] in "23":
            if verb == "MAIL":
                self._sender = line[len("MAIL FROM:<") : -1]
            elif verb == "RCPT":
                self._recipient = line[len("RCPT TO:<") : -1]
            else:
                self._in_data = True
        return self._say(answer)

    def _content(self, content: bytes) -> bytes:
        answer = self.script.get((self._about, "."), YES["."])
        sender, recipient = self._sender, self._recipient
        self._sender = self._recipient = None
        if recipient is None:
            return self._say(self.script.get((self._about, "lone dot"), "554 5.5.1 No valid recipients"))
        assert sender is not None
        if answer[0] == "2" or answer == HANG_UP_AFTER_TAKING:
            self.taken.append((sender, recipient, content))
        if answer[0] == "2":
            self.said_yes.append(recipient)
        return self._say(answer)

    def _say(self, answer: str) -> bytes:
        if answer in (HANG_UP, HANG_UP_AFTER_TAKING):
            self.hung_up = True
            return b""
        if answer.startswith("354"):
            self._in_data = True
        if answer.startswith("421"):
            self.hung_up = True
        return "".join(f"{part}\r\n" for part in answer.split("|")).encode()
