"""Several pieces of news in one mail."""

from dataclasses import replace
from datetime import date

from notifier.events.messages import mail_words
from notifier.events.model import Basis, EventKind
from notifier.procedures.model import Dates
from tests.events.words_cast import CONSULTATION, PAYLOADS, SERVICE, TITLE, event

OPENING, CLOSING = date(2022, 10, 14), date(2022, 11, 11)
TBC = Dates(as_written="TBC")


def test_several_pieces_of_news_are_counted_in_the_subject_deadlines_first() -> None:
    moved = [
        event(
            EventKind.MOVED,
            Basis.CHECKED,
            replace(PAYLOADS[EventKind.MOVED], shown_id=f"IP{n}", slug=f"X{n}"),
        )
        for n in (1, 2)
    ]
    events = [*moved, event(EventKind.OPENED, Basis.CONFIRMED, CONSULTATION)]
    mail = mail_words(events, today=OPENING, service=SERVICE)
    assert mail.subject == "3 updates: 1 open for comment, 2 dates moved"
    assert mail.sections[0].lead.startswith("You can now comment")
    assert mail.slug is None


def test_the_nearest_deadline_is_told_first() -> None:
    later = replace(CONSULTATION, deadline=date(2022, 12, 1), title="Later")
    events = [event(EventKind.CLOSING_SOON, Basis.CHECKED, each) for each in (later, CONSULTATION)]
    mail = mail_words(events, today=date(2022, 11, 4), service=SERVICE)
    assert TITLE in mail.sections[0].lead


def test_a_subject_with_too_many_counts_says_how_many_more() -> None:
    events = [event(kind, Basis.CHECKED, PAYLOADS[kind]) for kind in EventKind]
    mail = mail_words(events, today=OPENING, service=SERVICE)
    assert mail.subject.startswith("21 updates: 2 due to open, 1 closing soon")
    assert mail.subject.endswith(" more")
    assert len(mail.subject) <= 60
