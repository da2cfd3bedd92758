"""A mail as DATA carries it: nothing in it can end it early, and its reader gets it back as it was."""

import re

from hypothesis import given
from hypothesis import strategies as st

from notifier.delivery.wire import content_of, data_of

CONTENTS = st.lists(st.sampled_from([b".", b"..", b"\r\n", b"\r", b"\n", b"a", b"MAIL FROM:<x>"])).map(
    b"".join
)


def test_no_content_can_end_the_data_early() -> None:
    assert data_of(b"a\n.\nMAIL FROM:<x>\r.\r\n") == b"a\r\n..\r\nMAIL FROM:<x>\r\n..\r\n.\r\n"
    assert data_of(b"no line end") == b"no line end\r\n.\r\n"
    assert data_of(b"") == b".\r\n"


@given(CONTENTS)
def test_whatever_is_sent_ends_with_its_one_final_dot_and_comes_back(content: bytes) -> None:
    data = data_of(content)
    assert data.split(b"\r\n").index(b".") == data.count(b"\r\n") - 1
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", data)
    whole = re.sub(rb"\r\n|\r|\n", b"\r\n", content)
    assert content_of(data) == (whole if not whole or whole.endswith(b"\r\n") else whole + b"\r\n")
