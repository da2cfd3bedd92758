"""What the service says about itself: privacy, accessibility, contact, and the two files for programs."""

from datetime import timedelta

from aiohttp import web

from notifier.events.evidence import ENDS_AFTER
from notifier.events.proof.lifetimes import EVIDENCE_MONTHS, WORDS
from notifier.subscriptions.retention import ENDED, RAW, UNCONFIRMED
from notifier.subscriptions.undoing import UNDO_FOR
from notifier.subscriptions.unreachable import NO_MAILBOX
from notifier.web.keys import SITE
from notifier.web.rendering import PAGES

SECURITY_LASTS = timedelta(days=180)
"""RFC 9116 asks for less than a year."""


def routes() -> list[web.RouteDef]:
    """Return the routes of these pages and files."""
    return [
        web.get("/privacy", _privacy),
        web.get("/accessibility", _accessibility),
        web.get("/contact", _contact),
        web.get("/robots.txt", _robots),
        web.get("/.well-known/security.txt", _security),
    ]


async def _privacy(request: web.Request) -> web.Response:
    site = request.app[SITE]
    return request.app[PAGES].kept(
        request,
        "privacy",
        privacy_contact=site.service.privacy_contact,
        privacy_href=contact_uri(site.service.privacy_contact),
        unconfirmed=UNCONFIRMED.days,
        ended=ENDED.days,
        ends_after=ENDS_AFTER.days,
        hours=site.limits.link_hours,
        undo=UNDO_FOR.days,
        evidence=EVIDENCE_MONTHS,
        words=WORDS.days,
        raw=RAW.days,
        unreachable=NO_MAILBOX.days * 12 // 365,
    )


async def _accessibility(request: web.Request) -> web.Response:
    contact = request.app[SITE].service.contact
    return request.app[PAGES].kept(
        request, "accessibility", contact=contact, contact_href=contact_uri(contact)
    )


async def _contact(request: web.Request) -> web.Response:
    service = request.app[SITE].service
    return request.app[PAGES].kept(
        request,
        "contact",
        contact=service.contact,
        contact_href=contact_uri(service.contact),
        privacy_contact=service.privacy_contact,
        privacy_href=contact_uri(service.privacy_contact),
        postal=[line.strip() for line in service.postal_address.splitlines() if line.strip()],
    )


async def _robots(_: web.Request) -> web.Response:
    """Keep crawlers off endless searches. Personal links say "noindex" themselves, once they are read."""
    return web.Response(
        text="User-agent: *\nDisallow: /search\n", headers={"Cache-Control": "public, max-age=86400"}
    )


async def _security(request: web.Request) -> web.Response:
    """Say where a weakness can be reported (RFC 9116)."""
    site = request.app[SITE]
    expires = (site.clock.now() + SECURITY_LASTS).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = (
        f"Contact: {contact_uri(site.service.contact)}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en",
        f"Canonical: {site.service.public_url}/.well-known/security.txt",
    )
    return web.Response(text="\n".join(lines) + "\n", headers={"Cache-Control": "public, max-age=86400"})


def contact_uri(contact: str) -> str:
    """Return a contact from the settings as a link: a mail address, or a web address."""
    if contact.startswith(("https://", "http://", "mailto:")):
        return contact
    return f"mailto:{contact}" if "@" in contact else f"https://{contact}"
