"""Links that cannot be forged: whatever is altered, replayed or meant for something else is not believed."""

import base64
import hmac
from hashlib import sha256

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from notifier.subscriptions.tokens import LARGEST_ROW, Purpose, Signer
from tests.cast import SIGNER

row_ids = st.integers(min_value=1, max_value=LARGEST_ROW)
nonces = st.text("0123456789abcdef", min_size=24, max_size=24)
purposes = st.sampled_from(Purpose)
ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"


def _believed(text: str, purpose: Purpose, row_id: int, nonce: str, signer: Signer = SIGNER) -> bool:
    """Whether a link opens the row with this id and nonce."""
    token = signer.read(purpose, text)
    return token is not None and token.row_id == row_id and signer.believes(token, nonce)


@given(purposes, row_ids, nonces)
def test_a_link_is_believed_for_what_it_was_made_for(purpose: Purpose, row_id: int, nonce: str) -> None:
    assert _believed(SIGNER.sign(purpose, row_id, nonce), purpose, row_id, nonce)


@given(st.binary(max_size=100), purposes, st.lists(st.tuples(row_ids, st.text(max_size=30)), max_size=9))
def test_many_links_are_the_macs_that_the_standard_library_makes(
    secret: bytes, purpose: Purpose, rows: list[tuple[int, str]]
) -> None:
    made = Signer(secret).sign_all(purpose, rows)
    assert made == [_made_by_the_book(secret, purpose, *row) for row in rows]


def _made_by_the_book(secret: bytes, purpose: Purpose, row_id: int, nonce: str) -> str:
    mac = hmac.digest(secret, f"{purpose.value}:{row_id}:{nonce}".encode(), sha256)[:16]
    raw = row_id.to_bytes(8, "big").lstrip(b"\0") + mac
    return base64.b32encode(raw).decode().rstrip("=").lower()


@given(purposes, row_ids, nonces)
def test_the_same_link_can_be_made_again_after_a_crash(purpose: Purpose, row_id: int, nonce: str) -> None:
    again = Signer(b"a secret of the tests, 32 bytes.")
    assert again.sign(purpose, row_id, nonce) == SIGNER.sign(purpose, row_id, nonce)


@given(purposes, row_ids, nonces)
def test_a_link_survives_a_mail_program_that_changes_its_case(
    purpose: Purpose, row_id: int, nonce: str
) -> None:
    assert _believed(SIGNER.sign(purpose, row_id, nonce).upper(), purpose, row_id, nonce)


@given(purposes, row_ids, nonces)
def test_a_link_is_short_and_of_letters_and_digits(purpose: Purpose, row_id: int, nonce: str) -> None:
    text = SIGNER.sign(purpose, row_id, nonce)
    assert len(text) <= 39
    assert set(text) <= set(ALPHABET)


@given(purposes, row_ids, nonces, st.data())
def test_a_link_with_one_character_altered_is_not_believed(
    purpose: Purpose, row_id: int, nonce: str, data: st.DataObject
) -> None:
    good = SIGNER.sign(purpose, row_id, nonce)
    place = data.draw(st.integers(0, len(good) - 1))
    other = data.draw(st.sampled_from(ALPHABET))
    assume(other != good[place])
    altered = good[:place] + other + good[place + 1 :]
    token = SIGNER.read(purpose, altered)
    assert token is None or not SIGNER.believes(token, nonce)


@given(purposes, row_ids, nonces, st.data())
def test_a_link_cut_short_or_drawn_out_is_not_believed(
    purpose: Purpose, row_id: int, nonce: str, data: st.DataObject
) -> None:
    good = SIGNER.sign(purpose, row_id, nonce)
    cut = good[: data.draw(st.integers(0, len(good) - 1))]
    longer = good + data.draw(st.text(ALPHABET + "=", min_size=1, max_size=30))
    for text in (cut, longer, "a" + good):
        token = SIGNER.read(purpose, text)
        assert token is None or not SIGNER.believes(token, nonce)


@given(row_ids, nonces)
def test_a_row_number_with_zeros_before_it_is_another_spelling_and_refused(row_id: int, nonce: str) -> None:
    good = SIGNER.sign(Purpose.STOP, row_id, nonce).upper()
    raw = base64.b32decode(good + "=" * (-len(good) % 8))
    padded = base64.b32encode(b"\0" + raw).decode().rstrip("=").lower()
    assert SIGNER.read(Purpose.STOP, padded) is None


@given(purposes, purposes, row_ids, nonces)
def test_a_link_for_one_purpose_is_worthless_for_another(
    made: Purpose, used: Purpose, row_id: int, nonce: str
) -> None:
    assume(made is not used)
    assert not _believed(SIGNER.sign(made, row_id, nonce), used, row_id, nonce)


@given(purposes, row_ids, row_ids, nonces, nonces)
def test_a_link_for_one_row_opens_no_other(
    purpose: Purpose, row_id: int, other_id: int, nonce: str, other_nonce: str
) -> None:
    assume(row_id != other_id)
    assume(nonce != other_nonce)
    text = SIGNER.sign(purpose, row_id, nonce)
    assert not _believed(text, purpose, other_id, nonce)
    assert not _believed(text, purpose, row_id, other_nonce)


@given(purposes, row_ids, nonces, st.binary(min_size=1, max_size=40))
def test_a_link_of_another_instance_is_not_believed(
    purpose: Purpose, row_id: int, nonce: str, secret: bytes
) -> None:
    assert not _believed(Signer(secret).sign(purpose, row_id, nonce), purpose, row_id, nonce)


@given(purposes, st.text(max_size=80) | st.text(ALPHABET + "=", max_size=80))
def test_whatever_is_typed_is_taken_apart_without_an_error(purpose: Purpose, text: str) -> None:
    token = SIGNER.read(purpose, text)
    assert token is None or (0 <= token.row_id <= LARGEST_ROW and not SIGNER.believes(token, "nonce"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ada@example.org", "ada+nice@example.org"),
        ("ada+a@example.org", "ada+b@example.org"),
    ],
)
def test_addresses_that_differ_in_their_tag_are_counted_together(one: str, other: str) -> None:
    assert SIGNER.fence_key(one) == SIGNER.fence_key(other)


def test_other_addresses_are_counted_apart_and_told_to_nobody() -> None:
    keys = [SIGNER.fence_key(one) for one in ("ada@example.org", "ben@example.org", "ada@example.com")]
    assert len(set(keys)) == 3
    assert "ada" not in "".join(keys)


def test_a_signer_shows_nothing_of_its_secret() -> None:
    assert repr(SIGNER) == "Signer(…)"
    assert SIGNER.fingerprint() != Signer(b"another").fingerprint()
