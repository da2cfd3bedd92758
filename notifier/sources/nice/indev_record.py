"""One object of NICE's in-development feed, read name by name; what is wrong is said with its place. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from notifier.procedures.dates import believable
from notifier.procedures.model import Facts, Status
from notifier.procedures.status import read_status
from notifier.sources.errors import SourceError
from notifier.sources.nice.markup import one_line, plain_text
from notifier.sources.records import RecordError, add_problem, shown
from notifier.sources.reference import REFERENCE, is_reference

SITE = "https://www.nice.org.uk"

_STAMP = "a stamp, such as 2022-12-09T17:00:00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a whole document is read with. `zone` is that of its stamps, which carry none."""

    file: str
    zone: ZoneInfo
    today: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One object of the feed; `path` is where it stands, empty for the document itself."""

    reading: Reading
    path: str
    values: Mapping[str, object]
    reference: str | None = None

    def refuse(
        self, name: str, *, expected: str, found: str | None = None, probably: str | None = None
    ) -> RecordError:
        """Make the error that says that the value of `name` is not what was expected."""
        value = self.values.get(name)
        if found is None and value is not None:
            found = shown(value)
        return RecordError(
            file=self.reading.file,
            place=f"{self.path}.{name}" if self.path else name,
            reference=self.reference,
            found=found,
            expected=expected,
            probably=probably,
        )

    def raw(self, name: str) -> str | None:
        """Return a text as it stands, numbers as text; None where there is none."""
        value = self.values.get(name)
        if value is None or isinstance(value, str):
            return value or None
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**20:
            return str(value)
        raise self.refuse(name, expected="text")

    def line(self, name: str) -> str | None:
        """Return a text without markup in one line; None where there is none."""
        return one_line(self.raw(name) or "") or None

    def text(self, name: str) -> str | None:
        """Return a text without markup, its paragraphs apart; None where there is none."""
        return plain_text(self.raw(name) or "") or None

    def stamp(self, name: str) -> datetime | None:
        """Return a stamp in the zone of the document; raise `RecordError` for one that cannot be."""
        text = self.raw(name)
        if text is None:
            return None
        try:
            stamp = datetime.fromisoformat(text.strip())
            zone = self.reading.zone
            return stamp.replace(tzinfo=zone) if stamp.tzinfo is None else stamp.astimezone(zone)
        except (ValueError, OverflowError):
            raise self.refuse(name, expected=_STAMP) from None

    def last_modified(self) -> datetime | None:
        """Return when the record says it was changed last, in UTC.

        None for a stamp that cannot be believed: one from the future would keep out every later reading.
        """
        try:
            stamp = self.stamp("LastModifiedDate")
        except RecordError:
            return None
        tomorrow = self.reading.today + timedelta(days=1)
        if stamp is None or not believable(stamp.year, self.reading.today) or stamp.date() > tomorrow:
            return None
        return stamp.astimezone(UTC)

    def inner(self, kind: str) -> list["Record"]:
        """Return the embedded objects called `kind`; raise `RecordError` where one of them is no object."""
        found, problems = self.each(kind)
        if problems:
            raise problems[0]
        return found

    def each(self, kind: str) -> tuple[list["Record"], list[SourceError]]:
        """Return the embedded objects called `kind`, and what stands among them that is none.

        The feed writes a list of one as that one, and leaves out a list of none.
        """
        within = self.values.get("_embedded")
        if within is not None and not isinstance(within, dict):
            return [], [self.refuse("_embedded", expected="an object")]
        value = (within or {}).get(f"nice.indev:{kind}")
        items = value if isinstance(value, list) else [] if value is None else [value]
        before = f"{self.path}.{kind}" if self.path else kind
        found: list[Record] = []
        problems: list[SourceError] = []
        for number, item in enumerate(items):
            path = f"{before}[{number}]"
            if isinstance(item, dict):
                found.append(Record(reading=self.reading, path=path, values=item, reference=self.reference))
            else:
                add_problem(problems, self._misplaced(path, item))
        return found, problems

    def _misplaced(self, path: str, item: object) -> RecordError:
        return RecordError(
            file=self.reading.file,
            place=path,
            reference=self.reference,
            found=shown(item),
            expected="an object",
        )


def holds(values: Mapping[str, object], kind: str) -> bool:
    """Whether an object embeds a list called `kind`, be it empty."""
    within = values.get("_embedded")
    return isinstance(within, dict) and f"nice.indev:{kind}" in within


def read_reference(record: Record) -> str:
    """Return the record's reference; raise `RecordError` where there is none that can be one."""
    reference = (record.raw("Reference") or "").strip()
    if not is_reference(reference):
        raise record.refuse("Reference", expected=REFERENCE)
    return reference


def read_title(record: Record, reference: str) -> str | None:
    """Return the title as quoted in alerts, without the reference that some begin with: "GID-MT1 Title"."""
    title = record.line("Title")
    if title is None or not title.casefold().startswith(reference.casefold()):
        return title
    rest = title[len(reference) :]
    return title if rest[:1].isalnum() else rest.lstrip(" -–—:") or None  # "GID-MT55" begins "GID-MT553"


def read_facts(record: Record, reference: str) -> Facts:
    """Return what records of a project say in every list that they stand in."""
    word = record.line("Status")
    product = record.line("ProductReference")
    status = read_status(word) if word else None
    published = status is Status.COMPLETE and product and is_reference(product)
    return Facts(
        title=read_title(record, reference),
        status=status,
        status_as_written=word,
        decision=record.line("TopicSelectionDecision"),
        process=record.line("Process") or record.line("DevelopedAs"),
        technology_type=record.line("TechnologyType"),
        id_number=record.line("IdNumber"),
        description=record.text("Description") or record.text("Summary"),
        link=f"{SITE}/guidance/{product.lower()}"
        if published and product
        else f"{SITE}/guidance/indevelopment/{reference.lower()}",
        reason=_reason(record),
    )


def _reason(record: Record) -> str | None:
    """Return why work was stopped; some records only repeat the status: "Discontinued"."""
    reason = record.text("SuspendDiscontinuedReason")
    return None if reason is None or read_status(reason) is not Status.UNKNOWN else reason
