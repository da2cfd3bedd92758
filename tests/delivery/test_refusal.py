"""Judging answers: pure, one line each. May not open sockets."""

import pytest

from notifier.delivery.model import Verdict
from notifier.delivery.refusal import (
    REPLY_LENGTH,
    Stage,
    enhanced_code,
    is_server_fault,
    judge,
    reply_line,
    without_addresses,
)


@pytest.mark.parametrize("enhanced", ["5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"])
def test_six_enhanced_codes_blame_the_address(enhanced: str) -> None:
    assert judge(550, f"{enhanced} <a@b.example>: no") is Verdict.BAD_ADDRESS


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (550, "No such user here"),
        (550, "5.1.0 Address rejected"),
        (550, "5.1.11 looks like 5.1.1 and is not"),
        (550, "5.2.2 Mailbox full"),
        (552, "5.3.4 Message too big"),
        (553, "5.1.8 Bad sender's system address"),
        (554, "Transaction failed"),
        (550, "The other server said 5.1.1 no such user"),
        (550, "4.1.1 The classes contradict each other"),
    ],
)
def test_other_permanent_refusals_fail_the_letter_and_spare_the_address(code: int, text: str) -> None:
    assert judge(code, text) is Verdict.FAILED


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (450, "4.2.0 Greylisted"),
        (451, "Local error"),
        (450, "5.1.1 A temporary code outranks the words"),
        (554, "5.7.1 <client>: Client host rejected"),
        (550, "5.7.26 Unauthenticated sender"),
        (421, "4.3.2 Closing"),
        (503, "5.5.1 Bad sequence"),
        (530, "5.7.0 Authentication required"),
        (535, "5.7.8 Credentials invalid"),
        (-1, "no SMTP answer"),
        (354, "out of place"),
    ],
)
def test_what_may_pass_is_tried_again(code: int, text: str) -> None:
    assert judge(code, text) is Verdict.RETRY


def test_a_policy_refusal_of_the_mail_itself_is_final() -> None:
    assert judge(554, "5.7.1 Content rejected", stage=Stage.CONTENT) is Verdict.FAILED


def test_only_2xx_is_acceptance() -> None:
    assert judge(250, "2.0.0 Ok: queued") is Verdict.ACCEPTED
    assert judge(251, "will forward") is Verdict.ACCEPTED


def test_an_enhanced_code_counts_only_at_the_beginning_of_the_text() -> None:
    assert enhanced_code("5.1.10 null MX\nsecond line") == "5.1.10"
    assert enhanced_code("5.1.1") == "5.1.1"
    assert enhanced_code("5.1.1-and more") is None
    assert enhanced_code("said: 5.1.1 no") is None
    assert enhanced_code("9.1.1 no such class") is None


@pytest.mark.parametrize(
    "stage", [Stage.CONNECT, Stage.HELLO, Stage.TLS, Stage.LOGIN, Stage.SENDER], ids=lambda stage: stage.name
)
def test_up_to_the_sender_every_refusal_is_the_servers(stage: Stage) -> None:
    assert is_server_fault(stage, 550)
    assert is_server_fault(stage, None)


@pytest.mark.parametrize("code", [421, 503, 530, 534, 535, 538])
def test_some_codes_speak_of_the_server_whatever_they_answer(code: int) -> None:
    assert is_server_fault(Stage.RECIPIENT, code)
    assert is_server_fault(Stage.CONTENT, code)


@pytest.mark.parametrize("code", [450, 452, 550, 554, None])
def test_other_refusals_of_a_letter_are_not_the_servers(code: int | None) -> None:
    assert not is_server_fault(Stage.RECIPIENT, code)


def test_a_reply_is_stored_as_one_short_printable_line() -> None:
    assert reply_line("  No\r\nsuch\x00user\x1b[31m \udcff here") == "No such user [31m here"
    long = reply_line("word " * 100)
    assert len(long) <= REPLY_LENGTH
    assert long.endswith("word…")
    assert reply_line("x" * REPLY_LENGTH) == "x" * REPLY_LENGTH


@pytest.mark.parametrize(
    "quoted",
    [
        "<ada@one.example>",
        "ada@one.example",
        '<"ada b"@one.example>',
        '"ada b"@one.example',
        "(ada@a.example)",
    ],
)
def test_no_address_that_a_server_quotes_is_left_in_its_words(quoted: str) -> None:
    assert "ada" not in without_addresses(f"5.1.1 {quoted}: nobody")
    assert without_addresses(f"5.1.1 {quoted}: nobody").endswith(": nobody")
