"""Reading one source over the web: ask politely, take in what it says, and note what came of it.

The asking happens outside any transaction. A source that fails keeps its last known schedule; an empty page,
an error page and a cut one withdraw nothing.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from notifier.db import Database, Rank
from notifier.procedures import change_store, check_store, source_store, writing
from notifier.procedures import store as procedures
from notifier.procedures.due import CheckedAs
from notifier.procedures.model import Coverage, Facts, Snapshot, Status
from notifier.procedures.source_store import KnownSource
from notifier.sources.errors import SourceError
from notifier.sources.fetching.fetcher import Asking, Fetcher, FetchError, Moved, Page, Unchanged, backoff
from notifier.sources.intake import Intake, Origin, Taken
from notifier.sources.nice.redirect import is_same_project, published_address
from notifier.sources.reading import read_document
from notifier.sources.records import Records
from notifier.sources.settling import is_waited_for
from notifier.sources.sync import Intaken, preview, take_in
from notifier.sources.web_source import MOST_LEAD, WebSource

PUBLISHED = "Published"
"""What is shown as the status of a project whose page leads to its guidance."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """What every reading needs. `clock` tells calendar time; `living` are the keys of all watched sources;
    one reading that would tell more than `most_events` changes waits for the operator."""

    db: Database
    fetcher: Fetcher
    intake: Intake
    clock: Callable[[], datetime]
    living: Callable[[], frozenset[str]]
    most_events: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WebReading:
    """What one reading came to; `problems` are for operators, and empty when all went well."""

    taken: Sequence[Taken] = ()
    heard_of: Sequence[int] = ()
    """The procedures of which it spoke, and nothing newer is stored."""
    problems: Sequence[str] = ()


async def read_source(reader: Reader, source: WebSource, known: KnownSource | None) -> WebReading:
    """Ask one source and take in what it says."""
    try:
        answer = await _ask(reader.fetcher, source, known)
        reading = await _take(reader, source, known, answer)
    except FetchError as error:
        return await note_failed(reader, source, known, error.sentence, error.retry_after)
    except SourceError as error:
        return await note_failed(reader, source, known, str(error))
    await _note_read(reader, source, known, answer, reading)
    return reading


async def _ask(fetcher: Fetcher, source: WebSource, known: KnownSource | None) -> Page | Unchanged | Moved:
    """Ask for a source's page; a project that went on to its next stage is asked for there."""
    asking = Asking(url=source.url, headers=source.headers)
    if known is not None and known.digest == source.fingerprint:
        asking = replace(asking, etag=known.etag, last_modified=known.last_modified)
    answer = await fetcher.get(asking)
    if isinstance(answer, Moved) and is_same_project(source.url, answer.location):
        answer = await fetcher.get(replace(asking, url=answer.location))
    return answer


async def mark_unreadable(reader: Reader, source: WebSource) -> None:
    """Note of the dates about to speak that their source may not be asked now."""
    now = reader.clock()
    async with reader.db.write(Rank.HOUSEKEEPING) as conn:
        await check_store.note_checked(conn, source.key, CheckedAs.UNREADABLE, now=now, until=now + MOST_LEAD)


async def _take(
    reader: Reader, source: WebSource, known: KnownSource | None, answer: Page | Unchanged | Moved
) -> WebReading:
    now = reader.clock()
    if isinstance(answer, Unchanged):
        return WebReading(heard_of=await _seen_again(reader, source, known, now))
    if isinstance(answer, Moved):
        records = Records(snapshots=(await _published(reader, source, answer),))
    else:
        records = await asyncio.to_thread(_read, source, answer, reader.intake, now)
    origin = Origin(
        key=source.key,
        actor=f"source {source.name}",
        by_body=True,
        page_read_at=now,
        watched=True,
        fetched=True,
        living=reader.living(),
    )
    await _brake(reader, source, records, origin, now)
    done: Intaken = await take_in(
        reader.db,
        records.snapshots,
        origin,
        intake=reader.intake,
        now=now,
        digest=source.fingerprint,
    )
    if not done.taken and done.problems:
        raise done.problems[0]
    problems = [str(one) for one in (*records.problems, *done.problems)]
    changes = sum(len(one.changes) for one in done.taken)
    log.info("source_read", extra={"source": source.name, "changes": changes, "problems": len(problems)})
    heard_of = [one.procedure_id for one in done.taken if not one.is_older]
    return WebReading(taken=done.taken, heard_of=heard_of, problems=problems)


