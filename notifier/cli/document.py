"""The document that `notifier import` is given: a file, standard input or a web address, read once."""

import asyncio
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from importlib.metadata import version
from pathlib import Path

from notifier.procedures.model import Snapshot
from notifier.settings import Settings
from notifier.sources.errors import SourceError
from notifier.sources.fetching.fetcher import Asking, Fetcher, FetchError, Limits, Moved, Page, user_agent
from notifier.sources.folder import Folder
from notifier.sources.folder_watch import folder_of
from notifier.sources.intake import Origin
from notifier.sources.nice.redirect import published_address
from notifier.sources.reading import LARGEST, read_document
from notifier.sources.records import Records
from notifier.sources.reference import REFERENCE, is_reference
from notifier.sources.web_source import WebSource, web_source_of

STANDARD_INPUT = "-"

BY_HAND = "pages"
"""The key of everything that is imported by hand; its first load is silent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What was read, and who speaks in it."""

    records: Records
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be imported: a path, "-" or an address; the options say what the document leaves out."""

    place: str
    reference: str | None = None
    title: str | None = None
    read_at: datetime | None = None


def open_document(wanted: Wanted, settings: Settings, *, now: datetime) -> Document:
    """Read what is wanted.

    Raises:
        SourceError: it cannot be had, or nothing of it can be read.
        FetchError: its server does not give it.
    """
    reference = wanted.reference
    if reference is not None and not is_reference(reference):
        raise SourceError(file="--reference", line=None, found=reference, expected=REFERENCE)
    source = _configured(wanted.place, settings)
    name, content = _content(wanted.place, source, settings)
    records = read_document(
        content,
        name=name,
        reference=reference or (source.reference if source else None),
        address=wanted.place if _is_address(wanted.place) else None,
        zone=settings.times.tz,
        today=_today(settings, now),
        shape=source.shape if source else None,
    )
    if wanted.title:
        records = _titled(records, wanted.title.strip(), name)
    return Document(records=records, origin=_origin(wanted, records.snapshots, source, settings, now))


def _today(settings: Settings, now: datetime) -> date:
    return now.astimezone(settings.times.tz).date()


def _is_address(place: str) -> bool:
    return place.startswith(("https://", "http://"))


def _configured(place: str, settings: Settings) -> WebSource | None:
    """Return the watched source at this address: what is imported from there is that source's word."""
    found = (one for each in settings.sources if (one := web_source_of(each)) is not None)
    return next((one for one in found if one.url == place), None)


def _content(place: str, source: WebSource | None, settings: Settings) -> tuple[str, bytes]:
    """Return what errors call it, and its bytes: no more of them than are read anyway."""
    if place == STANDARD_INPUT:
        return "standard input", sys.stdin.buffer.read(LARGEST + 1)
    if _is_address(place):
        page = asyncio.run(_fetch(place, source.headers if source else (), settings))
        return page.url, page.content
    try:
        with Path(place).open("rb") as file:
            return place, file.read(LARGEST + 1)
    except (OSError, ValueError) as error:  # ValueError: a path with a null character
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise SourceError(file=place, line=None, found=None, expected=f"a readable file ({reason})") from None


async def _fetch(url: str, headers: tuple[tuple[str, str], ...], settings: Settings) -> Page:
    service = settings.service
    if service is None:
        expected = "[service] in the settings: whoever asks a web server says who asks, and where to complain"
        raise SourceError(file=url, line=None, found=None, expected=expected)
    agent = user_agent(version=version("notifier"), public_url=service.public_url, contact=service.contact)
    async with Fetcher(Limits.of(settings.watching), user_agent=agent) as fetcher:
        answer = await fetcher.get(Asking(url=url, headers=headers))
    if isinstance(answer, Page):
        return answer
    if isinstance(answer, Moved):
        raise _elsewhere(url, answer.location)
    raise FetchError(f"{url} says that nothing changed, though it was never read")


def _elsewhere(url: str, location: str) -> SourceError:
    """Explain a redirect, which is never followed to another page."""
    product = published_address(url, location)
    if product is None:
        expected = "the page itself, and it leads elsewhere"
        return SourceError(file=url, line=None, found=None, expected=expected, probably=location)
    expected = (
        f"the page of a project in development, and it leads to guidance that is published, "
        f"{product.reference} at {product.address}; to say that it is published, use `notifier procedure "
        "confirm`"
    )
    return SourceError(file=url, line=None, found=None, expected=expected)


def _titled(records: Records, title: str, name: str) -> Records:
    if len(records.snapshots) != 1:
        expected = f"one procedure for one title, and {name} holds {len(records.snapshots)}"
        raise SourceError(file="--title", line=None, found=None, expected=expected)
    (only,) = records.snapshots
    return replace(records, snapshots=(replace(only, facts=replace(only.facts, title=title)),))


def _origin(
    wanted: Wanted,
    snapshots: Sequence[Snapshot],
    source: WebSource | None,
    settings: Settings,
    now: datetime,
) -> Origin:
    actor = "import of standard input"
    if wanted.place != STANDARD_INPUT:
        actor = f"import of {source.name if source else wanted.place.partition('?')[0].rpartition('/')[2]}"
    # Nobody knows when a file was saved; what it says is the operator's word then.
    read_at = now if _is_address(wanted.place) else wanted.read_at
    if source is not None:
        living = frozenset(_living(settings))
        return Origin(
            key=source.key,
            actor=actor,
            by_body=True,
            page_read_at=read_at,
            watched=True,
            fetched=True,
            living=living,
        )
    # Only the format of operators can say whether something is a draft; nobody else's page does.
    by_operator = any(one.draft is not None for one in snapshots)
    if by_operator and wanted.read_at is not None:
        expected = "nothing here: it tells when a page of the body was saved, and this was written by hand"
        raise SourceError(file="--read-at", line=None, found=None, expected=expected)
    return Origin(
        key=BY_HAND,
        actor=actor,
        by_body=not by_operator,
        page_read_at=None if by_operator else read_at,
    )


def _living(settings: Settings) -> Iterator[str]:
    """Give the keys of all that a server with these settings watches (`Origin.living`)."""
    folders = [Folder(path=settings.procedures.folder)]
    for each in settings.sources:
        web, folder = web_source_of(each), folder_of(each)
        if web is not None:
            yield web.key
        if folder is not None:
            folders.append(folder[0])
    for one in folders:
        if one.path.is_dir():
            yield from (one.file_key(path) for path in one.path.iterdir() if path.suffix in one.suffixes)
