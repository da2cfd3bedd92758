"""The list of open consultations in NICE's in-development feed → snapshots, one for each procedure. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from notifier.procedures.dates import EARLIEST_YEAR, YEARS_AHEAD, believable
from notifier.procedures.kinds import milestone_keys, milestone_kind
from notifier.procedures.model import (
    Coverage,
    Dates,
    Facts,
    Milestone,
    MilestoneKind,
    MilestoneState,
    Precision,
    Snapshot,
    Status,
)
from notifier.sources.errors import SourceError
from notifier.sources.nice.indev_record import SITE, Record, read_reference, read_title
from notifier.sources.records import Records, add_problem

STATUS = "In consultation"
"""What is shown as the status of a procedure that is known from this list alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Consultation:
    reference: str
    label: str
    dates: Dates
    facts: Facts


def read_consultations(records: Sequence[Record], *, today: date) -> Records:
    """Read every consultation; those of one procedure become one snapshot, with its facts as first given.

    The list says that they are open, and nothing of the procedure's status: whose consultation is open is at
    work, and a consultation that has begun is stated as reached.
    """
    by_procedure: dict[str, dict[tuple[str, Dates], _Consultation]] = {}
    problems: list[SourceError] = []
    for record in records:
        try:
            found = _consultation(record)
        except SourceError as error:
            add_problem(problems, error)
            continue
        mine = by_procedure.setdefault(found.reference.casefold(), {})
        mine.setdefault((found.label, found.dates), found)  # listed once for each of its documents
    snapshots = tuple(_snapshot(tuple(each.values()), today) for each in by_procedure.values())
    return Records(snapshots=snapshots, problems=tuple(problems))


def _consultation(record: Record) -> _Consultation:
    reference = read_reference(record)
    record = replace(record, reference=reference)
    label = record.line("ConsultationName") or record.line("ConsultationType")
    if label is None:
        raise record.refuse("ConsultationName", expected="the name of a consultation")
    facts = Facts(
        title=read_title(record, reference),
        status=Status.IN_PROGRESS,
        status_as_written=STATUS,
        process=record.line("Process") or record.line("DevelopedAs"),
        link=_address(record) or f"{SITE}/guidance/indevelopment/{reference.lower()}",
    )
    return _Consultation(reference=reference, label=label.rstrip(" :"), dates=_dates(record), facts=facts)


def _dates(record: Record) -> Dates:
    start, end = _stamp(record, "StartDate"), _stamp(record, "EndDate")
    if end.date() < start.date():
        raise record.refuse("EndDate", expected=f"a day on or after the start, {start.date()}")
    closes_at = end.time().replace(second=0, microsecond=0)
    return Dates(
        start=start.date(),
        end=end.date(),
        precision=Precision.DAY,
        closes_at=closes_at if end.time() != time.min else None,  # midnight is how a day alone is written
        as_written=f"{start.date().isoformat()} - {end.date().isoformat()}",
    )


def _stamp(record: Record, name: str) -> datetime:
    stamp, today = record.stamp(name), record.reading.today
    if stamp is None or not believable(stamp.year, today):
        years = f"{EARLIEST_YEAR} to {today.year + YEARS_AHEAD}"
        raise record.refuse(name, expected=f"a stamp in a year from {years}")
    return stamp


def _address(record: Record) -> str | None:
    """Return where the consultation can be read and answered, on NICE's own site and nowhere else."""
    links = record.values.get("_links")
    own = links.get("self") if isinstance(links, dict) else None
    first = own[0] if isinstance(own, list) and own else own
    path = first.get("href") if isinstance(first, dict) else None
    if not isinstance(path, str) or not path.startswith("/") or path.startswith("//"):
        return None
    fit = path.isascii() and path.isprintable() and not set(path) & set(' "<>\\')
    return f"{SITE}{path}" if fit else None


def _snapshot(found: Sequence[_Consultation], today: date) -> Snapshot:
    first = found[0]
    keys = milestone_keys([each.label for each in found])
    milestones = tuple(_milestone(each, key, today) for each, key in zip(found, keys, strict=True))
    return Snapshot(
        reference=first.reference,
        facts=first.facts,
        milestones=milestones,
        covers=Coverage.GIVEN,
        stated=frozenset(each.key for each in milestones if each.state is MilestoneState.REACHED),
    )


def _milestone(found: _Consultation, key: str, today: date) -> Milestone:
    begun = found.dates.start is not None and found.dates.start <= today
    kind = milestone_kind(found.label, spans=True, process=found.facts.process)
    return Milestone(
        key=key,
        label=found.label,
        kind=kind if kind.spans else MilestoneKind.CONSULTATION,  # whatever it is called, it is answered here
        dates=found.dates,
        state=MilestoneState.REACHED if begun else MilestoneState.PLANNED,
    )
