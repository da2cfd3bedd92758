"""Changes that wait until they have settled (promises §1.4): A→B→A says nothing, A→B→C says A→C.

All that changes of one procedure is told together, when the last of it has settled. Only what was seen to
have happened, a publication above all, waits for nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    Select,
    and_,
    exists,
    func,
    insert,
    or_,
    select,
    union,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.procedures.due import Rules
from notifier.procedures.model import Milestone, MilestoneState, Status
from notifier.procedures.revise import Change, ChangeKind, classify
from notifier.procedures.source_store import WEB_PREFIX
from notifier.procedures.store import milestone_as_text, milestone_from_text
from notifier.procedures.tables import change, procedure, source

STATUS = "status"
LISTED = "listed"
"""Subjects of a change that are no milestone."""

_SEEN = "seen:"
"""Begins the subject of a milestone that was seen to have happened; its dates may change at the same time."""

WITHDRAWN_FOR = timedelta(hours=1)
"""How far apart two reads lie that must both miss a date before it counts as removed (promises §1.4)."""

_ALONE = or_(
    change.c.subject == LISTED,
    change.c.subject.startswith(_SEEN),
    and_(change.c.subject == STATUS, change.c.new == Status.COMPLETE),
)

# What changes of a procedure that is held or hidden waits until it is neither.
_SPEAKING = exists().where(procedure.c.id == change.c.procedure_id, ~procedure.c.held, ~procedure.c.draft)
_PENDING = (change.c.state == "pending", _SPEAKING)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledChange:
    """A change of one procedure that is ready to be told."""

    id: int
    procedure_id: int
    change: Change
    revision: int
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a change waits: until `settles_at`, and until it was seen `reads` times more."""

    settles_at: datetime
    reads: int = 0


async def wait(
    conn: AsyncConnection,
    procedure_id: int,
    found: Change,
    *,
    revision: int,
    now: datetime,
    patience: Patience,
    told: bool = True,
) -> bool:
    """Let a change settle, merged with what already waits for the same subject.

    A change that is not `told` by itself only corrects what waits. Return whether everything is as it was
    before: then what waited has lapsed, and says nothing.
    """
    where = (change.c.procedure_id == procedure_id, change.c.subject == subject_of(found))
    query = select(change).where(*where, change.c.state == "pending")
    waiting = (await conn.execute(query)).mappings().one_or_none()
    if waiting is None:
        if told:
            await wait_anew(conn, [(procedure_id, found)], revision=revision, now=now, patience=patience)
        return False
    back = _kind(found.subject, _side(waiting, "old"), found.new) is None
    values: dict[str, object] = {"state": "lapsed"}
    if not back:
        values = {"settles_at": patience.settles_at, "reads_left": patience.reads}
    done = await conn.execute(
        update(change)
        .where(change.c.id == waiting["id"], change.c.state == "pending")
        .values(new=_as_text(found.new), revision=revision, **values)
    )
    if done.rowcount == 0 and told:  # told at this very moment by another process: this is news of its own
        await wait_anew(conn, [(procedure_id, found)], revision=revision, now=now, patience=patience)
    return back and done.rowcount == 1


async def wait_anew(
    conn: AsyncConnection,
    found: Sequence[tuple[int, Change]],
    *,
    revision: int,
    now: datetime,
    patience: Patience,
) -> None:
    """Let changes settle of which nothing waits yet: each with the procedure it belongs to."""
    rows = [
        {
            "procedure_id": procedure_id,
            "subject": subject_of(one),
            "old": _as_text(one.old),
            "new": _as_text(one.new),
            "revision": revision,
            "seen_at": now,
            "settles_at": patience.settles_at,
            "reads_left": patience.reads,
            "state": "pending",
        }
        for procedure_id, one in found
    ]
    if rows:
        await conn.execute(insert(change), rows)


def subject_of(found: Change) -> str:
    """Return under which subject a change waits."""
    return f"{_SEEN}{found.subject}" if found.kind is ChangeKind.REACHED else found.subject


async def seen_again(conn: AsyncConnection, procedure_ids: Collection[int], *, now: datetime) -> None:
    """Note that a reading found these procedures as the last one left them.

    Two reads that both miss a date count only when they lie an hour apart.
    """
    query = select(change).where(
        change.c.procedure_id.in_(procedure_ids), change.c.state == "pending", change.c.reads_left > 0
    )
    rows = (await conn.execute(query)).mappings().all()
    seen = [row["id"] for row in rows if not _is_removal(row) or row["settles_at"] <= now]
    if seen:
        await conn.execute(
            update(change).where(change.c.id.in_(seen)).values(reads_left=change.c.reads_left - 1)
        )


async def settle_the_unheard(conn: AsyncConnection, source_key: str) -> None:
    """Let changes settle that nobody will see again: their source was read since, without the procedure."""
    unheard = (
        select(procedure.c.id)
        .join(source, source.c.key == procedure.c.source_key)
        .where(source.c.key == source_key, procedure.c.read_at < source.c.read_at)
    )
    await _settle_unseen(conn, unheard)


