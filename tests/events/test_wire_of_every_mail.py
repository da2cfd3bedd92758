"""Every kind of mail as bytes: 7-bit, short lines, whatever the language and the names are."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from notifier.events.letters import compose
from notifier.events.messages import mail_words
from notifier.events.model import Basis, EventKind
from notifier.events.stationery import Stationery
from notifier.settings import Service
from notifier.subscriptions.lifecycle import normal_address
from tests.events.every_mail import every_mail
from tests.events.letter_cast import ANN, SENDER, filled
from tests.events.mail_reader import assert_fit_for_the_wire, body, read
from tests.events.pseudo_language import PSEUDO, pseudo_languages
from tests.events.words_cast import CONSULTATION, SERVICE, event

FOREIGN = SERVICE.model_copy(
    update={
        "name": "Überblick für alle, 東京",
        "operator": "Ærø Øl “Ltd”",
        "postal_address": "Große Straße 1\nŁódź",
        "body": "NICE Šéf",
    }
)
LONGEST_LINE = 78
FROM_ANYWHERE = Stationery(sender_name="通知 <alerts>", footer="Nº 123 – “registered”")


def assert_good_letter(content: bytes) -> None:
    assert_fit_for_the_wire(content)
    message = read(content)
    for line in body(message, "plain").splitlines():
        assert len(line) <= LONGEST_LINE or "://" in line, line
    assert len(body(message, "html").encode()) < 100_000
    for part in message.iter_parts():
        assert part["Content-Transfer-Encoding"] in ("quoted-printable", "7bit")


@pytest.mark.parametrize("service", [SERVICE, FOREIGN])
def test_every_kind_of_mail_is_fit_for_the_wire(service: Service) -> None:
    for _, content in every_mail(service, paper=FROM_ANYWHERE):
        assert_good_letter(content)


def test_every_kind_of_mail_is_fit_for_the_wire_in_a_language_of_strange_letters(tmp_path: Path) -> None:
    with pseudo_languages(tmp_path).speaking(PSEUDO):
        for _, content in every_mail():
            assert_good_letter(content)


def test_names_of_any_letters_come_back_as_they_were() -> None:
    for _, content in list(every_mail(FOREIGN, paper=FROM_ANYWHERE))[::20]:
        message = read(content)
        assert message["From"].addresses[0].display_name == "通知 <alerts>"
        text = " ".join(body(message, "plain").split())
        assert "Ærø Øl “Ltd”, Große Straße 1, Łódź" in text
        assert "Nº 123 – “registered”" in text


def test_an_address_of_a_foreign_domain_is_written_to_in_ascii() -> None:
    words = mail_words(
        [event(EventKind.OPENED, Basis.CONFIRMED, CONSULTATION)], today=date(2022, 10, 14), service=SERVICE
    )
    to = normal_address("ann@bücher.example")
    assert to == "ann@xn--bcher-kva.example"
    made = compose(words, service=SERVICE, sender=SENDER)
    content = filled(made, replace(ANN, recipient=to, why_line="You asked “Überblick”."))
    assert_good_letter(content)
    assert read(content)["To"].addresses[0].addr_spec == to
