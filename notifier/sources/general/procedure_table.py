"""One procedure of a document of one's own, be it TOML, JSON or CSV → a snapshot. Pure."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import TypeVar

from notifier.procedures.date_words import DateError
from notifier.procedures.dates import read_dates
from notifier.procedures.model import Facts, Precision, Snapshot, Status
from notifier.procedures.status import STATUS_WORDS, read_status
from notifier.settings.closest import closest
from notifier.sources.errors import SourceError
from notifier.sources.general.toml_milestones import read_milestones
from notifier.sources.general.toml_table import DAY, FLAG, TABLES, TEXT, Kind, Table
from notifier.sources.records import Records
from notifier.sources.reference import REFERENCE, is_reference

PROCEDURE_NAMES: dict[str, tuple[Kind, ...]] = {
    "reference": (TEXT,),
    "title": (TEXT,),
    "status": (TEXT,),
    "process": (TEXT,),
    "technology_type": (TEXT,),
    "decision": (TEXT,),
    "id_number": (TEXT,),
    "description": (TEXT,),
    "email": (TEXT,),
    "link": (TEXT,),
    "referral_date": (DAY, TEXT),
    "draft": (FLAG,),
    "milestones": (TABLES,),
}

_ALIKE = 0.75
"""How like a known status an unknown one is when it is taken for a slip, and not for another word."""

_Value = TypeVar("_Value")


def read_procedure(table: Table, entries: Sequence[Table], *, today: date) -> Records:
    """Read one procedure and its milestones whole, or return every problem that it has.

    Types and names were checked before. The document is the body's own word, so every state is stated.
    """
    problems: list[SourceError] = []

    def tried(read: Callable[[Table], _Value]) -> _Value | None:
        try:
            return read(table)
        except SourceError as error:
            problems.append(error)
            return None

    facts = Facts(
        title=tried(lambda each: each.needed("title")),
        status=tried(_status),
        status_as_written=table.plain("status"),
        decision=tried(lambda each: each.text("decision")),
        process=tried(lambda each: each.text("process")),
        technology_type=tried(lambda each: each.text("technology_type")),
        id_number=tried(lambda each: each.text("id_number")),
        description=tried(lambda each: each.text("description")),
        email=tried(_email),
        link=tried(_link),
        referral_date=tried(lambda each: _referral(each, today)),
    )
    reference = tried(_reference)
    milestones, wrong = read_milestones(entries, process=facts.process, today=today)
    if reference is None or problems or wrong:
        return Records(problems=(*problems, *wrong))
    snapshot = Snapshot(
        reference=reference,
        facts=facts,
        milestones=milestones,
        draft=table.values.get("draft") is True,
        stated=frozenset(one.key for one in milestones),
    )
    return Records(snapshots=(snapshot,))


def _reference(table: Table) -> str:
    reference = table.needed("reference")
    if not is_reference(reference):
        raise table.refuse("reference", expected=REFERENCE)
    return reference


def _status(table: Table) -> Status:
    """Read the status. A word like a known one is a slip: an unknown status would silence every date."""
    word = table.needed("status")
    status = read_status(word)
    meant = closest(word, STATUS_WORDS, alike=_ALIKE) if status is Status.UNKNOWN else None
    if meant is not None:
        raise table.refuse("status", expected="a status that is known", probably=meant)
    return status


def _email(table: Table) -> str | None:
    address = table.text("email")
    if address is not None and (" " in address or not all(address.partition("@"))):
        raise table.refuse("email", expected="an email address")
    return address


def _link(table: Table) -> str | None:
    link = table.text("link")
    if link is not None and (" " in link or not link.startswith(("https://", "http://"))):
        raise table.refuse("link", expected="a web address that begins with https://")
    return link


def _referral(table: Table, today: date) -> date | None:
    text = table.text("referral_date")
    if text is None:
        return table.day("referral_date")
    try:
        dates = read_dates(text, today=today)
    except DateError as error:
        raise table.undated("referral_date", error) from error
    if dates.precision is not Precision.DAY or dates.end is not None:
        raise table.refuse("referral_date", expected="one day, such as 8 September 2022")
    return dates.start
