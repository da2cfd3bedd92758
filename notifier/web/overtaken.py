"""Two visitors at one thing in the same instant: on PostgreSQL the later is done again, after the first."""

import logging

from aiohttp import web
from aiohttp.typedefs import Handler
from sqlalchemy.exc import DBAPIError

from notifier.db import is_overtaken

log = logging.getLogger(__name__)


@web.middleware
async def try_again(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer a second time, from what the other transaction left; of the first nothing was written."""
    try:
        return await handler(request)
    except DBAPIError as error:
        if not is_overtaken(error):
            raise
    log.info("request_overtaken", extra={"method": request.method})
    return await handler(request)
