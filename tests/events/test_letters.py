"""Finished mails, read back as a mail program reads them."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from notifier.events.letters import compose
from notifier.events.messages import mail_words
from notifier.events.model import Basis, EventKind
from notifier.events.personal import UnsafeValueError
from notifier.events.replies import already_words, asked_for_one, confirm_words
from notifier.events.splice import Hole
from tests.events.letter_cast import ANN, SENDER, alert, filled
from tests.events.mail_reader import Page, assert_fit_for_the_wire, body, read
from tests.events.words_cast import PAYLOADS, SERVICE, TITLE, T, event


def test_an_alert_carries_every_header_that_mail_programs_and_relays_ask_for() -> None:
    message = read(filled(alert()))
    headers = {name: str(value) for name, value in message.items()}
    assert headers == {
        "From": "Example Alerts <alerts@alerts.example.org>",
        "Reply-To": "help@alerts.example.org",
        "To": "ann@charity.example",
        "Subject": "Comment by 11 Nov: Radiofrequency ablation… (IP1783)",
        "Date": "Fri, 14 Oct 2022 09:00:07 +0100",
        "Message-ID": "<e1.ab12@alerts.example.org>",
        "In-Reply-To": "<procedure.GID-IPG10158@alerts.example.org>",
        "References": "<procedure.GID-IPG10158@alerts.example.org>",
        "List-Id": '"Example Alerts: IP1783" <gid-ipg10158.alerts.alerts.example.org>',
        "List-Unsubscribe": "<https://alerts.example.org/one-click/abcdefghijklmnop>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Help": "<https://alerts.example.org/contact>",
        "List-Owner": "<mailto:help@alerts.example.org>",
        "List-Archive": "<https://alerts.example.org/procedures/GID-IPG10158>",
        "Auto-Submitted": "auto-generated",
        "Feedback-ID": "opened:GID-IPG10158:alerts:alerts.example.org",
        "MIME-Version": "1.0",
        "Content-Type": 'multipart/alternative; boundary="=_two_forms"',
    }


def test_where_mail_is_read_alerts_are_stopped_by_a_mail_too_and_the_link_comes_first() -> None:
    news = event(EventKind.OPENED, Basis.CONFIRMED, PAYLOADS[EventKind.OPENED])
    words = mail_words([news], today=date(2022, 10, 14), service=SERVICE)
    template = compose(words, service=SERVICE, sender=SENDER, stop_by_mail=True)
    address = "bounces+abcdefghijklmnopqrstuvwxyz2345672345672@alerts.example.org"
    letter = filled(template, replace(ANN, stop_address=address))
    assert_fit_for_the_wire(letter)
    assert (
        b"\r\nList-Unsubscribe: <https://alerts.example.org/one-click/abcdefghijklmnop>,\r\n"
        b" <mailto:" + address.encode() + b"?subject=unsubscribe>\r\n"
        b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    ) in letter
    with pytest.raises(UnsafeValueError, match="stop address"):
        filled(template, replace(ANN, stop_address="a@b.example>\r\nBcc: <c@d.example"))


@pytest.mark.parametrize("reply", [confirm_words, already_words])
def test_a_reply_to_a_form_offers_no_list_to_leave(reply: object) -> None:
    assert callable(reply)
    words = reply(asked_for_one(TITLE, "IP1783"), service=SERVICE)
    message = read(filled(compose(words, service=SERVICE, sender=SENDER)))
    assert not [name for name in message if name.startswith("List-")]
    assert message["Auto-Submitted"] == "auto-generated"
    assert f"\n  {ANN.link_url}\n" in body(message, "plain")
    assert ANN.link_url in Page(body(message, "html")).links.values()


def test_the_plain_text_is_a_good_letter_by_itself() -> None:
    text = body(read(filled(alert())), "plain")
    assert text == (
        "You can now comment on “Radiofrequency ablation for palliation of\n"
        "painful spinal metastases” (IP1783) until 5pm on Friday 11 November\n"
        "2022.\n"
        "\n"
        "What you can do\n"
        "  Read the consultation and comment on NICE's website:\n"
        "  https://www.nice.org.uk/guidance/indevelopment/gid-ipg10158\n"
        "\n"
        "Where it stands: IPAC 1 ✓ → Consultation (now) → IPAC 2 → Guidance\n"
        "\n"
        "Dates\n"
        "  Opens                  Friday 14 October 2022\n"
        "  Closes                 Friday 11 November 2022, 5pm\n"
        "  IPAC 2                 Thursday 12 January 2023\n"
        "  Expected publication   Wednesday 29 March 2023\n"
        "\n"
        "How we know\n"
        "  We read NICE's page at 8:55am and saw the consultation there.\n"
        "\n"
        "All dates of IP1783:\n"
        "  https://alerts.example.org/procedures/GID-IPG10158\n"
        "Add its dates to your calendar:\n"
        "  https://alerts.example.org/calendar/GID-IPG10158.ics\n"
        "Follow its feed:\n"
        "  https://alerts.example.org/feeds/GID-IPG10158.atom\n"
        "\n"
        f"{'-' * 72}\n"
        "Why you get this\n"
        "  You asked Example Alerts on 3 September 2022 for alerts about IP1783.\n"
        "\n"
        "Stop these alerts:\n"
        "  https://alerts.example.org/s/abcdefghijklmnop?a=1&b=2\n"
        "\n"
        "Change what you get:\n"
        "  https://alerts.example.org/preferences\n"
        "\n"
        "Someone sent you this? Get your own:\n"
        "  https://alerts.example.org/subscribe?to=GID-IPG10158\n"
        "\n"
        "This service is not run by NICE. Dates are provisional and come from\n"
        "NICE's website, read at 8:55am on 14 October 2022.\n"
        "\n"
        "Example Charity, 1 High Street, Leeds LS1 1AA\n"
        "Privacy: https://alerts.example.org/privacy\n"
        "Accessibility: https://alerts.example.org/accessibility\n"
        "Contact: https://alerts.example.org/contact\n"
    )


def test_the_html_loads_nothing_and_its_footer_leads_where_it_says() -> None:
    page = Page(body(read(filled(alert())), "html"))
    assert page.loaded == []
    assert page.links["Stop these alerts"] == ANN.link_url
    assert page.links["Get your own"] == "https://alerts.example.org/subscribe?to=GID-IPG10158"
    assert page.links["Privacy"] == "https://alerts.example.org/privacy"
    assert page.links["Accessibility"] == "https://alerts.example.org/accessibility"
    assert page.links["Contact"] == "https://alerts.example.org/contact"
    assert f"You can now comment on {T} until 5pm on Friday 11 November 2022." in page.text
    assert page.links["Change what you get"] == "https://alerts.example.org/preferences"
    footer = "Stop these alerts · Change what you get · Someone sent you this? Get your own."
    assert f"{ANN.why_line} {footer}" in page.text


def test_the_html_keeps_its_dark_colours_beside_the_inlined_ones() -> None:
    html = body(read(filled(alert())), "html")
    assert '<meta name="color-scheme" content="light dark">' in html
    assert "@media (prefers-color-scheme: dark)" in html
    assert 'class="lead" style="' in html


def test_a_mail_about_very_much_is_not_cut_by_large_mail_programs() -> None:
    events = [
        event(kind, Basis.CHECKED, replace(payload, slug=f"GID-{n}"))
        for n in range(8)
        for kind, payload in PAYLOADS.items()
    ]
    words = mail_words(events, today=date(2022, 10, 14), service=SERVICE)
    message = read(filled(compose(words, service=SERVICE, sender=SENDER)))
    assert len(body(message, "html").encode()) < 100_000
    assert message["List-Id"] == "Example Alerts <alerts.alerts.example.org>"
    assert "References" not in message
    assert body(message, "plain").count("How we know") == len(events)


def test_values_are_escaped_for_the_form_they_stand_in() -> None:
    message = read(filled(alert(), replace(ANN, why_line="You asked <Q&A> for alerts.")))
    html, text = body(message, "html"), body(message, "plain")
    assert 'href="https://alerts.example.org/s/abcdefghijklmnop?a=1&amp;b=2"' in html
    assert "You asked &lt;Q&amp;A&gt; for alerts." in html
    assert "  You asked <Q&A> for alerts.\n" in text


def test_a_title_that_looks_like_a_hole_is_only_a_title() -> None:
    message = read(filled(alert(f"Stop {Hole.LINK_TEXT.mark} {Hole.LINK_HTML.mark}")))
    assert body(message, "plain").count(ANN.link_url) == 1
    assert "“Stop link_text link_html” (IP1783)" in body(message, "plain")


def test_without_a_second_link_the_shown_one_takes_the_one_click() -> None:
    message = read(filled(alert(), replace(ANN, one_click_url=None)))
    assert message["List-Unsubscribe"] == f"<{ANN.link_url}>"


def test_the_same_person_gets_the_same_bytes_again() -> None:
    assert filled(alert()) == filled(alert())


def test_a_long_reason_is_wrapped_like_the_rest() -> None:
    long = (
        "You asked the Very Long Name of Some Service on 3 September 2022 for alerts about all topics there."
    )
    text = body(read(filled(alert(), replace(ANN, why_line=long))), "plain")
    assert max(len(line) for line in text.splitlines() if "http" not in line) <= 72
    assert long in " ".join(text.split())


UNSAFE = [
    {"recipient": "ann@charity.example\r\nBcc: all@example.org"},
    {"recipient": "ann@charity.example, bob@charity.example"},
    {"recipient": "Ann <ann@charity.example>"},
    {"recipient": "anné@charity.example"},
    {"message_id": "<a@b>\r\nX: y"},
    {"message_id": "a@b"},
    {"link_url": "https://x.example/\r\nX: y"},
    {"link_url": "javascript:alert(1)"},
    {"link_url": "https://x.example/>,<mailto:a@b>"},
    {"one_click_url": "https://x.example/ y"},
    {"why_line": "You asked.\r\n\r\nMore"},
    {"sent_at": datetime(2022, 10, 14, 9)},  # noqa: DTZ001 - naive on purpose
]


@pytest.mark.parametrize("change", UNSAFE)
def test_a_value_that_could_break_out_of_its_place_is_refused(change: dict[str, str]) -> None:
    with pytest.raises(UnsafeValueError) as refusal:
        filled(alert(), replace(ANN, **change))
    assert not any(str(value) in str(refusal.value) for value in change.values())


def test_a_sender_that_is_no_plain_address_is_refused() -> None:
    words = confirm_words(asked_for_one(TITLE, "IP1783"), service=SERVICE)
    with pytest.raises(ValueError, match="plain ASCII"):
        compose(words, service=SERVICE, sender="alerts@x.example\r\nBcc: a@b.example")


@pytest.mark.parametrize(
    "name", ['Notes, "and" more', "Überblick für alle", "=?utf-8?q?x?=", "A" * 90, "é" * 20]
)
def test_any_name_of_a_service_comes_back_as_it_was(name: str) -> None:
    service = SERVICE.model_copy(update={"name": name})
    words = confirm_words(asked_for_one(TITLE, "IP1783"), service=service)
    content = filled(compose(words, service=service, sender=SENDER))
    assert_fit_for_the_wire(content)
    (sender,) = read(content)["From"].addresses
    assert (sender.display_name, sender.addr_spec) == (name, SENDER)
