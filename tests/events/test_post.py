"""Alerts made many at a time: each is what the standard library reads back, whoever it is for."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifier.delivery.model import Claimed, Letter
from notifier.delivery.wire import data_of
from notifier.events.messages import mail_words
from notifier.events.model import Basis, EventKind
from notifier.events.personal import LINK_END, UnsafeValueError, link_heads, reason
from notifier.events.post import Alert, Post, Recipient
from notifier.events.titles import clean, subject
from notifier.subscriptions.return_path import ReturnPath
from notifier.subscriptions.tokens import LONGEST_TOKEN
from tests.cast import MACHINE_NOW, RULES, SENDER, SIGNER, london
from tests.events.mail_reader import Page, assert_fit_for_the_wire, body, read
from tests.events.words_cast import CONSULTATION, SERVICE, event

NOW = london(2022, 10, 14)
ATOMS = st.text(st.sampled_from("abcXYZ0189!#$%&'*+/=?^_`{|}~-"), min_size=1, max_size=20)
LOCALS = st.lists(ATOMS, min_size=1, max_size=3).map(".".join)
PATHS = st.text(st.sampled_from("abcXYZ019-._~:/?#[]@!$&'()*+,;=%"), max_size=90)
LINES = st.text(st.characters(exclude_characters="\r\n"), max_size=150) | st.text(
    st.sampled_from(".=~ <&>é\ufdd0\ufdd1why_text"), max_size=150
)
IDS = st.integers(1, 2**63 - 1)


def _post(public_url: str = SERVICE.public_url, return_path: ReturnPath | None = None) -> Post:
    service = SERVICE.model_copy(update={"public_url": public_url})
    return Post(
        service=service, sender=SENDER, reply_to=None, signer=SIGNER, rules=RULES, return_path=return_path
    )


def _claimed(number: int) -> Claimed:
    return Claimed(
        delivery_id=number,
        mailing_id=1,
        subscriber_id=number,
        part=0,
        attempts=2,
        doubtful=1,
        claimed_at=MACHINE_NOW,
    )


def _alert(
    post: Post, number: int, address: str, *, title: str = "A title", why: str = "You asked."
) -> Alert:
    news = event(EventKind.OPENED, Basis.CONFIRMED, replace(CONSULTATION, title=title))
    template = post.compose(mail_words([news], today=date(2022, 10, 14), service=post.service))
    return Alert(_claimed(number), address, f"{number:x}", template, reason(why), ("e1",))


def _assert_reads_back(post: Post, letter: Letter, alert: Alert, *, title: str, why: str) -> None:
    assert letter.data == data_of(letter.content)
    assert letter.data.endswith(b"\r\n.\r\n")
    assert not re.search(rb"(?m)^\.[^.\r]", letter.data)
    assert_fit_for_the_wire(letter.content)
    message = read(letter.content)
    to = Recipient(address=alert.address, nonce=alert.nonce)
    link = post.stop_url(alert.claimed, to)
    assert message["To"].addresses[0].addr_spec == letter.recipient == alert.address
    assert message["Message-ID"] == post.message_id(alert.claimed, to)
    assert message["Date"].datetime == NOW
    assert message["Subject"] == subject("Comment by 11 Nov", title, "IP1783")
    assert letter.sender == post.envelope_sender(alert.claimed, to)
    stop = message["List-Unsubscribe"].replace("\r\n", "")
    if post.return_path is None:
        assert stop == f"<{link}>"
    else:
        mailbox = post.return_path.with_token(link.rpartition("/")[2])
        assert stop == f"<{link}>, <mailto:{mailbox}?subject=unsubscribe>"
    text, page = body(message, "plain"), Page(body(message, "html"))
    assert f"\n  {link}\n" in text
    assert page.links["Stop these alerts"] == link
    shown = " ".join(clean(why).split())
    assert shown in " ".join(text.split())
    assert shown in page.text


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(IDS, LOCALS), min_size=1, max_size=4), PATHS, LINES, LINES, st.booleans())
def test_whoever_it_is_for_a_letter_reads_back_exactly(
    people: list[tuple[int, str]], path: str, title: str, why: str, by_mail: bool
) -> None:
    post = _post(
        f"https://alerts.example.org/{path}", ReturnPath("bounces@alerts.example.org") if by_mail else None
    )
    alerts = [_alert(post, number, f"{name}@a.example", title=title, why=why) for number, name in people]
    letters = post.letters(alerts, NOW)
    assert [(one.delivery_id, one.attempts, one.doubtful) for one in letters] == [
        (number, 2, 1) for number, _ in people
    ]
    for letter, alert in zip(letters, alerts, strict=True):
        _assert_reads_back(post, letter, alert, title=title, why=why)


@pytest.mark.parametrize("length", range(1, 160))
def test_a_token_follows_its_link_in_lines_that_are_short_enough(length: int) -> None:
    base = "https://a.example/" + "x" * length
    for head in link_heads(base):
        coded = head + b"t" * LONGEST_TOKEN + LINK_END
        assert max(map(len, coded.split(b"\r\n"))) <= 76
        assert coded.replace(LINK_END, b"").decode() == base + "t" * LONGEST_TOKEN


@pytest.mark.parametrize(
    "address", ["ann@a.example\r\nBcc: all@b.example", "Ann <ann@a.example>", "anné@a.example", ""]
)
def test_an_address_that_could_break_out_of_its_place_is_refused(address: str) -> None:
    post = _post()
    with pytest.raises(UnsafeValueError, match="recipient"):
        post.letters([_alert(post, 1, address)], NOW)


def test_a_letter_sent_again_is_the_same_but_for_its_date() -> None:
    post = _post()
    one = _alert(post, 7, "ann@a.example")
    [first] = post.letters([one], NOW)
    [again] = post.letters([one], NOW + timedelta(days=1))
    assert [line for line in first.data.split(b"\r\n") if not line.startswith(b"Date:")] == [
        line for line in again.data.split(b"\r\n") if not line.startswith(b"Date:")
    ]
