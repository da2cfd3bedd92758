"""A body's website on loopback: project pages and records that change while a service watches them.

It is a polite server: it says by ETag which content it shows, and answers 304 to whoever has it (RFC 9110
§13.1.2). Everything on its pages is invented but the dates of IP1783.
"""

import hashlib
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus

from aiohttp import web

from tests.sources.nice.page_layouts import Page, Rows, html_tables

PROJECT = "/guidance/indevelopment/gid-ipg10158"
"""Where the page of IP1783 is; its last part is the reference."""
PRODUCT = "/guidance/ipg749"
"""Where its guidance is once it is published."""
OPEN_NOW = "/api/open-consultations.json"
"""The list of the consultations that are open."""

TITLE = "Radiofrequency ablation for palliation of painful spinal metastases"
MEETING = ("IPAC 1", "08 September 2022")
CONSULTATION = ("Interventional procedure consultation", "14 October 2022 - 11 November 2022")
SECOND = ("IPAC 2", "12 January 2023")
PUBLICATION = ("Expected publication", "29 March 2023")
SCHEDULE: Rows = (MEETING, CONSULTATION, SECOND, PUBLICATION)


def project_page(*rows: tuple[str, str], status: str = "In progress", timeline: Rows = ()) -> str:
    """Return the page of IP1783 with this schedule, status and timeline; by default as first published."""
    return html_tables(
        Page(
            title=TITLE,
            standing="In development [GID-IPG10158]",
            facts=(
                ("Status", status),
                ("Technology type", "Procedure"),
                ("Process", "IP"),
                ("ID number", "1783"),
            ),
            schedule=rows or SCHEDULE,
            timeline=timeline,
        )
    )


def open_consultation(start: str, end: str) -> str:
    """Return the list of open consultations with that of IP1783; the days are ISO dates."""
    record = {
        "Reference": "GID-IPG10158",
        "Title": TITLE,
        "ConsultationName": "Draft guidance",
        "StartDate": f"{start}T00:00:00",
        "EndDate": f"{end}T17:00:00",
        "Process": "IP",
    }
    return json.dumps({"_embedded": {"nice.indev:inconsultation-product": [record]}})


@dataclass(frozen=True, kw_only=True)
class _Answer:
    status: int
    content: bytes
    content_type: str
    location: str | None = None

    @property
    def etag(self) -> str:
        return f'"{hashlib.sha256(self.content).hexdigest()[:16]}"'


@dataclass
class WebBody:
    """What is at which path now, and what was asked and answered."""

    port: int = 0
    answered: list[tuple[str, int]] = field(default_factory=list)
    """Path and status of every answer, in order."""
    _answers: dict[str, _Answer] = field(default_factory=dict)

    def url(self, path: str = PROJECT) -> str:
        """Return the address of a path."""
        return f"http://127.0.0.1:{self.port}{path}"

    def show(self, page: str, *, at: str = PROJECT) -> None:
        """Show this content from now on."""
        kind = "application/json" if at.endswith(".json") else "text/html"
        self._answers[at] = _Answer(status=HTTPStatus.OK, content=page.encode(), content_type=kind)

    def fail(self, status: int, *, at: str = PROJECT) -> None:
        """Answer with an error page from now on."""
        page = f"<html><body><h1>{HTTPStatus(status).phrase}</h1><p>Please try again later.</p></body></html>"
        self._answers[at] = _Answer(status=status, content=page.encode(), content_type="text/html")

    def lead_to(self, location: str, *, at: str = PROJECT) -> None:
        """Redirect from now on."""
        self._answers[at] = _Answer(
            status=HTTPStatus.MOVED_PERMANENTLY, content=b"", content_type="text/html", location=location
        )

    def statuses(self, path: str = PROJECT) -> Sequence[int]:
        """Return the status of every answer at a path, in order."""
        return [status for asked, status in self.answered if asked == path]

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer as told."""
        found = self._answers.get(request.path)
        if found is None:
            found = _Answer(status=HTTPStatus.NOT_FOUND, content=b"", content_type="text/html")
        response = self._response(found, request)
        self.answered.append((request.path, response.status))
        return response

    def _response(self, found: _Answer, request: web.BaseRequest) -> web.Response:
        if found.location is not None:
            return web.Response(status=found.status, headers={"Location": found.location})
        if found.status != HTTPStatus.OK:
            return web.Response(status=found.status, body=found.content, content_type=found.content_type)
        headers = {"ETag": found.etag}
        if request.headers.get("If-None-Match") == found.etag:
            return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
        return web.Response(body=found.content, content_type=found.content_type, headers=headers)


@asynccontextmanager
async def running_body() -> AsyncIterator[WebBody]:
    """Run the website while the block lasts; it shows IP1783 as first published."""
    body = WebBody()
    body.show(project_page())
    runner = web.ServerRunner(web.Server(body.answer), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    body.port = runner.addresses[0][1]
    try:
        yield body
    finally:
        await runner.cleanup()
