"""A mail as DATA carries it (RFC 5321 §4.5.2): CRLF only, leading dots doubled, a final dot. Pure."""

import re

END = b".\r\n"
"""The line that ends the data."""

_LINE_END = re.compile(rb"\r\n|\r|\n")


def data_of(content: bytes) -> bytes:
    """Return a mail as it goes over the wire.

    Lone CR and LF are made CRLF, so that no content can end the data early and smuggle in another mail.
    """
    lines = _LINE_END.sub(b"\r\n", content)
    if lines and not lines.endswith(b"\r\n"):
        lines += b"\r\n"
    return stuffed(lines) + END


def stuffed(lines: bytes) -> bytes:
    """Return whole lines, which end with CRLF, each leading dot doubled."""
    inner = lines.replace(b"\r\n.", b"\r\n..")
    return b"." + inner if inner.startswith(b".") else inner


def content_of(data: bytes) -> bytes:
    """Return the mail that `data` carries, as its reader gets it."""
    lines = data.removesuffix(END).replace(b"\r\n.", b"\r\n")
    return lines[1:] if lines.startswith(b".") else lines
