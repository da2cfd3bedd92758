"""What is said, before it has a form: plain text without markup, in the order in which a reader needs it."""

from dataclasses import dataclass


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One piece of news in a mail. `heading` is the quoted title with its identity; `page` is our own."""

    heading: str
    lead: str
    notes: tuple[str, ...]
    can_do: tuple[str | Link, ...]
    dates: tuple[DateRow, ...]
    how_we_know: tuple[str, ...]
    page: Link


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
    has an `intro` before its news, and a weekly one an `overview` after it.
    """

    subject: str
    sections: tuple[Section, ...]
    standing: str
    kind: str
    slug: str | None
    shown_id: str | None
    intro: str = ""
    overview: tuple[OverviewPart, ...] = ()


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
    """One part of "3 updates: 1 open for comment, 2 dates moved", with the rank that puts deadlines first."""

    rank: int
    one: str
    many: str

    def words(self, number: int) -> str:
        """Return "1 date moved" or "2 dates moved"."""
        return f"{number} {self.one if number == 1 else self.many}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a person asked for: `what` is said in sentences, `shown` in subjects and in "alerts about"."""

    what: str
    shown: str
