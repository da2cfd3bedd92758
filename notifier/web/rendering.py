"""Pages from templates: what every page needs beside its own words, and the answer it becomes."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import hdrs, web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from notifier.events.titles import clean
from notifier.events.wording import moment
from notifier.web.assets import Asset
from notifier.web.compression import coding_for, encoded
from notifier.web.keys import Site
from notifier.web.standing import site_line

_FOLDER = Path(__file__).parent / "templates"
_SMALL = 1024
"""Bytes; below it, compressing costs more than it saves."""


class Pages:
    """The templates of one application."""

    def __init__(self, site: Site, assets: Mapping[str, Asset]) -> None:
        self._site = site
        service = site.service
        # Links within the site begin with the path under which a proxy may have put it.
        self.base = urlsplit(service.public_url).path
        self._templates = Environment(
            loader=FileSystemLoader(_FOLDER),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._templates.globals.update(
            base=self.base,
            stylesheet=self.base + assets["site.css"].address,
            icon=self.base + assets["icon.svg"].address,
            service=service,
            body=clean(service.body),
            noun=service.topic_noun,
            nouns=f"{service.topic_noun}s",
        )

    def kept(self, request: web.Request, name: str, *, status: int = 200, **words: object) -> web.Response:
        """Return a page that browsers may keep if they ask again each time; compressed where welcome."""
        body = self._html(name, words)
        headers: dict[str, str] = {hdrs.CACHE_CONTROL: "no-cache", hdrs.VARY: hdrs.ACCEPT_ENCODING}
        if len(body) > _SMALL:
            coding = coding_for(request.headers.get(hdrs.ACCEPT_ENCODING))
            zipped = encoded(body, coding)
            if zipped is not body:
                headers[hdrs.CONTENT_ENCODING] = coding.value
            body = zipped
        return _response(body, status, headers)

    def private(self, name: str, *, status: int = 200, **words: object) -> web.Response:
        """Return a page about one person: nobody keeps it and no search engine lists it.

        It is not compressed, since it holds a secret beside what somebody typed (the BREACH attack).
        """
        headers: dict[str, str] = {hdrs.CACHE_CONTROL: "no-store", "X-Robots-Tag": "noindex"}
        return _response(self._html(name, words), status, headers)

    def _html(self, name: str, words: Mapping[str, object]) -> bytes:
        replayed = moment(self._site.clock.now(), self._site.rules.zone.key, weekdays=True)
        around: dict[str, object] = {
            "standing": site_line(self._site.service),
            "replayed": replayed if self._site.replay else None,
        }
        return self._templates.get_template(f"{name}.html").render({**around, **words}).encode()


def _response(body: bytes, status: int, headers: Mapping[str, str]) -> web.Response:
    return web.Response(body=body, status=status, content_type="text/html", charset="utf-8", headers=headers)


PAGES = web.AppKey("pages", Pages)
