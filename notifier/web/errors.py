"""Errors, said once: a page for people, application/problem+json for programs (RFC 9457).

Nothing of an exception is ever shown: no trace, no text, no name.
"""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler
from sqlalchemy.exc import InterfaceError, OperationalError

from notifier.outage import first_line
from notifier.web.rendering import PAGES
from notifier.web.tally import route_of

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What people are told about one kind of error."""

    title: str
    advice: str


_TROUBLES = {
    400: Trouble(
        title="We could not read that",
        advice="What your browser sent was broken or incomplete. Go back, reload the page and try again.",
    ),
    403: Trouble(
        title="That form came from another website",
        advice="To protect people's mailboxes, we only take forms that were filled in here. "
        "Open the form on this website and try again.",
    ),
    404: Trouble(
        title="There is no such page",
        advice="Check the address, or search for what you are looking for.",
    ),
    405: Trouble(title="That cannot be done here", advice="Go to the first page and start from there."),
    408: Trouble(
        title="That took too long to arrive",
        advice="Perhaps your connection is slow or was lost. Go back and try again.",
    ),
    413: Trouble(title="That is too much text", advice="Go back, shorten what you typed and try again."),
    414: Trouble(
        title="That address is too long",
        advice="Check that the link was copied whole and alone, or start from the first page.",
    ),
    415: Trouble(
        title="We only read forms here",
        advice="Fill in the form on this website, or send the same fields as a form does.",
    ),
    421: Trouble(title="That is not our address", advice="Start from this service's own address."),
    429: Trouble(
        title="Too many people asked from your network",
        advice="To protect people's mailboxes, we take only so many from one place. Try again later.",
    ),
    500: Trouble(
        title="Something went wrong on our side",
        advice="It has been noted, and no alerts are lost by it. Please try again in a few minutes.",
    ),
    503: Trouble(
        title="We are too busy just now",
        advice="No alerts are lost by it. Please try again in a few minutes.",
    ),
}
_NO_DATABASE = Trouble(
    title="We cannot look that up just now",
    advice="Our database does not answer. No alerts are lost by it. Please try again in a few minutes.",
)
_OTHERWISE = Trouble(title="That did not work", advice="Go to the first page and start from there.")

RETRY_SECONDS = "60"
"""When somebody may ask again whom the database could not answer."""

_SAID_BY_HANDLERS = (web.HTTPNotFound, web.HTTPMisdirectedRequest, web.HTTPTooManyRequests)


@web.middleware
async def say_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every error into an answer that its reader can use."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return trouble_answer(request, error.status, _kept_headers(error), advice=_own_words(error))
    except (OperationalError, InterfaceError) as error:
        extra = {"method": request.method, "route": route_of(request), "why": first_line(error)}
        log.error("request_not_answered", extra=extra)  # no traceback: in an outage every request ends here
        return trouble_answer(request, 503, {hdrs.RETRY_AFTER: RETRY_SECONDS}, trouble=_NO_DATABASE)
    except Exception:
        # The address may hold a token, so only the route is noted.
        log.exception("request_failed", extra={"method": request.method, "route": route_of(request)})
        return trouble_answer(request, 500, {})


def trouble_answer(
    request: web.Request,
    status: int,
    headers: Mapping[str, str],
    *,
    advice: str | None = None,
    trouble: Trouble | None = None,
) -> web.Response:
    """Return the answer to an error in the form that the reader asked for.

    `trouble` is said if given, else what the table has for the status; `advice` in place of its advice.
    """
    trouble = trouble or _TROUBLES.get(status, _OTHERWISE)
    if advice is not None:
        trouble = replace(trouble, advice=advice)
    if wants_page(request.headers.get(hdrs.ACCEPT, "")):
        answer = request.app[PAGES].private("error", status=status, trouble=trouble)
    else:
        problem = {
            "type": "about:blank",
            "title": HTTPStatus(status).phrase,
            "status": status,
            "detail": advice or f"{trouble.title}.",
        }
        answer = web.Response(
            body=json.dumps(problem).encode(),
            status=status,
            content_type="application/problem+json",
            headers={hdrs.CACHE_CONTROL: "no-store"},
        )
    answer.headers.update(headers)
    answer.headers[hdrs.VARY] = hdrs.ACCEPT
    if status == HTTPStatus.REQUEST_TIMEOUT:
        answer.force_close()
    return answer


def wants_page(accept: str) -> bool:
    """Whether a reader is a browser: browsers name HTML, programs ask for JSON or for anything."""
    kinds = {part.partition(";")[0].strip().lower() for part in accept.split(",")}
    return "text/html" in kinds or "application/xhtml+xml" in kinds


def _own_words(error: web.HTTPException) -> str | None:
    """Return what a handler says of its own accord; all else is said by the table."""
    said = error.text or ""
    is_plain = said in ("", f"{error.status}: {error.reason}")
    return None if is_plain or not isinstance(error, _SAID_BY_HANDLERS) else said.strip()


def _kept_headers(error: web.HTTPException) -> Mapping[str, str]:
    """RFC 9110 demands Allow beside 405, and Retry-After helps beside others."""
    return {name: error.headers[name] for name in (hdrs.ALLOW, hdrs.RETRY_AFTER) if name in error.headers}
