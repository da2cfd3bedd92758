"""What is taken out of texts before they go into a feed or a calendar."""

import pytest

from notifier.feeds.characters import cleaned, one_line


@pytest.mark.parametrize(
    "bad", ["\x00", "\x08", "\x0b", "\x1f", "\x7f", "\x9f", "\ud800", "\ufffe", "\uffff", "\u202e", "\u2066"]
)
def test_what_no_feed_can_carry_is_gone(bad: str) -> None:
    assert cleaned(f"a{bad}b") == "ab"


def test_every_other_character_stays() -> None:
    text = "tab\tline\nno-break\u00a0é ￼ \ufffd \ue000 𝄞 \U0010ffff"
    assert cleaned(text) == text


@pytest.mark.parametrize("end", ["\r\n", "\r", "\u0085", "\u2028", "\u2029"])
def test_every_kind_of_line_end_becomes_the_same(end: str) -> None:
    assert cleaned(f"a{end}b") == "a\nb"


def test_a_title_is_one_line_and_keeps_its_no_break_spaces() -> None:
    assert one_line(" \tspinal \r\n\n metastases\u00a0(IP1783)\n") == "spinal metastases\u00a0(IP1783)"
