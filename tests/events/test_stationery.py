"""How mails look: an operator's templates, name, colours and foot; and that no template loses a mail."""

import logging
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from notifier.events.letters import compose
from notifier.events.messages import mail_words
from notifier.events.model import Basis, EventKind
from notifier.events.replies import asked_for_one, confirm_words
from notifier.events.stationery import Stationery, Templates, stationery_of
from notifier.settings import Mail
from tests.events.letter_cast import SENDER, filled
from tests.events.mail_reader import assert_fit_for_the_wire, body, read
from tests.events.words_cast import CONSULTATION, SERVICE, TITLE, event

LOOK = Mail(
    sender_name="Kidney alerts, für alle",
    accent="#7A1FA2",
    accent_dark="#e1bee7",
    footer="Registered charity 123456",
)


def mail(paper: Stationery) -> bytes:
    news = event(EventKind.OPENED, Basis.CONFIRMED, CONSULTATION)
    words = mail_words([news], today=date(2022, 10, 14), service=SERVICE)
    return filled(compose(words, service=SERVICE, sender=SENDER, stationery=paper))


def reply(paper: Stationery) -> bytes:
    words = confirm_words(asked_for_one(TITLE, "IP1783"), service=SERVICE)
    return filled(compose(words, service=SERVICE, sender=SENDER, stationery=paper))


@pytest.mark.parametrize("made", [mail, reply])
def test_name_colours_and_foot_are_those_of_the_settings(made: object) -> None:
    assert callable(made)
    content = made(stationery_of(LOOK))
    assert_fit_for_the_wire(content)
    message = read(content)
    assert message["From"].addresses[0].display_name == "Kidney alerts, für alle"
    html, text = body(message, "html"), body(message, "plain")
    assert "#7a1fa2" in html
    assert "#e1bee7" in html
    assert "#0b57a4" not in html
    assert ">Registered charity 123456</p>" in html
    assert "\nExample Charity, 1 High Street, Leeds LS1 1AA\nRegistered charity 123456\n" in text


def test_a_template_of_the_operator_stands_in_for_the_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "footer.txt").write_text("From {{ operator }} with care\n", "utf-8")
    paper = Stationery(templates=Templates(tmp_path))
    text = body(read(mail(paper)), "plain")
    assert text.endswith("\nFrom Example Charity, 1 High Street, Leeds LS1 1AA with care\n")
    assert text.startswith("You can now comment on")


@pytest.mark.parametrize(
    "broken",
    [
        "{{ words.sections[0].sentence }}",
        "{{ 1 / 0 }}",
        "{% for %}",
        "Nothing of what must be said",
        "{{ hole.WHY_TEXT.mark }} {{ hole.LINK_TEXT.mark }} {{ hole.RECIPIENT.mark }}",
        "{{ words.__class__.__base__ }}",
    ],
)
def test_a_template_that_fails_is_reported_and_the_mail_goes_out_as_shipped(
    tmp_path: Path, broken: str, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "alert.txt").write_text(broken, "utf-8")
    with caplog.at_level(logging.ERROR):
        content = mail(Stationery(templates=Templates(tmp_path)))
    assert content == mail(Stationery())
    assert [record.message for record in caplog.records] == ["template_failed"]


def test_what_a_title_says_is_no_template_and_no_markup(tmp_path: Path) -> None:
    title = "<b>{{ 7 * 7 }}</b> {% raw %} {topic}"
    news = event(EventKind.OPENED, Basis.CONFIRMED, replace(CONSULTATION, title=title))
    words = mail_words([news], today=date(2022, 10, 14), service=SERVICE)
    message = read(filled(compose(words, service=SERVICE, sender=SENDER)))
    assert "&lt;b&gt;{{ 7 * 7 }}&lt;/b&gt; {% raw %} {topic}" in body(message, "html")
