"""What holds for every kind of news, on every basis, whatever is known of it."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import product

from notifier.events.entry import confirmed_words, corrected_words, entry_words
from notifier.events.messages import mail_words
from notifier.events.model import Basis, EventKind, Payload
from notifier.events.replies import asked_for_one, why_words
from notifier.events.words import Link, MailWords, Section
from notifier.procedures.model import Dates, MilestoneKind
from tests.events.words_cast import OWN_SERVICE, PAYLOADS, SERVICE, TITLE, at, event

TBC = Dates(as_written="TBC")


def words(kind: EventKind, basis: Basis, payload: Payload, today: date) -> MailWords:
    return mail_words([event(kind, basis, payload)], today=today, service=SERVICE)


def only(mail: MailWords) -> Section:
    (section,) = mail.sections
    return section


NEVER_PUBLIC = re.compile(r"\b(milestones?|reached|fired|events?|snapshots?|baselines?)\b", re.IGNORECASE)
RELATIVE = re.compile(r"\b(today|tomorrow|yesterday|days? left|weeks? left|now comment)\b", re.IGNORECASE)


def every_telling() -> Iterator[tuple[EventKind, Basis, Payload]]:
    for kind, basis in product(EventKind, Basis):
        payload = PAYLOADS[kind]
        yield kind, basis, payload
        yield kind, basis, replace(payload, read_at=None, link=None, next_dates=(), time_stated=False)
        yield kind, basis, replace(payload, late_days=2, learnt_on=payload.day)
        yield (
            kind,
            basis,
            replace(payload, unreadable_at=at(2023, 4, 1, 7, 55), reason="Words of theirs. " * 30),
        )
        yield kind, basis, replace(payload, note="We misread the page", told_on=payload.day, late_days=2)
        yield kind, basis, replace(payload, milestone_kind=MilestoneKind.WINDOW, label="Topic engagement")
        yield kind, basis, replace(payload, milestone_kind=None, label=None, deadline=None, changes=())
        for milestone in MilestoneKind:
            rows = tuple(replace(row, milestone_kind=milestone) for row in payload.changes)
            yield kind, basis, replace(payload, milestone_kind=milestone, changes=rows)


def spoken(mail: MailWords) -> str:
    lines = [mail.subject, mail.standing]
    for section in mail.sections:
        lines += [section.lead, *section.notes, *section.how_we_know]
        lines += [item.text if isinstance(item, Link) else item for item in section.can_do]
        lines += [f"{row.label} {row.value} {row.before or ''}" for row in section.dates]
    return "\n".join(lines)


def test_no_mail_of_any_kind_uses_a_word_of_the_machine() -> None:
    for kind, basis, payload in every_telling():
        text = spoken(words(kind, basis, payload, payload.day))
        assert NEVER_PUBLIC.search(text) is None, text
        assert "None" not in text


def test_open_published_and_discussed_are_said_only_of_what_is_confirmed() -> None:
    claim = re.compile(
        r"\bis open\b|\bopen for comment\b|\bopen again, to\b|can (now )?comment|has published|was discussed",
        re.IGNORECASE,
    )
    for kind, basis, payload in every_telling():
        if basis is not Basis.CONFIRMED:
            assert claim.search(spoken(words(kind, basis, payload, payload.day))) is None
            entry = entry_words(kind, basis, payload, service=SERVICE)
            assert claim.search(entry.title + entry.html) is None


def test_no_entry_of_any_kind_leans_on_the_day_it_is_read() -> None:
    for kind, basis, payload in every_telling():
        for service in (SERVICE, OWN_SERVICE):
            told = entry_words(kind, basis, payload, service=service)
            confirmed = confirmed_words(kind, payload, service=service)
            for entry in (told, confirmed, corrected_words(told)):
                assert RELATIVE.search(entry.title + entry.html) is None, entry
                assert NEVER_PUBLIC.search(entry.title + entry.html) is None, entry
                assert entry.title.endswith(f": {TITLE} (IP1783)")


def test_no_subject_of_any_kind_is_longer_than_a_list_shows() -> None:
    for kind, basis, payload in every_telling():
        subject = words(kind, basis, payload, payload.day).subject
        assert len(subject) <= 60, subject
        assert subject.endswith("(IP1783)")


def test_what_stands_under_the_first_sentence_has_at_most_120_words() -> None:
    why = why_words(asked_for_one(TITLE, "IP1783"), on=date(2022, 9, 3), service=SERVICE)
    for kind, basis, payload in every_telling():
        mail = words(kind, basis, payload, payload.day)
        section = only(mail)
        rows = [f"{row.label} {row.value} {row.before or ''}" for row in section.dates]
        acts = [item.text if isinstance(item, Link) else item for item in section.can_do]
        under = " ".join([*section.notes, *acts, *rows, *section.how_we_know, mail.standing, why])
        assert len(under.split()) <= 120, under


def test_the_picture_and_the_links_beside_it_are_short() -> None:
    for kind, basis, payload in every_telling():
        section = only(words(kind, basis, payload, payload.day))
        beside = [section.steps_line, section.page.text, *(link.text for link in section.more)]
        assert len(" ".join(beside).replace("→", "").split()) <= 30, beside