async def settle_the_unwatched(conn: AsyncConnection, watched: Collection[str]) -> None:
    """Likewise for procedures whose source on the web is none of those that are watched now."""
    gone = procedure.c.source_key.startswith(WEB_PREFIX) & procedure.c.source_key.not_in(watched)
    await _settle_unseen(conn, select(procedure.c.id).where(gone))


async def _settle_unseen(conn: AsyncConnection, procedures: Select[tuple[int]]) -> None:
    """Let what waits to be seen again wait no more; a removed date is not believed on one reading."""
    query = select(change).where(
        change.c.procedure_id.in_(procedures), change.c.state == "pending", change.c.reads_left > 0
    )
    for row in (await conn.execute(query)).mappings().all():
        values = {"state": "lapsed"} if _is_removal(row) else {"reads_left": 0}
        await conn.execute(update(change).where(change.c.id == row["id"]).values(values))


async def settled(conn: AsyncConnection, now: datetime, limit: int) -> Sequence[int]:
    """Return the procedures of which something has settled."""
    query = union(_alone(now), _together(now)).limit(limit)
    return [row.procedure_id for row in await conn.execute(query)]


async def take(
    conn: AsyncConnection, procedure_ids: Sequence[int], *, now: datetime, rules: Rules
) -> Mapping[int, Sequence[SettledChange]]:
    """Return what has settled of each of these procedures, and note that it has been told.

    Each change is named as on the civil day on which it was seen, however long it waited since.
    """
    mine = change.c.procedure_id.in_(procedure_ids)
    whole = (await conn.scalars(_together(now).where(mine))).all()
    ready = and_(change.c.state == "pending", _ready(now), or_(_ALONE, change.c.procedure_id.in_(whole)))
    # In one statement, which looks again at what another process changed meanwhile: that has not settled.
    taken = await conn.execute(update(change).where(mine, ready).values(state="announced").returning(change))
    rows = sorted(taken.mappings(), key=lambda row: row["id"])
    found: dict[int, list[SettledChange]] = {one: [] for one in procedure_ids}
    for row in rows:
        if (settled := _settled(row, rules)) is not None:
            found[row["procedure_id"]].append(settled)
    return found


async def push(conn: AsyncConnection, procedure_id: int, until: datetime) -> None:
    """Ask again later."""
    await conn.execute(
        update(change)
        .where(change.c.procedure_id == procedure_id, change.c.state == "pending")
        .values(settles_at=until)
    )


async def next_settling(conn: AsyncConnection) -> datetime | None:
    """Return the earliest instant at which something has settled; what waits to be seen again has none."""
    alone = await conn.scalar(
        select(func.min(change.c.settles_at)).where(*_PENDING, change.c.reads_left == 0, _ALONE)
    )
    each = (
        select(func.max(change.c.settles_at).label("settles_at"))
        .where(*_PENDING, ~_ALONE)
        .group_by(change.c.procedure_id)
        .having(func.max(change.c.reads_left) == 0)
        .subquery()
    )
    together: datetime | None = await conn.scalar(select(func.min(each.c.settles_at)))
    return min((one for one in (alone, together) if one is not None), default=None)


def _ready(now: datetime) -> ColumnElement[bool]:
    return and_(change.c.settles_at <= now, change.c.reads_left == 0)


def _alone(now: datetime) -> Select[tuple[int]]:
    return select(change.c.procedure_id).where(*_PENDING, _ALONE, _ready(now))


def _together(now: datetime) -> Select[tuple[int]]:
    """Return the procedures of which every changed row has settled."""
    return (
        select(change.c.procedure_id)
        .where(*_PENDING, ~_ALONE)
        .group_by(change.c.procedure_id)
        .having(func.max(change.c.settles_at) <= now, func.max(change.c.reads_left) == 0)
    )


def _is_removal(row: RowMapping) -> bool:
    new = _side(row, "new")
    old = _side(row, "old")
    return isinstance(new, Milestone) and (
        new.state is MilestoneState.WITHDRAWN
        or (isinstance(old, Milestone) and classify(old, new) is ChangeKind.REMOVED)
    )


def _settled(row: RowMapping, rules: Rules) -> SettledChange | None:
    old, new = _side(row, "old"), _side(row, "new")
    subject = row["subject"].removeprefix(_SEEN)
    kind = _kind(subject, old, new, rules.local_date(row["seen_at"]))
    if kind is None:
        return None
    return SettledChange(
        id=row["id"],
        procedure_id=row["procedure_id"],
        change=Change(kind=kind, subject=subject, old=old, new=new),
        revision=row["revision"],
        seen_at=row["seen_at"],
    )


def _kind(
    subject: str, old: Milestone | str | None, new: Milestone | str | None, today: date | None = None
) -> ChangeKind | None:
    if subject == LISTED:
        return ChangeKind.LISTED
    if subject == STATUS:
        return None if old == new else ChangeKind.STATUS
    if not isinstance(new, Milestone):
        return None
    return classify(old if isinstance(old, Milestone) else None, new, today=today)


def _side(row: RowMapping, side: str) -> Milestone | str | None:
    text: str | None = row[side]
    if text is None or row["subject"] in (STATUS, LISTED):
        return text
    return milestone_from_text(text)


def _as_text(value: Milestone | str | None) -> str | None:
    return milestone_as_text(value) if isinstance(value, Milestone) else value
