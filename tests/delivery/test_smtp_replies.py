"""Replies read from bytes that are cut anywhere. Pure."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.delivery.smtp_replies import LONGEST_LINE, LONGEST_REPLY, NoReplyError, Replies, words

STREAM = (
    b"250-first\r\n250-  second\r\n250 last\r\n354 End data with <CR><LF>.<CR><LF>\r\n"
    b"550 5.1.1 \xc3\xa9 nobody\r\n250\r\n421 bye\n"
)
WHOLE = [
    (250, "first\nsecond\nlast"),
    (354, "End data with <CR><LF>.<CR><LF>"),
    (550, "5.1.1 é nobody"),
    (250, ""),
    (421, "bye"),
]


@given(st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_however_it_is_cut_the_same_replies_come_out(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(STREAM)]
    replies = Replies()
    found = [one for lo, hi in pairwise(edges) for one in replies.feed(STREAM[lo:hi])]
    assert [(code, words(raw)) for code, raw in found] == WHOLE


@pytest.mark.parametrize(
    "line", [b"hello\r\n", b"25\r\n", b"2500 x\r\n", b"\r\n", b"25x ok\r\n", b"250:ok\r\n"]
)
def test_what_is_no_reply_is_refused_with_its_words(line: bytes) -> None:
    with pytest.raises(NoReplyError, match="unexpected answer"):
        Replies().feed(line)


@pytest.mark.parametrize("line", [b"250 " + LONGEST_LINE * b"x" + b"\r\n", (LONGEST_LINE + 1) * b"2"])
def test_a_line_without_end_is_refused(line: bytes) -> None:
    with pytest.raises(NoReplyError):
        Replies().feed(line)


def test_a_reply_without_end_is_refused() -> None:
    replies = Replies()
    line = b"250-" + LONGEST_REPLY // 5 * b"x" + b"\r\n"
    for _ in range(5):
        assert replies.feed(line) == []
    with pytest.raises(NoReplyError, match="no end"):
        replies.feed(line)


@given(st.binary(max_size=200))
def test_whatever_comes_is_a_reply_or_refused(data: bytes) -> None:
    try:
        found = Replies().feed(data)
    except NoReplyError:
        return
    assert all(0 <= code <= 999 for code, _ in found)
