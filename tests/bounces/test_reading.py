"""What came back, as real servers write it: one file each, with invented names. Pure.

The address that a file came to, and the mail that it encloses, bear tokens of a form that ours have.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.bounces.model import BounceKind, Fate, Returned
from notifier.bounces.reading import read
from tests.bounces.sample_files import ENVELOPE, MAILBOX, MESSAGE, SAMPLES, STOP, sample

HARD, SOFT, REFUSED, DELAYED, DELIVERED, COMPLAINT, UNSUBSCRIBE, AUTOREPLY, UNKNOWN = BounceKind

FATES = {
    "exchange_directory": (SOFT, "5.4.1"),
    "exchange_full": (SOFT, "5.2.2"),
    "exchange_not_found": (HARD, "5.1.10"),
    "exchange_rule": (REFUSED, "5.7.129"),
    "exim_no_code": (REFUSED, "5.0.0"),
    "exim_text": (HARD, "5.1.1"),
    "exim_unknown_user": (HARD, "5.1.1"),  # the reporter says 5.0.0, the server that refused 5.1.1
    "exim_warning": (DELAYED, None),
    "global_status": (HARD, "5.1.1"),
    "gmail_disabled": (HARD, "5.2.1"),
    "gmail_full": (SOFT, "4.2.2"),
    "gmail_not_found": (HARD, "5.1.1"),
    "gmail_spam": (REFUSED, "5.7.1"),
    "list_both": (SOFT, "5.2.2"),  # the mildest of two
    "list_one_of_two": (DELIVERED, "2.0.0"),
    "no_delivered_to": (HARD, "5.1.1"),
    "odd_failed_recipients": (REFUSED, None),
    "odd_ims": (REFUSED, None),
    "postfix_content": (REFUSED, "5.6.0"),
    "postfix_delayed": (DELAYED, "4.4.1"),
    "postfix_delivered": (DELIVERED, "2.0.0"),
    "postfix_expired": (SOFT, "4.4.1"),
    "postfix_no_host": (SOFT, "5.4.4"),
    "postfix_null_mx": (HARD, "5.1.10"),
    "postfix_policy": (REFUSED, "5.7.1"),
    "postfix_sender_refused": (REFUSED, "5.1.8"),
    "postfix_unknown_user": (HARD, "5.1.1"),
    "qmail_gave_up": (SOFT, "4.4.1"),
    "qmail_no_mailbox": (HARD, "5.1.1"),
    "truncated": (HARD, "5.1.1"),
    "boundary_lost": (UNKNOWN, None),
    "list_answer": (AUTOREPLY, None),
    "read_receipt": (AUTOREPLY, None),
    "vacation_exchange": (AUTOREPLY, None),
    "vacation_gmail": (AUTOREPLY, None),
    "vacation_sieve": (AUTOREPLY, None),
    "vacation_subject": (AUTOREPLY, None),
    "own_mail": (UNKNOWN, None),
    "reply_of_a_person": (UNKNOWN, None),
}

COMPLAINTS = {
    "arf_abuse": (ENVELOPE, STOP, MESSAGE),
    "arf_headers_only": (ENVELOPE, STOP, MESSAGE),
    "arf_mail_from": (ENVELOPE,),
    "arf_message_id_only": (MESSAGE,),
    "arf_opt_out": (ENVELOPE, STOP, MESSAGE),
    "arf_spf_line": (ENVELOPE, STOP, MESSAGE),
}

TO_STOP = ("unsubscribe_automatic", "unsubscribe_by_mail_program", "unsubscribe_with_re")
WITHOUT_TOKEN = ("arf_not_spam", "arf_auth_failure", "spam")


def of(name: str, recipient: str | None = None) -> Returned:
    return read(sample(name), mailbox=MAILBOX, recipient=recipient)


def test_every_sample_is_of_some_table() -> None:
    tables = {*FATES, *COMPLAINTS, *TO_STOP, *WITHOUT_TOKEN}
    assert {path.stem for path in SAMPLES.glob("*.eml")} == tables


@pytest.mark.parametrize("name", FATES)
def test_what_came_back_is_known_for_what_it_is(name: str) -> None:
    found = of(name)
    assert (found.fate.kind, found.fate.status) == FATES[name]
    assert found.arrived_at == (ENVELOPE,)
    assert found.enclosed == ()  # only a complaint's enclosed mail says whose it was


@pytest.mark.parametrize("name", FATES)
def test_line_breaks_of_the_wire_change_nothing(name: str) -> None:
    assert read(sample(name).replace(b"\n", b"\r\n"), mailbox=MAILBOX) == of(name)


@pytest.mark.parametrize("name", FATES)
def test_the_words_of_a_server_are_kept_without_the_address(name: str) -> None:
    said = of(name).fate.diagnostic
    assert len(said) <= 120
    assert said.isprintable()
    assert "@" not in said


def test_the_words_of_a_server_are_kept() -> None:
    said = "550 5.1.1 <…>: Recipient address rejected: User unknown in virtual mailbox table"
    assert of("postfix_unknown_user").fate.diagnostic == said


@pytest.mark.parametrize("name", COMPLAINTS)
def test_a_complaint_shows_its_tokens_in_the_mail_that_it_encloses(name: str) -> None:
    found = of(name)
    assert (found.fate.kind, found.arrived_at) == (COMPLAINT, ())
    assert found.enclosed == COMPLAINTS[name]


@pytest.mark.parametrize("name", TO_STOP)
def test_a_mail_program_unsubscribes_by_the_subject_that_we_asked_for(name: str) -> None:
    found = of(name)
    assert (found.fate.kind, found.arrived_at) == (UNSUBSCRIBE, (STOP,))


@pytest.mark.parametrize("name", WITHOUT_TOKEN)
def test_what_is_none_of_these_is_unknown(name: str) -> None:
    assert of(name) == Returned(fate=Fate(kind=UNKNOWN))


def test_the_envelope_goes_before_the_headers() -> None:
    assert of("postfix_unknown_user", MAILBOX.with_token(STOP)).arrived_at == (STOP,)
    assert of("postfix_unknown_user", "bounces@alerts.example.org").arrived_at == (ENVELOPE,)
    assert of("spam", MAILBOX.with_token(STOP)).arrived_at == (STOP,)


def test_letters_beyond_ascii_where_none_should_be_hide_nothing() -> None:
    raw = sample("qmail_no_mailbox").replace(b"From: MAILER", "From: Zürich MAILER".encode())
    assert read(raw, mailbox=MAILBOX).fate.kind is HARD


@given(st.binary(max_size=2_000))
def test_no_bytes_whatever_raise(raw: bytes) -> None:
    assert isinstance(read(raw, mailbox=MAILBOX), Returned)


@given(st.data())
def test_no_damage_to_a_real_message_raises_or_spills_the_address(data: st.DataObject) -> None:
    raw = sample(data.draw(st.sampled_from(sorted({*FATES, *COMPLAINTS, *TO_STOP}))))
    for _ in range(data.draw(st.integers(1, 5))):
        start = data.draw(st.integers(0, len(raw)))
        end = data.draw(st.integers(start, min(len(raw), start + 200)))
        raw = raw[:start] + data.draw(st.binary(max_size=40)) + raw[end:]
    found = read(raw, mailbox=MAILBOX)
    assert len(found.fate.diagnostic) <= 120
    assert "ada@clinic" not in found.fate.diagnostic
    assert found.fate.diagnostic.isprintable()


NESTED = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(2_000))
ROWS = b"Action: failed\nStatus: 5.1.1\n\n" * 20_000
HOSTILE = {
    "nested": NESTED,
    "many parts": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 100_000,
    "many recipients": b"Content-Type: message/delivery-status\n\n" + ROWS,
    "one long line": b"Subject: " + b"unsubscribe " * 80_000,
    "many addresses": b"To: " + b"bounces+" * 100_000 + b"\n\n" + b"bounces+a@" * 50_000,
    "ats": b"Content-Type: message/delivery-status\n\n\n\nDiagnostic-Code: " + b"a@" * 400_000,
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE)
def test_a_message_made_to_hurt_is_read_as_well(raw: bytes) -> None:
    assert isinstance(read(raw, mailbox=MAILBOX), Returned)
