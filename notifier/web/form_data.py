"""What a form sent, as plain text by name."""

import asyncio
import re
from collections.abc import Mapping

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from notifier.web.keys import LIMITS

# A body that is not what its type says: aiohttp has no one error for it. Or its sender is gone.
_BROKEN = (
    ValueError,
    LookupError,
    AssertionError,
    RuntimeError,
    HttpProcessingError,
    web.RequestPayloadError,
    ConnectionError,
)

_URLENCODED = "application/x-www-form-urlencoded"
_TYPES = (_URLENCODED, "multipart/form-data")

_CHARSETS = ("utf-8", "utf8", "us-ascii")
"""What browsers send from pages in UTF-8; other names only lead to decoders that nobody has tried here."""

_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")

_NO_TEXT = ("\0", "\ufffd")
"""What no keyboard types; the second stands for bytes that are no UTF-8."""


async def read_form(request: web.Request) -> Mapping[str, str]:
    """Return the fields of a form, urlencoded or multipart. Files are ignored.

    Raises:
        web.HTTPBadRequest: the body is broken, in an unknown character set, or names a field twice.
        web.HTTPUnsupportedMediaType: it is no form.
        web.HTTPRequestEntityTooLarge: it is larger than any form here.
        web.HTTPRequestTimeout: it did not come in time.
    """
    if request.body_exists and request.content_type not in _TYPES:
        raise web.HTTPUnsupportedMediaType
    if (request.charset or _CHARSETS[0]).lower() not in _CHARSETS:
        raise web.HTTPBadRequest
    try:
        async with asyncio.timeout(request.app[LIMITS].body_seconds):
            posted = await request.post()
            escaped = await request.read() if request.content_type == _URLENCODED else b""
    except _BROKEN as error:
        raise web.HTTPBadRequest from error
    except TimeoutError as error:
        raise web.HTTPRequestTimeout from error
    fields = [(name, value) for name, value in posted.items() if isinstance(value, str)]
    once = dict(fields)
    odd = any(mark in text for field in fields for text in field for mark in _NO_TEXT)
    if odd or len(once) < len(fields) or _BROKEN_ESCAPE.search(escaped):
        raise web.HTTPBadRequest
    return once
