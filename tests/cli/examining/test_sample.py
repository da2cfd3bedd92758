"""The test mail: it has an alert's headers, says what to look for, and its form is judged truly."""

from email import message_from_bytes, policy

import pytest

from notifier.cli.examining import sample
from notifier.subscriptions.return_path import ReturnPath
from tests.cli.examining.cast import DOMAIN, NOW, REPLY_TO, SENDER, settings, short
from tests.events.mail_reader import body, read

TO = "ada@charity.example"
BOUNCES = "returned@bounces.kidneys.example"


def test_the_test_mail_has_every_header_of_an_alert_and_says_what_to_look_for() -> None:
    letter = sample.test_letter(settings(), to=TO, now=NOW)
    mail = read(letter.content)
    assert (letter.sender, letter.recipient) == (SENDER, TO)
    assert mail["Subject"] == "Test mail: Kidney alerts"
    assert (mail["To"], mail["Reply-To"]) == (TO, REPLY_TO)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    text = " ".join(body(mail, "plain").split())
    for words in ("spf=pass, dkim=pass and dmarc=pass", DOMAIN, "List-Unsubscribe and List-Unsubscribe-Post"):
        assert words in text
    assert "Somebody ran `notifier doctor --to`" in text


def test_the_test_mail_leaves_in_an_envelope_of_its_own_and_can_be_stopped_by_mail_as_an_alert() -> None:
    letter = sample.test_letter(settings(bounces=BOUNCES), to=TO, now=NOW)
    assert ReturnPath(BOUNCES).tokens_in(letter.sender) == (sample.RETURN_MARK,)
    mail = read(letter.content)
    assert mail["From"].addresses[0].addr_spec == SENDER
    assert f", <mailto:{letter.sender}?subject=unsubscribe>" in mail["List-Unsubscribe"]
    assert "mailto" not in read(sample.test_letter(settings(), to=TO, now=NOW).content)["List-Unsubscribe"]


def test_from_is_compared_with_the_envelope_that_alerts_leave_in() -> None:
    *_, one_click, alignment = sample.form(settings(bounces=BOUNCES), now=NOW)
    assert "of kidneys.example, the envelope of bounces.kidneys.example" in alignment.sentence
    assert one_click.verdict == "ok"


def test_an_alert_of_a_service_behind_tls_is_as_receivers_ask() -> None:
    assert short(sample.form(settings(), now=NOW)) == [
        ("message format", "ok"),
        ("one-click unsubscribe", "ok"),
        ("From alignment", "ok"),
    ]


def test_one_click_is_not_met_in_clear() -> None:
    found = sample.form(settings(public_url="http://alerts.kidneys.example"), now=NOW)
    assert ("one-click unsubscribe", "attention") in short(found)


@pytest.mark.parametrize(
    ("envelope", "verdict"),
    [
        ("b+1@kidneys.example", "ok"),
        ("b+1@bounces.kidneys.example", "ok"),
        ("b+1@elsewhere.example", "attention"),
        ("b+1@notkidneys.example", "attention"),
    ],
)
def test_from_is_aligned_with_an_envelope_of_the_same_organisation(envelope: str, verdict: str) -> None:
    letter = sample.test_letter(settings(), to=TO, now=NOW)
    message = message_from_bytes(letter.content, policy=policy.default)
    assert sample._from(message, envelope).verdict == verdict


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (b"Date: ", b"X-Date: ", "Date stands 0 times"),
        (b"Subject: ", b"Subject: a\r\nSubject: ", "Subject stands 2 times"),
        (b"This is a test", b"\xff", "7-bit"),
        (b"This is a test", b"x" * 1000, "lines"),
        (b"text/html", b"text/plain", "both forms"),
    ],
)
def test_a_mail_that_is_formed_badly_is_told(before: bytes, after: bytes, words: str) -> None:
    content = sample.test_letter(settings(), to=TO, now=NOW).content
    assert before in content
    bad = content.replace(before, after)
    found = sample._form(bad, message_from_bytes(bad, policy=policy.default))
    assert (found.verdict, words in found.sentence) == ("attention", True)
