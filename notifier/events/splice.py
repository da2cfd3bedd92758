"""Personal values spliced into mails that were encoded once.

A body is encoded as quoted-printable (RFC 2045 §6.7) in pieces that each end with a line break: a hard one,
or a soft one (`=` CRLF) that a reader removes. A value encoded the same way can then stand between two
pieces: no encoding is cut, no line grows too long, and filling a letter is joining bytes.
"""

import re
from binascii import b2a_qp
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from notifier.delivery.wire import END, stuffed

_FENCE = "~"  # a printable character that quoted-printable leaves as it is
_OPEN, _SHUT = "\ufdd0", "\ufdd1"  # no characters at all: `titles.clean` lets none through
_MARK = re.compile(f"{_OPEN}([a-z_]+){_SHUT}")

LONGEST_CODED_LINE = 76
"""Characters of a line of quoted-printable (RFC 2045 §6.7)."""

Encoder = Callable[[str], bytes]


class Hole(StrEnum):
    """A place for one person's value: in the headers within a line, in the two forms where a line begins."""

    RECIPIENT = "recipient"
    DATE = "date"
    MESSAGE_ID = "message_id"
    ONE_CLICK = "one_click"
    STOP_ADDRESS = "stop_address"
    WHY_TEXT = "why_text"
    WHY_HTML = "why_html"
    LINK_TEXT = "link_text"
    LINK_HTML = "link_html"

    @property
    def begins_line(self) -> bool:
        """Whether its value, encoded by `soft`, stands where a line begins and ends where one does."""
        return self in _OF_FORMS

    @property
    def mark(self) -> str:
        """What stands for the hole in a text that is not yet encoded."""
        return f"{_OPEN}{self.value}{_SHUT}"


_OF_FORMS = frozenset((Hole.WHY_TEXT, Hole.WHY_HTML, Hole.LINK_TEXT, Hole.LINK_HTML))


@dataclass(frozen=True, slots=True)
class Spliced:
    """Bytes with holes: `pieces[0] hole[0] pieces[1] … hole[n-1] pieces[n]`."""

    pieces: tuple[bytes, ...]
    holes: tuple[Hole, ...]

    def __add__(self, other: "Spliced") -> "Spliced":
        """Return both, one after the other."""
        seam = self.pieces[-1] + other.pieces[0]
        return Spliced((*self.pieces[:-1], seam, *other.pieces[1:]), self.holes + other.holes)

    def as_data(self) -> "Spliced":
        """Return a whole mail as DATA carries it; what begins a line in it must be filled in `stuffed`."""
        begins = (True, *(hole.begins_line for hole in self.holes))
        pieces = [
            stuffed(piece) if at_line else piece.replace(b"\r\n.", b"\r\n..")
            for piece, at_line in zip(self.pieces, begins, strict=True)
        ]
        return Spliced((*pieces[:-1], pieces[-1] + END), self.holes)


def marks_in(text: str) -> frozenset[str]:
    """Return the holes whose marks stand in a text that is not yet encoded."""
    return frozenset(_MARK.findall(text))


def plain(text: str) -> Spliced:
    """Cut `text` (headers, boundaries; lines already end with CRLF) at its marks."""
    return _cut(text, str.encode, str.encode)


def quoted_printable(text: str) -> Spliced:
    """Encode `text` (lines end with LF, the last one too) as quoted-printable, cut at its marks."""
    return _cut(text, soft, encoded)


def _cut(text: str, inner: Encoder, last: Encoder) -> Spliced:
    parts = _MARK.split(text)
    pieces = [inner(part) for part in parts[0:-1:2]]
    return Spliced((*pieces, last(parts[-1])), tuple(Hole(name) for name in parts[1::2]))


def encoded(text: str) -> bytes:
    """Return `text` as quoted-printable with CRLF and lines of at most `LONGEST_CODED_LINE` characters.

    A lone CR, which some servers take for the end of a line, becomes a blank.
    """
    return b2a_qp(text.replace("\r", " ").encode(), istext=True).replace(b"\n", b"\r\n")


def soft(text: str) -> bytes:
    """Return `text` as quoted-printable that ends where a line begins, so that anything can follow it."""
    if not text:
        return b""
    # The fence keeps the encoder from filling the last line to 76, and from rewriting a last blank.
    coded = encoded(text + _FENCE)[:-1]
    return coded if coded.endswith(b"\n") else coded + b"=\r\n"
