"""The body of an answer: whole, of a kind that can be read, and never larger than allowed."""

import zlib

from aiohttp import ClientResponse, hdrs

from notifier.sources.fetching.answers import FetchError, shown

_TYPES = frozenset(
    {
        "application/json",
        "application/octet-stream",  # what many servers call a file whose ending they do not know
        "application/toml",
        "text/csv",
        "text/html",
        "text/markdown",
        "text/plain",
    }
)

ACCEPT = "text/html, application/json, text/markdown, text/csv, application/toml, text/plain;q=0.9, */*;q=0.1"

_GZIP = 16 + zlib.MAX_WBITS
_STEP = 1_000_000
"""Bytes. So much is decompressed at once, since a megabyte can hold a gigabyte."""


async def read_body(response: ClientResponse, *, url: str, largest: int) -> bytes:
    """Return the body of `response`, decompressed, of 1 to `largest` bytes.

    The session must not decompress by itself, since only the decompressed size can be limited.

    Raises:
        FetchError: it is empty, too large, of another kind or in another coding, or its gzip is broken.
        aiohttp.ClientError: it broke off, also before its Content-Length.
    """
    if response.content_type not in _TYPES and not response.content_type.endswith("+json"):
        raise FetchError(f"{shown(url)} sent {response.content_type[:60]!a}, which holds no schedule")
    coding = response.headers.get(hdrs.CONTENT_ENCODING, "identity").strip().lower()
    unpack = _Unpacking(largest) if coding in {"gzip", "x-gzip"} else None
    if unpack is None and coding not in {"identity", ""}:
        raise FetchError(f"{shown(url)} sent {coding[:40]!a}, a coding that was not asked for")
    try:
        content = await _collect(response, unpack, largest)
    except _TooLargeError:
        raise FetchError(f"{shown(url)} sent more than {largest:,} bytes") from None
    except zlib.error:
        raise FetchError(f"{shown(url)} sent a page whose gzip is broken") from None
    if not content or content.isspace():
        raise FetchError(f"{shown(url)} sent an empty page")
    return content


class _TooLargeError(Exception):
    """There is more than was allowed."""


async def _collect(response: ClientResponse, unpack: "_Unpacking | None", largest: int) -> bytes:
    if (response.content_length or 0) > largest:
        raise _TooLargeError
    content = bytearray()
    received = 0
    async for chunk in response.content.iter_any():
        received += len(chunk)
        if received > largest:  # also of gzip, which can be large and hold nothing
            raise _TooLargeError
        content += chunk if unpack is None else unpack.feed(chunk)
    if unpack is not None:
        unpack.finish()
    return bytes(content)


class _Unpacking:
    """Gunzips piece by piece (RFC 1952, also several members) up to a limit."""

    def __init__(self, largest: int) -> None:
        self._left = largest
        self._member = zlib.decompressobj(_GZIP)

    def feed(self, piece: bytes) -> bytes:
        """Return what `piece` adds.

        Raises:
            _TooLargeError: all together is more than allowed.
            zlib.error: it is not gzip.
        """
        content = bytearray()
        while piece:
            if self._member.eof:
                self._member = zlib.decompressobj(_GZIP)
            content += self._member.decompress(piece, _STEP)
            if len(content) > self._left:
                raise _TooLargeError
            piece = self._member.unconsumed_tail or self._member.unused_data
        self._left -= len(content)
        return bytes(content)

    def finish(self) -> None:
        """Raise `zlib.error` unless the last member came to its end."""
        if not self._member.eof:
            raise zlib.error("incomplete")
