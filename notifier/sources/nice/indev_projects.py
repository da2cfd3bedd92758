"""Records of projects in NICE's in-development feed → snapshots: one in full, or many in a list. Pure."""

from dataclasses import replace
from datetime import date

from notifier.procedures.date_words import DateError
from notifier.procedures.dates import read_dates
from notifier.procedures.model import Coverage, Passage, Precision, Snapshot
from notifier.sources.errors import SourceError
from notifier.sources.nice.indev_record import Record, read_facts, read_reference
from notifier.sources.nice.indev_schedule import (
    Row,
    milestones,
    published_date,
    read_schedule,
    read_timeline,
    with_publication,
)
from notifier.sources.records import Records
from notifier.sources.reference import is_reference


def read_project(record: Record) -> Records:
    """Read a project's own record whole, or not at all: a schedule that lacks a row would withdraw it."""
    try:
        reference = read_reference(record)
        record = replace(record, reference=reference)
        rows, problems = read_schedule(record)
        if problems:
            return Records(problems=tuple(problems))
        return Records(snapshots=(_whole(record, reference, rows),))
    except SourceError as error:
        return Records(problems=(error,))


def read_listed(record: Record) -> Snapshot:
    """Read a project as the list of projects shows it; raise `RecordError` for what cannot be understood."""
    reference = read_reference(record)
    record = replace(record, reference=reference)
    facts = read_facts(record, reference)
    rows = with_publication([], published_date(record), facts.process)
    return Snapshot(
        reference=reference,
        facts=facts,
        milestones=milestones(rows, facts.process),
        covers=Coverage.PUBLICATION,
        aliases=_aliases(record),
        as_of=record.last_modified(),
    )


def _whole(record: Record, reference: str, rows: list[Row]) -> Snapshot:
    facts = replace(read_facts(record, reference), email=_email(record), referral_date=_referral(record))
    rows = with_publication(rows, published_date(record), facts.process)
    return Snapshot(
        reference=reference,
        facts=facts,
        milestones=milestones(rows, facts.process),
        covers=Coverage.WHOLE,
        aliases=_aliases(record),
        timeline=read_timeline(record),
        passages=_passages(record),
        as_of=record.last_modified(),
    )


def _aliases(record: Record) -> tuple[str, ...]:
    product = (record.raw("ProductReference") or "").strip()
    another = product.casefold() != (record.reference or "").casefold()
    return (product,) if another and is_reference(product) else ()


def _email(record: Record) -> str | None:
    items = (
        row.line("Item") for each in record.inner("email-enquiry-list") for row in each.inner("email-enquiry")
    )
    return next((item for item in items if item and " " not in item and all(item.partition("@"))), None)


def _referral(record: Record) -> date | None:
    """Return the day of referral: a stamp, or a text, which in older records is a month and so no day."""
    written = record.line("ReferralDate") or ""
    try:
        stamp = record.stamp("ReferralDate")
        return stamp.date() if stamp else None
    except SourceError:
        pass
    try:
        dates = read_dates(written, today=record.reading.today)
    except DateError:
        return None
    return dates.start if dates.precision is Precision.DAY and dates.end is None else None


def _passages(record: Record) -> tuple[Passage, ...]:
    """Return what else a page of the project says, under the headings of that page and in its order."""
    topics = [row.line("Item") for each in record.inner("topic-list") for row in each.inner("topic")]
    texts = (
        ("Summary", record.text("Summary") if record.text("Description") else None),
        ("Reason for decision", record.text("TopicSelectionReason")),
        ("Further information", record.text("TopicSelectionFurtherInfo")),
        ("Developed as", record.line("DevelopedAs")),
        ("Topic area", ", ".join(topic for topic in topics if topic)),
    )
    return tuple(Passage(heading=heading, text=text) for heading, text in texts if text)
