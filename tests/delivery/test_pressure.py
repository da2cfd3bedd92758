"""Which answers mean that the mail server has too much; and which speak of one receiver alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.delivery.model import Letter, Outcome, Verdict
from notifier.delivery.pressure import Pressure, Sign, is_pressure
from notifier.delivery.refusal import Stage
from tests.delivery.cast import letter

GREYLISTING = (
    (450, "4.2.0 Recipient address rejected: Greylisted"),
    (451, "4.7.1 Greylisting in action, please come back later"),
    (451, "4.7.1 Try again later"),
    (450, "Grey-listed: too many first mails"),
    (452, "4.2.2 Mailbox full"),
)
TOO_MUCH = (
    (451, "4.7.0 Rate limit exceeded"),
    (450, "4.7.28 unusual rate of mail"),
    (452, "4.3.1 Insufficient system storage"),
    (451, "4.3.0 Queue file write error"),
    (451, "4.4.5 System congestion"),
    (450, "Too many messages, slow down"),
)


def to(domain: str) -> Letter:
    one = letter()
    return Letter(
        delivery_id=1, subscriber_id=1, attempts=0, doubtful=0, sender=one.sender, recipient=f"a@{domain}",
        parts=(b".\r\n",),
    )  # fmt: skip


def answer(code: int, text: str, *, domain: str = "one.example", verdict: Verdict = Verdict.RETRY) -> Outcome:
    return Outcome(letter=to(domain), verdict=verdict, code=code, reply=text)


@pytest.mark.parametrize(("code", "text"), TOO_MUCH)
def test_too_much_for_several_domains_is_a_sign_and_for_one_it_is_none(code: int, text: str) -> None:
    pressure = Pressure()
    assert [pressure.sign(answer(code, text)) for _ in range(5)] == [Sign.NOTHING] * 5
    assert pressure.sign(answer(code, text, domain="two.example")) is Sign.PRESSED


@pytest.mark.parametrize(("code", "text"), GREYLISTING)
def test_greylisting_is_no_sign_however_many_domains_do_it(code: int, text: str) -> None:
    pressure = Pressure()
    domains = [f"{number}.example" for number in range(30)]
    assert {pressure.sign(answer(code, text, domain=one)) for one in domains} == {Sign.NOTHING}


def test_421_and_no_answer_at_all_are_signs_at_once() -> None:
    assert Pressure().sign(answer(421, "4.3.2 Closing")) is Sign.PRESSED
    doubtful = Outcome(letter=to("a.example"), verdict=Verdict.DOUBTFUL, code=None, reply="timed out")
    assert Pressure().sign(doubtful) is Sign.PRESSED


@pytest.mark.parametrize(
    ("stage", "code", "text", "pressed"),
    [
        (Stage.CONNECT, 421, "4.7.0 Too many connections", True),
        (Stage.SENDER, 421, "4.3.2 Closing", True),
        (Stage.SENDER, 450, "4.7.1 Too many messages from you", True),
        (Stage.RECIPIENT, None, "Timed out waiting for server response", True),
        (Stage.DATA, None, "Connection lost", True),
        (Stage.CONNECT, None, "Connection refused", False),
        (Stage.CONNECT, None, "Timed out connecting", False),
        (Stage.CONNECT, 554, "5.3.2 No service here", False),
        (Stage.TLS, None, "certificate has expired", False),
        (Stage.TLS, 454, "4.7.0 TLS not available", False),
        (Stage.LOGIN, 535, "5.7.8 Wrong, and too many tries", False),
        (Stage.SENDER, 451, "4.3.0 Try later", False),
    ],
)
def test_a_session_that_breaks_off_is_a_sign_unless_the_server_is_down_or_set_up_wrongly(
    stage: Stage, code: int | None, text: str, pressed: bool
) -> None:
    assert is_pressure(stage, code, text) is pressed


def test_an_acceptance_goes_well_and_a_refusal_for_good_says_nothing() -> None:
    assert Pressure().accepted() is Sign.WELL
    for verdict in (Verdict.FAILED, Verdict.BAD_ADDRESS):
        assert Pressure().sign(answer(550, "5.1.1 rate too many", verdict=verdict)) is Sign.NOTHING


def test_what_two_domains_said_long_apart_is_no_sign() -> None:
    pressure = Pressure()
    pressure.sign(answer(451, "4.3.0 Trouble"))
    for _ in range(20):
        pressure.accepted()
    assert pressure.sign(answer(451, "4.3.0 Trouble", domain="two.example")) is Sign.NOTHING


@given(st.lists(st.tuples(st.integers(400, 499).filter(lambda code: code != 421), st.text(max_size=40))))
def test_one_domain_alone_never_slows_everybody_down(answers: list[tuple[int, str]]) -> None:
    pressure = Pressure()
    assert Sign.PRESSED not in [pressure.sign(answer(code, text)) for code, text in answers]
