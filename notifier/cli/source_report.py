"""How each source fares: when it was read, when it is asked again, what it speaks for, what is wrong."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.cli.document import BY_HAND
from notifier.procedures import source_store
from notifier.procedures import store as procedures
from notifier.procedures.source_store import WEB_PREFIX, KnownSource
from notifier.settings import Settings
from notifier.sources.fetching.answers import shown
from notifier.sources.folder import Folder
from notifier.sources.folder_watch import folder_of
from notifier.sources.web_source import web_source_of


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceReport:
    """One source. `place` is its address, without its query, or its folder; empty where nothing names it.

    `next_at` is None for a folder, which is looked into all the time, and for what is watched no more.
    `procedures` counts those for which it speaks.
    """

    name: str
    place: str
    configured: bool
    procedures: int = 0
    read_at: datetime | None = None
    next_at: datetime | None = None
    failing_since: datetime | None = None
    problem: str | None = None


async def report(conn: AsyncConnection, settings: Settings) -> Sequence[SourceReport]:
    """Return the configured sources in their order, then those that the database alone knows."""
    known = await source_store.known(conn)
    speaks = {key: len(await procedures.of_source(conn, key)) for key in known}
    found = list(_configured(settings, known, speaks))
    mine = {key for _, keys in found for key in keys}
    others = [_other(one, speaks) for key, one in sorted(known.items()) if key not in mine]
    return [*(one for one, _ in found), *others]


def _configured(
    settings: Settings, known: Mapping[str, KnownSource], speaks: Mapping[str, int]
) -> Iterator[tuple[SourceReport, set[str]]]:
    """Yield each source that the settings name, and the keys under which it is known."""
    yield _folder(Folder(path=settings.procedures.folder), known, speaks)
    for each in settings.sources:
        folder, web = folder_of(each), web_source_of(each)
        if folder is not None:
            yield _folder(folder[0], known, speaks)
        if web is not None:
            one = known.get(web.key) or KnownSource(key=web.key)
            yield _web(one, web.name, shown(web.url), speaks), {web.key}


def _web(one: KnownSource, name: str, place: str, speaks: Mapping[str, int]) -> SourceReport:
    return SourceReport(
        name=name,
        place=place,
        configured=bool(place),
        procedures=speaks.get(one.key, 0),
        read_at=one.read_at,
        next_at=one.next_at if place else None,
        failing_since=one.failing_since,
        problem=one.problem,
    )


def _folder(
    folder: Folder, known: Mapping[str, KnownSource], speaks: Mapping[str, int]
) -> tuple[SourceReport, set[str]]:
    """Return a folder with its files as one source."""
    prefix = f"file:{folder.name}/" if folder.name else "file:"
    mine = {key for key in known if key.startswith(prefix) and "/" not in key.removeprefix(prefix)}
    mine |= {folder.key}
    read = [one.read_at for key, one in known.items() if key in mine and one.read_at is not None]
    there = folder.path.is_dir()
    found = SourceReport(
        name=folder.name or folder.path.name,
        place=str(folder.path),
        configured=True,
        procedures=sum(speaks.get(key, 0) for key in mine),
        read_at=max(read, default=None),
        problem=None if there else "There is no such folder.",
    )
    return found, mine


def _other(one: KnownSource, speaks: Mapping[str, int]) -> SourceReport:
    name = "imports by hand" if one.key == BY_HAND else one.key.removeprefix(WEB_PREFIX)
    return _web(one, name, "", speaks)
