"""Events on their way: what is known of one before it has its number. Pure.

A payload freezes everything a reader will be told, so that a mail sent a day later and a feed read next year
say what was known when the event was recorded.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from notifier.events.decide import Say, change_mail_is_useful
from notifier.events.entry import entry_words
from notifier.events.interest import kind_bit
from notifier.events.model import Basis, DateChange, EventKind, NextDate, Payload
from notifier.procedures.due import DueInstant, Rules
from notifier.procedures.model import Milestone, MilestoneKind, MilestoneState, Precision, Procedure, Status
from notifier.procedures.revise import Change, ChangeKind
from notifier.settings import Service
from notifier.subscriptions.topics import Topic, topics_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An event without its number. `occurrence_key` is what must not be announced twice."""

    occurrence_key: str
    kind: EventKind
    kind_bit: int
    basis: Basis
    procedure_id: int
    topics: tuple[Topic, ...]
    payload: Payload
    occurred_at: datetime
    no_mail: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A procedure as it stands when something is said of it, and when its body's page was last read."""

    procedure: Procedure
    read_at: datetime | None


def of_due(
    reading: Reading,
    milestone: Milestone,
    due: DueInstant,
    say: Say,
    *,
    rules: Rules,
    service: Service,
    now: datetime,
) -> Draft:
    """Draft the event of a due instant. Its key holds the civil date: another hour does not say it again."""
    dates = milestone.dates
    payload = replace(
        _about(reading, rules=rules, service=service, now=now),
        milestone_key=milestone.key,
        milestone_kind=milestone.kind,
        label=milestone.label,
        day=due.local_date,
        start=dates.start,
        deadline=dates.end if milestone.kind.spans else None,
        closes_at=(dates.closes_at or rules.closes_at) if milestone.kind.spans else None,
        time_stated=dates.closes_at is not None,
        late_days=say.late_days,
        learnt_on=rules.local_date(now) if say.learnt and say.kind is EventKind.OPENED else None,
    )
    key = f"{reading.procedure.slug}/{milestone.key}/{due.edge}/{due.local_date}"
    if say.kind is EventKind.PUBLISHED:
        key = _published_key(reading.procedure)
    return _draft(
        key,
        say.kind,
        say.basis,
        reading,
        payload,
        occurred_at=due.due_at,
        no_mail=not say.mail,
        service=service,
    )


def of_changes(
    reading: Reading,
    changes: Sequence[Change],
    *,
    revision: int,
    seen_at: datetime,
    rules: Rules,
    service: Service,
    now: datetime,
) -> Sequence[Draft]:
    """Draft the events of settled changes: one for the status, one for all rows of the schedule together.

    Their keys hold the revision: A→B→A→B are distinct facts.
    """
    about = _about(reading, rules=rules, service=service, now=now)
    about = replace(about, day=rules.local_date(seen_at))
    key = f"{reading.procedure.slug}/revision/{revision}"
    drafts: list[Draft] = []
    for change in changes:
        kind = _whole_kind(change)
        if kind is EventKind.LISTED:
            rows = tuple(_listed_row(one) for one in reading.procedure.milestones)
            payload = replace(about, changes=rows, next_dates=())
            drafts.append(
                _draft(
                    f"{key}/listed",
                    kind,
                    Basis.CONFIRMED,
                    reading,
                    payload,
                    occurred_at=seen_at,
                    no_mail=True,
                    service=service,
                )
            )
        elif kind is not None:
            drafts.append(
                _draft(
                    _published_key(reading.procedure) if kind is EventKind.PUBLISHED else f"{key}/status",
                    kind,
                    Basis.CONFIRMED,
                    reading,
                    about,
                    occurred_at=seen_at,
                    no_mail=False,
                    service=service,
                )
            )
    rows = tuple(row for change in changes if (row := _row(change)) is not None)
    if rows and reading.procedure.status.running:
        drafts.append(_of_rows(reading, rows, about, key, seen_at, rules.local_date(now), service))
    return drafts


def _published_key(procedure: Procedure) -> str:
    """Return the key of "published": the row of the schedule and the status must not both say it."""
    days = [one.dates.start for one in procedure.milestones if one.kind is MilestoneKind.PUBLICATION]
    return f"{procedure.slug}/published/{max((day for day in days if day), default='undated')}"


