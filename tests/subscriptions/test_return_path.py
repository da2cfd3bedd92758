"""The mailbox of returned mail, and the token that its address carries. Pure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.settings.sections import LONGEST_BOUNCES_NAME
from notifier.subscriptions.return_path import ReturnPath, envelope_token
from notifier.subscriptions.tokens import LARGEST_ROW, Purpose, Signer

SIGNER = Signer(b"a secret of the tests, 32 bytes.")
MAILBOX = ReturnPath("bounces@alerts.example.org")
TOKEN = envelope_token(SIGNER, 7, nonce="n", address="ada@example.org")


@given(st.integers(1, LARGEST_ROW))
def test_the_longest_address_fits_and_every_token_is_found_again(row: int) -> None:
    mailbox = ReturnPath("b" * LONGEST_BOUNCES_NAME + "@alerts.example.org")
    token = envelope_token(SIGNER, row, nonce="n", address="ada@example.org")
    address = mailbox.with_token(token)
    assert len(address.partition("@")[0]) <= 64
    assert mailbox.tokens_in(address) == (token,)
    found = SIGNER.read(Purpose.BOUNCE, token)
    assert found is not None
    assert found.row_id == row


FOUND = {
    f"<bounces+{TOKEN}@alerts.example.org>",
    f"Bounces+{TOKEN.upper()}@ALERTS.example.org",
    f"rfc822;bounces+{TOKEN}@alerts.example.org",
    f"pass (domain of bounces+{TOKEN}@alerts.example.org designates …)",
    f"SRS0=HHH=TT=alerts.example.org=bounces+{TOKEN}@forwarder.example",
}
NOT_FOUND = {
    "bounces@alerts.example.org",
    f"bounces+{TOKEN}@alerts.example.org.evil.example",
    f"bounces+{TOKEN}@evil.example",
    f"otherbounces+{TOKEN}@alerts.example.org",
    f"bounces+{TOKEN[:20]}@alerts.example.org",
    f"bounces+{TOKEN}{'a' * 20}@alerts.example.org",
    f"bounces-{TOKEN}@alerts.example.org",
    "",
}


@pytest.mark.parametrize("text", sorted(FOUND))
def test_a_token_is_found_however_its_address_is_written(text: str) -> None:
    assert MAILBOX.tokens_in(text) == (TOKEN,)


@pytest.mark.parametrize("text", sorted(NOT_FOUND))
def test_nothing_else_is_taken_for_one(text: str) -> None:
    assert MAILBOX.tokens_in(text) == ()


def test_a_token_is_of_one_address_however_that_is_written() -> None:
    assert envelope_token(SIGNER, 7, nonce="n", address="Ada@Example.org") == TOKEN
    assert envelope_token(SIGNER, 7, nonce="n", address="ben@example.org") != TOKEN
    assert envelope_token(SIGNER, 7, nonce="m", address="ada@example.org") != TOKEN
