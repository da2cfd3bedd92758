"""Another language is a file: nothing that a mail says is left in English, whatever it is about."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import islice
from pathlib import Path

import lxml.html
import pytest

from notifier.events.catalogues import Languages
from notifier.events.checking.samples import digest, replies
from notifier.events.letters import LetterTemplate, compose
from notifier.events.messages import mail_words
from notifier.events.model import Basis, Event, EventKind, Payload
from notifier.events.replies import (
    asked_for_all,
    asked_for_one,
    asked_for_some,
    confirm_words,
    why_reply_words,
    why_words,
)
from notifier.events.replies_preferences import why_access_words, why_new_address_words
from notifier.events.slots import GATHERING
from notifier.events.words import Asked, MailWords, ReplyWords
from notifier.procedures.model import Dates, MilestoneKind, Precision
from notifier.settings import Relation, Service
from tests.events.letter_cast import ANN, SENDER, filled
from tests.events.mail_reader import body, read
from tests.events.pseudo_language import PSEUDO, pseudo_languages, unmarked_words
from tests.events.test_every_kind import every_telling, spoken
from tests.events.words_cast import event

SERVICE = Service(
    name="QSERVICE",
    operator="QOPERATOR",
    postal_address="Q1 QSTREET, QTOWN",
    contact="help@alerts.example.org",
    privacy_contact="privacy@alerts.example.org",
    relation=Relation.THIRD_PARTY,
    public_url="https://alerts.example.org",
    body="QBODY",
    body_site="QSITE",
    topic_noun="QNOUN",
)
OWN_SERVICE = SERVICE.model_copy(update={"relation": Relation.OWN})
DAYS = (-30, 0, 1, 21, 26, 27, 28, 40)


@pytest.fixture(scope="module")
def languages(tmp_path_factory: pytest.TempPathFactory) -> Languages:
    return pseudo_languages(tmp_path_factory.mktemp("languages"))


def data_of(payload: Payload) -> Payload:
    """Return the same facts with words of others that begin with Q."""
    return replace(
        payload,
        title="QTITLE QOF QTHINGS",
        shown_id="Q1783",
        slug="QSLUG",
        body="QBODY",
        process="QP",
        link=payload.link and "https://body.example/QPAGE",
        status_as_written="QSTATUS",
        label=payload.label and "QLABEL",
        reason=payload.reason and "QREASON QWORDS.",
        note=payload.note and "QNOTE",
        changes=tuple(replace(one, label=f"QROW{n}") for n, one in enumerate(payload.changes)),
        next_dates=tuple(replace(one, label=f"QCOMMITTEE{n}") for n, one in enumerate(payload.next_dates)),
        steps=tuple(replace(one, label=f"QSTEP{n}") for n, one in enumerate(payload.steps)),
    )


def every_news() -> Iterator[Event]:
    for kind, basis, payload in every_telling():
        yield event(kind, basis, data_of(payload))
        yield event(kind, basis, replace(data_of(payload), body="QOTHER", time_stated=False))
    month = Dates(start=date(2023, 5, 1), precision=Precision.MONTH)
    for kind, basis, payload in every_telling():
        told = data_of(payload)
        rows = tuple(replace(one, new=one.new and month, old=month) for one in told.changes)
        yield event(kind, basis, replace(told, changes=rows, label="QLABEL", late_days=2))
        rows = tuple(replace(one, new=Dates(), old=None) for one in told.changes)
        yield event(kind, basis, replace(told, changes=rows * 3))


def letter(words: MailWords | ReplyWords, why: str) -> str:
    """Return everything that a reader sees of a mail, and its headers that have words."""
    made: LetterTemplate = compose(words, service=SERVICE, sender=SENDER)
    message = read(filled(made, replace(ANN, why_line=why)))
    page = lxml.html.fromstring(body(message, "html"))
    for style in page.xpath("//style"):
        style.drop_tree()
    part = message.get_body(("plain",))
    assert part is not None
    assert part["Content-Language"] == PSEUDO
    assert page.get("lang") == PSEUDO
    headers = [
        str(message["Subject"]),
        str(message["From"]),
        str(message.get("List-Id", "")).partition("<")[0],
    ]
    return "\n".join([*headers, body(message, "plain"), page.text_content()])


def test_no_sentence_about_any_news_is_left_in_english(languages: Languages) -> None:
    with languages.speaking(PSEUDO):
        for news in every_news():
            for days in DAYS:
                for service in (SERVICE, OWN_SERVICE) if days == 0 else (SERVICE,):
                    today = news.payload.day + timedelta(days=days)
                    text = spoken(mail_words([news], today=today, service=service))
                    assert unmarked_words(text) == [], text


def asked() -> tuple[Asked, ...]:
    return (asked_for_one("QTITLE", "Q1783"), asked_for_all(SERVICE), asked_for_some("QGROUP", SERVICE))


def test_no_word_of_a_whole_mail_of_any_kind_is_left_in_english(languages: Languages) -> None:
    with languages.speaking(PSEUDO):
        for kind, basis, payload in islice(every_telling(), None, None, 5):  # of 15 for each kind and basis
            words = mail_words([event(kind, basis, data_of(payload))], today=payload.day, service=SERVICE)
            text = letter(words, why_words(asked()[0], on=date(2022, 9, 3), service=SERVICE))
            assert unmarked_words(text) == [], text


def test_no_word_of_a_mail_about_several_things_is_left_in_english(languages: Languages) -> None:
    news = [event(kind, basis, data_of(payload)) for kind, basis, payload in every_telling()]
    with languages.speaking(PSEUDO):
        for size in (2, 3, 20):
            for first in range(0, len(news), size):
                words = mail_words(news[first : first + size], today=date(2022, 10, 14), service=SERVICE)
                assert unmarked_words(words.subject) == [], words.subject
            text = letter(words, why_words(asked()[1], on=date(2022, 9, 3), service=SERVICE))
            assert unmarked_words(text) == [], text


def test_no_word_of_a_reply_is_left_in_english(languages: Languages) -> None:
    with languages.speaking(PSEUDO):
        for one in asked():
            why = why_reply_words(one, on=date(2022, 9, 3), service=SERVICE)
            for sample in replies(one, SERVICE):
                text = letter(sample.words(), why)
                assert unmarked_words(text) == [], text
            one_hour = letter(confirm_words(one, service=SERVICE, hours=1), why)
            assert unmarked_words(one_hour) == [], one_hour
        for why in (
            why_access_words(on=date(2022, 9, 3), service=SERVICE),
            why_new_address_words(on=date(2022, 9, 3), service=SERVICE),
        ):
            assert unmarked_words(why) == [], why


def test_no_word_of_a_digest_is_left_in_english(languages: Languages) -> None:
    news = [event(kind, basis, data_of(payload)) for kind, basis, payload in every_telling()][:40:10]
    with languages.speaking(PSEUDO):
        for rhythm in GATHERING:
            why = why_words(asked()[2], on=date(2022, 9, 3), service=SERVICE, rhythm=rhythm)
            text = letter(digest(news, rhythm, SERVICE), why)
            assert unmarked_words(text.replace("IP0000", "QID")) == [], text


def test_a_sentence_that_a_catalogue_does_not_have_is_noticed(tmp_path: Path) -> None:
    """The proof can fail: one sentence less, and plain words stand in the mail."""
    languages = pseudo_languages(tmp_path, without="You can now comment on {topic}{until}.")
    payload = data_of({kind: told for kind, _, told in every_telling()}[EventKind.OPENED])
    opened = replace(payload, milestone_kind=MilestoneKind.CONSULTATION, late_days=0, learnt_on=None)
    with languages.speaking(PSEUDO):
        words = mail_words(
            [event(EventKind.OPENED, Basis.CONFIRMED, opened)], today=opened.day, service=SERVICE
        )
        assert unmarked_words(words.sections[0].lead) == ["You", "can", "now", "comment", "on"]