def _of_rows(
    reading: Reading,
    rows: tuple[DateChange, ...],
    about: Payload,
    key: str,
    seen_at: datetime,
    today: date,
    service: Service,
) -> Draft:
    first = min(rows, key=_weight)
    dates = first.new
    payload = replace(
        about,
        label=first.label,
        milestone_kind=first.milestone_kind,
        start=dates.start if dates else None,
        deadline=dates.end if dates and first.milestone_kind.spans else None,
        changes=rows,
        next_dates=tuple(
            coming for coming in about.next_dates if coming.label not in {row.label for row in rows}
        ),
    )
    return _draft(
        f"{key}/dates",
        first.kind,
        Basis.CONFIRMED,
        reading,
        payload,
        occurred_at=seen_at,
        no_mail=not change_mail_is_useful(rows, today=today),
        service=service,
    )


def _weight(row: DateChange) -> tuple[int, int]:
    """Deadlines first, publication next: the change that a reader must not miss names the event."""
    kinds = (MilestoneKind.CONSULTATION, MilestoneKind.WINDOW, MilestoneKind.PUBLICATION)
    place = kinds.index(row.milestone_kind) if row.milestone_kind in kinds else len(kinds)
    return (place, list(EventKind).index(row.kind))


def _draft(
    key: str,
    kind: EventKind,
    basis: Basis,
    reading: Reading,
    payload: Payload,
    *,
    occurred_at: datetime,
    no_mail: bool,
    service: Service,
) -> Draft:
    words = entry_words(kind, basis, payload, service=service)
    procedure = reading.procedure
    return Draft(
        occurrence_key=key,
        kind=kind,
        kind_bit=kind_bit(kind, payload),
        basis=basis,
        procedure_id=procedure.id,
        topics=topics_of(
            procedure.id,
            process=procedure.facts.process,
            technology_type=procedure.facts.technology_type,
        ),
        payload=replace(payload, entry_title=words.title, entry_html=words.html),
        occurred_at=occurred_at,
        no_mail=no_mail,
    )


def _about(reading: Reading, *, rules: Rules, service: Service, now: datetime) -> Payload:
    procedure = reading.procedure
    today = rules.local_date(now)
    return Payload(
        title=procedure.title,
        shown_id=procedure.shown_id,
        slug=procedure.slug,
        body=service.body,
        process=procedure.facts.process,
        link=procedure.facts.link,
        status_as_written=procedure.facts.status_as_written,
        day=today,
        next_dates=tuple(
            NextDate(label=one.label, dates=one.dates)
            for one in sorted(procedure.milestones, key=lambda one: one.dates.start or today)
            if one.state is MilestoneState.PLANNED and one.dates.start is not None and one.dates.start > today
        ),
        read_at=reading.read_at,
        zone=rules.zone.key,
    )


def _whole_kind(change: Change) -> EventKind | None:
    """Name the event of a change that concerns the procedure as a whole; None when people are not told."""
    if change.kind is ChangeKind.LISTED:
        return EventKind.LISTED
    if change.kind is not ChangeKind.STATUS:
        return None
    new, old = Status(str(change.new)), Status(str(change.old or Status.UNKNOWN))
    if new is Status.COMPLETE:
        return EventKind.PUBLISHED
    if new is Status.DISCONTINUED:
        return EventKind.DISCONTINUED
    if new in (Status.SUSPENDED, Status.IMPACTED_BY_COVID_19):
        return EventKind.SUSPENDED
    return EventKind.RESTARTED if new.running and not old.running and old is not Status.UNKNOWN else None


def _listed_row(milestone: Milestone) -> DateChange:
    return DateChange(
        kind=EventKind.DATE_ADDED,
        milestone_kind=milestone.kind,
        label=milestone.label,
        old=None,
        new=milestone.dates,
    )


def _row(change: Change) -> DateChange | None:
    """Turn a change of the schedule into its row; a row that is new, or new again, replaces no date."""
    new, old = change.new, change.old
    if not isinstance(new, Milestone) or not change.kind.is_told:
        return None
    before = old.dates if isinstance(old, Milestone) and change.kind is not ChangeKind.DATE_ADDED else None
    if before is not None and before.precision is Precision.UNKNOWN:
        before = None
    removed = change.kind is ChangeKind.REMOVED
    return DateChange(
        kind=EventKind(change.kind.value),
        milestone_kind=new.kind,
        label=new.label,
        old=before,
        new=None if removed else new.dates,
    )
