"""Events on their way: what is known of one before it has its number. Pure.

A payload freezes everything a reader will be told, so that a mail sent a day later and a feed read next year
say what was known when the event was recorded.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime

from notifier.events.decide import Say
from notifier.events.entry import entry_words
from notifier.events.interest import kind_bit
from notifier.events.model import Basis, EventKind, NextDate, Payload, Step
from notifier.procedures.due import DueInstant, Rules
from notifier.procedures.model import Milestone, MilestoneKind, MilestoneState, Procedure
from notifier.settings import Service
from notifier.subscriptions.topics import Topic, topics_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An event without its number. `occurrence_key` is what must not be announced twice.

    `corrects_seq` is the earlier event that it takes back, confirms, or says otherwise.
    """

    occurrence_key: str
    kind: EventKind
    kind_bit: int
    basis: Basis
    procedure_id: int
    topics: tuple[Topic, ...]
    payload: Payload
    occurred_at: datetime
    no_mail: bool
    corrects_seq: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What something is said of, by which calendar, by whom and when: the procedure as it stands at `now`."""

    procedure: Procedure
    rules: Rules
    service: Service
    now: datetime
    restarts: int = 0
    """How often it was said that work went on again: what is published after that is published anew."""

    @property
    def today(self) -> date:
        """Return the civil day on which it is said."""
        return self.rules.local_date(self.now)


def of_due(scene: Scene, milestone: Milestone, due: DueInstant, say: Say) -> Draft:
    """Draft the event of a due instant. Its key holds the civil date: another hour does not say it again."""
    learnt = say.learnt and say.kind is EventKind.OPENED
    payload = replace(
        of_milestone(scene, milestone),
        day=due.local_date,
        late_days=say.late_days,
        learnt_on=scene.today if learnt else None,
        unreadable_at=say.unreadable_at,
    )
    published = say.kind is EventKind.PUBLISHED
    return draft_of(
        scene,
        published_key(scene) if published else due_key(scene.procedure, milestone, due),
        say.kind,
        say.basis,
        payload,
        occurred_at=due.due_at,
        no_mail=not say.mail,
    )


def due_key(procedure: Procedure, milestone: Milestone, due: DueInstant) -> str:
    """Return the key of the event of one due instant."""
    return f"{procedure.slug}/{milestone.key}/{due.edge}/{due.local_date}"


def published_key(scene: Scene) -> str:
    """Return the key of "published": the row of the schedule and the status must not both say it."""
    found = scene.procedure
    days = [one.dates.start for one in found.milestones if one.kind is MilestoneKind.PUBLICATION]
    again = f"/{scene.restarts}" if scene.restarts else ""
    return f"{found.slug}/published/{max((day for day in days if day), default='undated')}{again}"


def draft_of(
    scene: Scene,
    key: str,
    kind: EventKind,
    basis: Basis,
    payload: Payload,
    *,
    occurred_at: datetime,
    no_mail: bool,
    corrects_seq: int | None = None,
) -> Draft:
    """Draft one event with the words of its feed entry."""
    words = entry_words(kind, basis, payload, service=scene.service)
    facts = scene.procedure.facts
    return Draft(
        occurrence_key=key,
        kind=kind,
        kind_bit=kind_bit(kind, payload),
        basis=basis,
        procedure_id=scene.procedure.id,
        topics=topics_of(scene.procedure.id, process=facts.process, technology_type=facts.technology_type),
        payload=replace(payload, entry_title=words.title, entry_html=words.html),
        occurred_at=occurred_at,
        no_mail=no_mail,
        corrects_seq=corrects_seq,
    )


def of_procedure(scene: Scene, *, with_open: bool = False) -> Payload:
    """Return what is told of a procedure whatever happened to it.

    The next dates are those that begin later; `with_open` also the ranges that people can act in now.
    """
    procedure, facts = scene.procedure, scene.procedure.facts
    today = scene.today
    return Payload(
        title=procedure.title,
        shown_id=procedure.shown_id,
        slug=procedure.slug,
        body=scene.service.body,
        process=facts.process,
        link=facts.link,
        status_as_written=facts.status_as_written,
        day=today,
        next_dates=tuple(
            NextDate(label=one.label, dates=one.dates)
            for one in sorted(procedure.milestones, key=lambda one: one.dates.start or today)
            if _is_next(one, today, with_open=with_open)
        ),
        steps=steps_of(procedure),
        read_at=procedure.read_at,
        reason=facts.reason,
        zone=scene.rules.zone.key,
    )


def steps_of(procedure: Procedure) -> tuple[Step, ...]:
    """Return the schedule in order, without what was removed; what has no date yet comes last."""
    rows = [one for one in procedure.milestones if one.state is not MilestoneState.WITHDRAWN]
    rows.sort(key=lambda one: one.dates.start or date.max)
    return tuple(
        Step(
            key=one.key,
            label=one.label,
            kind=one.kind,
            dates=one.dates,
            seen=one.state is MilestoneState.REACHED,
        )
        for one in rows
    )


def _is_next(one: Milestone, today: date, *, with_open: bool) -> bool:
    start, end = one.dates.start, one.dates.end
    if start is None or one.state is MilestoneState.WITHDRAWN:
        return False
    if with_open and one.kind.spans and end is not None and start <= today <= end:
        return True
    return one.state is MilestoneState.PLANNED and start > today


def of_milestone(scene: Scene, milestone: Milestone) -> Payload:
    """Return what is told of one milestone as it stands."""
    dates, spans = milestone.dates, milestone.kind.spans
    return replace(
        of_procedure(scene),
        milestone_key=milestone.key,
        milestone_kind=milestone.kind,
        label=milestone.label,
        start=dates.start,
        deadline=dates.end if spans else None,
        closes_at=(dates.closes_at or scene.rules.closes_at) if spans else None,
        time_stated=dates.closes_at is not None,
    )
