"""What is said, before it has a form: plain text without markup, in the order in which a reader needs it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from notifier.events.language import say, say_many, say_set
from notifier.events.titles import clean, quoted


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Words that lead somewhere; `url` is absolute."""

    text: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DateRow:
    """One line under "Dates"; `before` is what the source gave until now, where that changed."""

    label: str
    value: str
    before: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one kind of news comes to: the lead of a subject or title, the first sentence, what follows it."""

    lead: str
    sentence: str
    notes: tuple[str, ...] = ()


class StepPlace(StrEnum):
    """Where a step lies, seen from the reader's day."""

    DONE = "done"
    """The source has shown that it happened."""
    PASSED = "passed"
    """Its date has passed, and nobody has seen it happen."""
    NOW = "now"
    DUE = "due"
    """Its date is now, and nobody has seen it happen."""
    COMING = "coming"

    @property
    def is_over(self) -> bool:
        """Whether it lies behind the reader."""
        return self in (StepPlace.DONE, StepPlace.PASSED)

    @property
    def is_now(self) -> bool:
        """Whether it is the reader's present."""
        return self in (StepPlace.NOW, StepPlace.DUE)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepWords:
    """One cell of the picture of where a procedure stands; `skipped`: steps before it are left out."""

    label: str
    place: StepPlace
    note: str
    skipped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One piece of news in a mail. `heading` is the quoted title with its identity; `page` is our own.

    `steps` is where the procedure stands, and `steps_line` the same on one line; `more` are the places that
    one can go to beside `page`: calendar and feed.
    """

    heading: str
    lead: str
    notes: tuple[str, ...]
    can_do: tuple[str | Link, ...]
    dates: tuple[DateRow, ...]
    how_we_know: tuple[str, ...]
    page: Link
    steps: tuple[StepWords, ...] = ()
    steps_line: str = ""
    more: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OverviewRow:
    """One date in an overview, with the procedure it belongs to."""

    topic: Link
    when: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OverviewPart:
    """A list of dates under a heading; `more` leads to the rest of a list that is too long for a mail."""

    heading: str
    rows: tuple[OverviewRow, ...]
    more: Link | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MailWords:
    """An alert. `slug` and `shown_id` are set when all of it is about one procedure.

    `kind` names it to relays; `standing` says whose service this is and what its dates are worth. A digest
    has an `intro` before its news, and a weekly one an `overview` after it. `placed` stands where both do,
    for news that is put in ready-made (`joining.py`).
    """

    subject: str
    sections: tuple[Section, ...]
    standing: str
    kind: str
    slug: str | None
    shown_id: str | None
    intro: str = ""
    overview: tuple[OverviewPart, ...] = ()
    placed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyWords:
    """An answer to a form: what we ask or say, the words of the one link, and what follows it."""

    subject: str
    lead: str
    action: str
    after: tuple[str, ...]
    standing: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryWords:
    """A feed entry: plain title and escaped HTML, both without words that go stale ("tomorrow")."""

    title: str
    html: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedKind:
    """One part of "3 updates: 1 open for comment, 2 dates moved", with the rank that puts deadlines first.

    `forms` are its marked words for one and for many.
    """

    rank: int
    forms: tuple[str, str]

    def words(self, number: int) -> str:
        """Return "1 date moved" or "2 dates moved"."""
        return say_many(*self.forms, number)


class Asked(NamedTuple):
    """What a person asked for; said when it is asked, in the language of that moment.

    One procedure has a `shown_id`, all of one process or technology type a `group`; `noun` is the service's
    own for a procedure.
    """

    noun: str = ""
    group: str = ""
    title: str = ""
    shown_id: str = ""

    @property
    def what(self) -> str:
        """Return how sentences name it."""
        return quoted(self.title, self.shown_id) if self.shown_id else self.shown

    @property
    def shown(self) -> str:
        """Return how subjects name it, and "alerts about"."""
        if self.shown_id:
            return clean(self.shown_id)
        noun = say_set(self.noun)
        if self.group:
            return say("all {noun}s of “{group}”", noun=noun, group=clean(self.group))
        return say("all {noun}s", noun=noun)
