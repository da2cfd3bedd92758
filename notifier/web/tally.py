"""What the web counts of itself, plainly; `metrics.py` shows it."""

from collections import Counter
from dataclasses import dataclass, field

from aiohttp import web


@dataclass(slots=True)
class WebTally:
    """Answers by the template of their route and their status; `repeated` of them came from memory."""

    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    repeated: int = 0

    def count(self, request: web.Request, response: web.StreamResponse) -> None:
        """Count an answer that is about to be sent."""
        self.answers[route_of(request), response.status] += 1


def route_of(request: web.Request) -> str:
    """Return the template of the route that answers, "none" where nothing is served.

    Never the address itself: it may hold a token.
    """
    resource = request.match_info.route.resource
    return "none" if resource is None else resource.canonical
