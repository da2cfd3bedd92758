"""Pieces of quoted-printable between which any value can stand."""

from quopri import decodestring

import pytest

from notifier.events.splice import Hole, Spliced, encoded, plain, quoted_printable, soft


def _filled(spliced: Spliced, *values: bytes) -> bytes:
    parts = zip(spliced.pieces, (*values, b""), strict=True)
    return b"".join(part for pair in parts for part in pair)


@pytest.mark.parametrize("letter", ["a", "=", "é", " ", ".", "~", "🙂"])
@pytest.mark.parametrize("length", [0, 1, 24, 25, 37, 38, 73, 74, 75, 76, 77, 151, 152])
def test_a_piece_of_any_length_ends_where_a_line_begins(letter: str, length: int) -> None:
    piece = soft(letter * length)
    assert all(len(line) <= 76 for line in piece.split(b"\r\n"))
    assert not piece or piece.endswith(b"\r\n")
    assert decodestring(piece + b"next") == (letter * length).encode() + b"next"


def test_a_value_stands_between_two_pieces_without_a_trace() -> None:
    spliced = quoted_printable(f"You asked: {Hole.WHY_TEXT.mark}, and {Hole.LINK_TEXT.mark}\nends.\n")
    filled = _filled(spliced, soft("= é "), soft("https://a.example/"))
    assert decodestring(filled) == "You asked: = é , and https://a.example/\r\nends.\r\n".encode()


def test_pieces_join_at_their_seam_and_keep_the_order_of_their_holes() -> None:
    both = plain(f"To: {Hole.RECIPIENT.mark}\r\n") + plain(f"Date: {Hole.DATE.mark}\r\n")
    assert both.holes == (Hole.RECIPIENT, Hole.DATE)
    assert _filled(both, b"a@b.example", b"now") == b"To: a@b.example\r\nDate: now\r\n"


def test_hard_line_ends_are_those_of_mail() -> None:
    assert encoded("one\ntwo\n") == b"one\r\ntwo\r\n"
