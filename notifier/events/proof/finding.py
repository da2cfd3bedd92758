"""Finding the event that somebody asks about: by its public id, the beginning of that, or its number."""

import re
from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.events.model import Event
from notifier.events.store import event_of
from notifier.events.tables import event
from notifier.events.titles import clean, cut
from notifier.events.wording import plain_day
from notifier.procedures import hand_store
from notifier.procedures import store as procedures
from notifier.settings.closest import closest

SHORTEST_BEGINNING = 4
"""Characters of a public id that may stand for it."""

NEAR = 5
"""Events that are named to somebody who named none."""

NEWEST = 1_000
"""Events among which a mistyped id is looked for."""

_NUMBER = re.compile(r"#?(\d{1,18})")


class ProofError(ValueError):
    """What was asked about is not known; the message says so, and what is near."""


async def find_event(conn: AsyncConnection, text: str) -> Event:
    """Return the event with this public id (or a whole `tag:` id), number, or unambiguous beginning of an id.

    Raises:
        ProofError: there is none, or there are several.
    """
    wanted = text.strip().rpartition("/")[2].casefold()
    number = _NUMBER.fullmatch(wanted)
    if number is not None:
        by_number = await _events(conn, event.c.seq == int(number.group(1)))
        if by_number:
            return by_number[0]
    if len(wanted) >= SHORTEST_BEGINNING:
        fitting = await _events(conn, event.c.public_id.startswith(wanted, autoescape=True))
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            raise ProofError(f"“{text}” begins the ids of several events: {_named(fitting)}")
    raise await _unknown(conn, text, wanted, is_number=number is not None)


def title_of(one: Event) -> str:
    """Return what the feeds say of an event, on one line."""
    return clean(one.payload.entry_title) or clean(f"{one.kind.value} {one.payload.shown_id}")


async def _unknown(conn: AsyncConnection, text: str, wanted: str, *, is_number: bool) -> ProofError:
    of_procedure = await _of_procedure(conn, text)
    if of_procedure is not None:
        return ProofError(of_procedure)
    newest = await conn.scalar(select(func.max(event.c.seq)))
    if newest is None:
        return ProofError(f"there is no event “{text}”: none was recorded yet")
    if is_number:
        return ProofError(f"there is no event “{text}”: the newest is {newest}")
    ids = (await conn.scalars(select(event.c.public_id).order_by(event.c.seq.desc()).limit(NEWEST))).all()
    by_beginning = {one[: len(wanted)]: one for one in reversed(ids)}
    meant = closest(wanted, by_beginning) if len(wanted) >= SHORTEST_BEGINNING else None
    near = event.c.public_id == by_beginning[meant] if meant else event.c.seq > newest - NEAR
    lead = "did you mean" if meant else "the newest are"
    found = _named(await _events(conn, near))
    return ProofError(f"there is no event “{text}”; {lead} {found}{'?' if meant else ''}")


async def _of_procedure(conn: AsyncConnection, text: str) -> str | None:
    """Return the events of a procedure that was named in place of one; None: it is no procedure either."""
    found = await procedures.find(conn, text)
    references = [found.slug] if found is not None else await hand_store.with_shown_id(conn, text)
    if not references:
        return None
    told: list[str] = []
    for reference in references:
        one = await procedures.find(conn, reference)
        newest = [] if one is None else await _events(conn, event.c.procedure_id == one.id)
        words = f"name one of its events: {_named(newest)}" if newest else "nothing was announced of it yet"
        told.append(f"“{text}” is the procedure {reference}; {words}")
    return "; ".join(told)


async def _events(conn: AsyncConnection, condition: ColumnElement[bool]) -> Sequence[Event]:
    query = select(event).where(condition).order_by(event.c.seq.desc()).limit(NEAR)
    return [event_of(row) for row in (await conn.execute(query)).mappings()]


def _named(events: Sequence[Event]) -> str:
    return ", ".join(
        f"{one.public_id[:8]} or {one.seq} ({plain_day(one.payload.day)}: {cut(title_of(one), 50)})"
        for one in events
    )
