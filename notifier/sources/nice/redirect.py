"""What a redirect means: the same page by another spelling, guidance published, or neither. PURE.

A redirect is a word of the server, not an order: pages of withdrawn projects lead to front pages, and pages
behind a login lead to its form. None of these may be read in place of the schedule.
"""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, urljoin, urlsplit

_IN_DEVELOPMENT = re.compile(r"/guidance/[a-z-]+/gid-[a-z]+[0-9]+(/[a-z]+)?/?", re.IGNORECASE)
"""NICE's page of a project: /guidance/indevelopment/gid-ipg10158, or under another word for its stage."""

_PRODUCT = re.compile(r"/guidance/(?P<reference>[a-z]{2,4}[0-9]{1,5})/?", re.IGNORECASE)
"""NICE's page of published guidance, such as /guidance/ipg749."""

_PORTS = {"http": 80, "https": 443}

_LEFT_AS_WRITTEN = "!#$%&'()*+,/:;=?@[]~"
"""What may stand in an address beside letters, digits, "-", "." and "_" (RFC 3986 §2.2), and "%"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """The guidance that came out of a project."""

    reference: str
    """As NICE writes it: "IPG749"."""
    address: str
    """Its canonical address: https, without query and fragment."""


def absolute(asked: str, location: str) -> str | None:
    """Return the `location` of an answer to `asked` as an absolute address of ASCII without fragment.

    None where it is no address (RFC 9110 §10.2.2 allows any reference). Bytes outside ASCII, which many
    servers send, are percent-encoded as RFC 3987 §3.1 has it.
    """
    try:
        encoded = quote(location.strip().encode("utf-8", "surrogateescape"), safe=_LEFT_AS_WRITTEN)
        parts = urlsplit(urljoin(asked, encoded))
        return parts._replace(fragment="").geturl() if parts.hostname and _port(parts) else None
    except ValueError:
        return None


def is_same_page(asked: str, location: str) -> bool:
    """Return whether an absolute `location` is the page `asked` for, spelt as its server prefers.

    The host may gain or lose "www.", http may become https on the usual ports (never the other way), and the
    path may differ in letter case and a slash at its end. The query is part of the name.
    """
    try:
        old, new = urlsplit(asked), urlsplit(location)
        return (
            "@" not in new.netloc
            and site(asked) == site(location)
            and _may_replace(old, new)
            and _path(old) == _path(new)
            and old.query == new.query
        )
    except ValueError:
        return False


def published_address(asked: str, location: str) -> Product | None:
    """Return the product that NICE's page of a project now leads to; None for any other `location`.

    Front pages, logins, error pages and other hosts say nothing about publication.
    """
    there = absolute(asked, location)
    if there is None or site(asked) != site(there):
        return None
    old, new = urlsplit(asked), urlsplit(there)
    found = _PRODUCT.fullmatch(new.path)
    if found is None or not _IN_DEVELOPMENT.fullmatch(old.path) or "@" in new.netloc:
        return None
    port = "" if _port(new) == _PORTS.get(new.scheme) else f":{_port(new)}"
    reference = found["reference"]
    address = f"https://{new.hostname}{port}/guidance/{reference.lower()}"
    return Product(reference=reference.upper(), address=address)


def is_same_project(asked: str, location: str) -> bool:
    """Return whether an absolute `location` is NICE's page of the project `asked` for, at another stage.

    As work goes on, "/guidance/awaiting-development/gid-…" leads to "/guidance/indevelopment/gid-…".
    """
    try:
        old, new = urlsplit(asked), urlsplit(location)
        same_site = site(asked) == site(location) and "@" not in new.netloc and _may_replace(old, new)
    except ValueError:
        return False
    both = _IN_DEVELOPMENT.fullmatch(old.path) and _IN_DEVELOPMENT.fullmatch(new.path)
    return bool(same_site and both and _project(old) == _project(new))


def _project(parts: SplitResult) -> str:
    return parts.path.split("/")[3].lower()


def site(address: str) -> str:
    """Return the host of an absolute address in small letters without "www."; empty where it names none.

    Raises:
        ValueError: it is no address.
    """
    return (urlsplit(address).hostname or "").removeprefix("www.")


def _may_replace(old: SplitResult, new: SplitResult) -> bool:
    if old.scheme == new.scheme:
        return _port(old) == _port(new)
    return (old.scheme, _port(old), new.scheme, _port(new)) == ("http", 80, "https", 443)


def _path(parts: SplitResult) -> str:
    return parts.path.rstrip("/").lower()


def _port(parts: SplitResult) -> int | None:
    return parts.port or _PORTS.get(parts.scheme)
