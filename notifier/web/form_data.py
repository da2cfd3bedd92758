"""What a form sent, as plain text by name."""

from collections.abc import Mapping

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

# A body that is not what its type says: aiohttp has no one error for it.
_BROKEN = (
    ValueError,
    LookupError,
    AssertionError,
    RuntimeError,
    HttpProcessingError,
    web.RequestPayloadError,
)


async def read_form(request: web.Request) -> Mapping[str, str]:
    """Return the fields of a form, urlencoded or multipart; of a repeated one the first. Files are ignored.

    Raises:
        web.HTTPBadRequest: the body is broken or in an unknown character set.
        web.HTTPRequestEntityTooLarge: it is larger than any form here.
    """
    try:
        posted = await request.post()
    except _BROKEN as error:
        raise web.HTTPBadRequest from error
    fields: dict[str, str] = {}
    for name, value in posted.items():
        if isinstance(value, str):
            fields.setdefault(name, value)
    return fields