def _read(source: WebSource, page: Page, intake: Intake, now: datetime) -> Records:
    return read_document(
        page.content,
        name=page.url,
        reference=source.reference,
        address=source.url,
        zone=intake.rules.zone,
        today=intake.rules.local_date(now),
        shape=source.shape,
    )


async def _published(reader: Reader, source: WebSource, moved: Moved) -> Snapshot:
    """Return what it says that the page of a project leads to published guidance.

    Raises:
        SourceError: it leads elsewhere, or the project was never read.
    """
    product = published_address(source.url, moved.location)
    async with reader.db.read() as conn:
        found = await procedures.of_source(conn, source.key)
    if product is None or len(found) != 1:
        expected = f"the page itself: it leads to {moved.location}"
        raise SourceError(file=source.url, line=None, found=None, expected=expected)
    return Snapshot(
        reference=found[0],
        facts=Facts(status=Status.COMPLETE, status_as_written=PUBLISHED, link=product.address),
        milestones=(),
        covers=Coverage.GIVEN,
        aliases=(product.reference,),
    )


async def _brake(reader: Reader, source: WebSource, records: Records, origin: Origin, now: datetime) -> None:
    """Refuse a reading that would tell implausibly much at once; a fault is likelier than the news.

    Raises:
        SourceError: it would.
    """
    if len(records.snapshots) <= 1:
        return
    async with reader.db.read() as conn:
        if not await source_store.is_known(conn, source.key):
            return
    today = reader.intake.rules.local_date(now)
    previewed, _ = await preview(reader.db, records.snapshots, origin, today=today)
    told = sum(one.is_new or any(map(is_waited_for, one.changes)) for one in previewed.taken)
    if told > reader.most_events:
        expected = (
            f"at most {reader.most_events} new or changed procedures at once, and it has {told}; "
            f"if that is right, take it in with `notifier import {source.url}`"
        )
        raise SourceError(file=source.url, line=None, found=None, expected=expected)


async def _seen_again(
    reader: Reader, source: WebSource, known: KnownSource | None, now: datetime
) -> Sequence[int]:
    """Note that a source says what it said when it was read last. Return the procedures it spoke of then."""
    async with reader.db.write(Rank.HOUSEKEEPING) as conn:
        ids = await writing.note_read_again(conn, source.key, since=known.read_at if known else None, now=now)
        await change_store.seen_again(conn, ids, now=now)
        await source_store.note(conn, source.key, now=now, digest=source.fingerprint)
    return ids


async def _note_read(
    reader: Reader,
    source: WebSource,
    known: KnownSource | None,
    answer: Page | Unchanged | Moved,
    reading: WebReading,
) -> None:
    """Note when to ask again and by what, and of which procedures the source was heard."""
    now = reader.clock()
    etag, modified = _validators(known, answer, reading)
    async with reader.db.write(Rank.HOUSEKEEPING) as conn:
        await source_store.schedule(
            conn, source.key, next_at=now + source.interval, etag=etag, last_modified=modified
        )
        until = now + MOST_LEAD
        await check_store.note_checked(conn, source.key, CheckedAs.UNREADABLE, now=now, until=until)
        await check_store.note_checked(
            conn, source.key, CheckedAs.STANDS, now=now, until=until, only=reading.heard_of
        )
        await change_store.settle_the_unheard(conn, source.key)


def _validators(
    known: KnownSource | None, answer: Page | Unchanged | Moved, reading: WebReading
) -> tuple[str | None, str | None]:
    """Return by what the source can say that nothing changed; nothing, where it was not read whole.

    After a redirect there is none either: the page may come back as it was.
    """
    if isinstance(answer, Page) and not reading.problems:
        return answer.etag, answer.last_modified
    if isinstance(answer, Unchanged) and known is not None:
        return known.etag, known.last_modified
    return None, None


async def note_failed(
    reader: Reader, source: WebSource, known: KnownSource | None, problem: str, wait: timedelta | None = None
) -> WebReading:
    """Note a failure; what is stored stays, and what is about to speak is told that nobody could ask."""
    now = reader.clock()
    failures = (known.failures if known else 0) + 1
    next_at = now + backoff(failures, source.interval, wait)
    async with reader.db.write(Rank.HOUSEKEEPING) as conn:
        await source_store.note_failure(conn, source.key, problem, now=now, next_at=next_at)
        await check_store.note_checked(conn, source.key, CheckedAs.UNREADABLE, now=now, until=now + MOST_LEAD)
    log.warning("source_not_read", extra={"source": source.name, "problem": problem, "failures": failures})
    return WebReading(problems=[problem])
