"""Procedures from TOML files, one in each; `config/procedures/ip1783.toml` explains the format by example.

A file is read whole or refused: an operator's slip must not become a wrong date or a date without a voice.
"""

from datetime import date
from pathlib import Path

from notifier.procedures.date_words import DateError
from notifier.procedures.dates import read_dates
from notifier.procedures.model import Facts, Precision, Snapshot, Status
from notifier.procedures.status import STATUS_WORDS, read_status
from notifier.settings.closest import closest
from notifier.sources.errors import SourceError, undated
from notifier.sources.reference import REFERENCE, is_reference
from notifier.sources.toml_document import parse
from notifier.sources.toml_milestones import read_milestones
from notifier.sources.toml_table import DAY, FLAG, TABLES, TEXT, Kind, Table

LARGEST = 1_000_000
"""Bytes. A schedule of a thousand rows has a tenth of this."""

_NAMES: dict[str, tuple[Kind, ...]] = {
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


def read_file(path: Path, *, today: date) -> Snapshot:
    """Read the procedure in one file. `today` bounds the years that are believed.

    Raise `SourceError` for a file that cannot be read, is not TOML, or says anything that is not understood.
    """
    root, entries = parse(_text(path), file=str(path), repeated="milestones")
    root.check_names(_NAMES)
    reference, title = root.needed("reference"), root.needed("title")
    if not is_reference(reference):
        raise root.refuse("reference", expected=REFERENCE)
    process = root.text("process")
    milestones = read_milestones(entries, process=process, today=today)
    return Snapshot(
        reference=reference,
        facts=Facts(
            title=title,
            status=_status(root),
            status_as_written=root.needed("status"),
            decision=root.text("decision"),
            process=process,
            technology_type=root.text("technology_type"),
            id_number=root.text("id_number"),
            description=root.text("description"),
            email=_email(root),
            link=_link(root),
            referral_date=_referral(root, today),
        ),
        milestones=milestones,
        draft=root.values.get("draft") is True,
        stated=frozenset(one.key for one in milestones),
    )


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        reason = error.strerror or "it cannot be opened"
        raise SourceError(
            file=str(path), line=None, found=None, expected=f"a file to read: {reason}"
        ) from error
    if len(content) > LARGEST:
        raise SourceError(file=str(path), line=None, found=None, expected=f"at most {LARGEST:,} bytes")
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SourceError(file=str(path), line=line, found=None, expected="text in UTF-8") from error


def _status(root: Table) -> Status:
    """Read the status. A word like a known one is a slip: an unknown status would silence every date."""
    word = root.needed("status")
    status = read_status(word)
    meant = closest(word, STATUS_WORDS, alike=_ALIKE) if status is Status.UNKNOWN else None
    if meant is not None:
        raise root.refuse("status", expected="a status that is known", probably=meant)
    return status


def _email(root: Table) -> str | None:
    address = root.text("email")
    if address is not None and (" " in address or not all(address.partition("@"))):
        raise root.refuse("email", expected="an email address")
    return address


def _link(root: Table) -> str | None:
    link = root.text("link")
    if link is not None and (" " in link or not link.startswith(("https://", "http://"))):
        raise root.refuse("link", expected="a web address that begins with https://")
    return link


def _referral(root: Table, today: date) -> date | None:
    text = root.text("referral_date")
    if text is None:
        return root.day("referral_date")
    try:
        dates = read_dates(text, today=today)
    except DateError as error:
        raise undated(error, file=root.file, line=root.line_of("referral_date")) from error
    if dates.precision is not Precision.DAY or dates.end is not None:
        raise root.refuse("referral_date", expected="one day, such as 8 September 2022")
    return dates.start
