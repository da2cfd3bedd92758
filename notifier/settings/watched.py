"""The sources that are watched, and how: each field with its meaning and unit."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from notifier.settings.list_values import Networks
from notifier.settings.sections import Section
from notifier.settings.source_values import (
    ApiKeyFile,
    HeaderName,
    ReferenceName,
    SourceName,
    SourceUrl,
)
from notifier.settings.values import Count, CountOrNone, Location, RefusedError, one_of

_LEAST_MINUTES = 5
"""No page changes so often that asking for it more often would be polite."""


class Shape(StrEnum):
    """What a source holds, where it is not to be told from the source itself."""

    PAGE = "page"
    """NICE's page of one project: HTML, Markdown or text."""
    NICE_JSON = "nice-json"
    """NICE's in-development records: one, or a list."""
    PROCEDURES = "procedures"
    """Our own format: CSV, TOML or JSON of procedures and their dates."""


class SourceSettings(Section):
    """One watched source: `[[sources]]` in the file."""

    name: SourceName
    """Its identity for good: under another name it is a new source, whose first reading is silent."""
    url: SourceUrl | None = None
    folder: Location | None = Field(default=None, validate_default=True)
    """Either this or `url`; the files in it may be of any shape."""
    shape: Annotated[Shape, one_of(Shape)] | None = None
    """None: told from the content."""
    reference: ReferenceName | None = None
    """The procedure of a page that does not say so itself."""
    every_minutes: Count = Field(default=None, validate_default=True)
    """How often it is read: every 60 minutes, a folder every minute."""
    api_key_header: HeaderName = "API-Key"
    api_key_file: ApiKeyFile | None = None

    @property
    def interval(self) -> timedelta:
        """Return the time from one reading to the next."""
        return timedelta(minutes=self.every_minutes)

    @property
    def api_key(self) -> SecretStr | None:
        """Return what is sent as `api_key_header`; None: nothing."""
        return None if self.api_key_file is None else self.api_key_file.key

    @field_validator("folder")
    @classmethod
    def _one_place(cls, folder: Location | None, info: ValidationInfo) -> Location | None:
        if "url" in info.data and (info.data["url"] is None) is (folder is None):
            raise RefusedError('and "url" exclude each other: set one of them', repeat=False)
        return folder

    @field_validator("reference")
    @classmethod
    def _only_for_a_page(cls, reference: str | None, info: ValidationInfo) -> str | None:
        many = info.data.get("shape") in {Shape.NICE_JSON, Shape.PROCEDURES}
        if reference is not None and (many or info.data.get("folder") is not None):
            raise RefusedError('is only for a "url" that is the page of one procedure', repeat=False)
        return reference

    @field_validator("every_minutes", mode="before")
    @classmethod
    def _usual_pace(cls, minutes: object, info: ValidationInfo) -> object:
        if minutes is not None:
            return minutes
        return 60 if info.data.get("folder") is None else 1

    @field_validator("every_minutes")
    @classmethod
    def _polite(cls, minutes: int, info: ValidationInfo) -> int:
        if info.data.get("url") is not None and minutes < _LEAST_MINUTES:
            raise RefusedError(f'must be at least {_LEAST_MINUTES} where there is a "url"', repeat=True)
        return minutes

    @field_validator("api_key_file")
    @classmethod
    def _only_for_the_web(cls, file: ApiKeyFile | None, info: ValidationInfo) -> ApiKeyFile | None:
        if file is not None and info.data.get("folder") is not None:
            raise RefusedError('is only for a "url"', repeat=False)
        return file


def refuse_doubles(sources: Sequence[SourceSettings]) -> None:
    """Refuse a name or place that two sources have: which of them was read would be chance.

    Raises:
        RefusedError: it tells which source, and which of its settings.
    """
    seen: set[tuple[str, str]] = set()
    for number, source in enumerate(sources):
        for name, value in _identities(source):
            if (name, value) in seen:
                raise RefusedError("is that of another source too", repeat=False, inside=(str(number), name))
            seen.add((name, value))


def _identities(source: SourceSettings) -> Iterator[tuple[str, str]]:
    yield "name", source.name
    if source.url is not None:
        yield "url", source.url
    if source.folder is not None:
        yield "folder", str(source.folder)


class Unreadable(StrEnum):
    """What happens to a date that falls due while its source cannot be read."""

    SAY = "say"
    """It is announced as scheduled, with words that say so."""
    WAIT = "wait"
    """It waits for the source for some hours, and is then announced as under SAY."""
    HOLD = "hold"
    """It waits until a person decides."""


class Watching(Section):
    """How sources are read. Who asks is told by the contact of the service."""

    seconds_between: CountOrNone = 2
    """The rest of a host between two requests."""
    timeout_seconds: Count = 30
    """How long a request may take, to the last byte."""
    max_megabytes: Count = 32
    """How large a page or file may be, decompressed."""
    allow_private: Networks = ()
    """Networks that may be asked although they are not on the public internet."""
    unreadable: Annotated[Unreadable, one_of(Unreadable)] = Unreadable.SAY
    wait_hours: Count = 3
    """How long WAIT waits."""
    max_events: Count = 200
    """One reading that would make more events waits for the operator: a fault is likelier than the news."""
