"""Which coding a reader gets, by RFC 9110 §12.5.3."""

import gzip

import pytest

from notifier.feeds.caching import Coding
from notifier.web.compression import coding_for, encoded


@pytest.mark.parametrize(
    "header",
    [
        "gzip",
        "GZip",
        "x-gzip",
        "gzip, deflate, br",
        "br;q=1, gzip;q=0.1",
        "*",
        "identity;q=0.5, gzip;q=0.5",
        "deflate, gzip ; q=0.8",
    ],
)
def test_gzip_is_sent_where_it_is_welcome(header: str) -> None:
    assert coding_for(header) is Coding.GZIP


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "identity",
        "br",
        "gzip;q=0",
        "gzip;q=0.0, *",
        "gzip;q=nonsense",
        "identity;q=1, gzip;q=0.5",
        "*;q=0",
        "identity;q=0",
        ";;,=",
    ],
)
def test_the_plain_bytes_are_sent_everywhere_else(header: str | None) -> None:
    assert coding_for(header) is Coding.IDENTITY


def test_the_same_body_always_gives_the_same_bytes(time_machine) -> None:
    time_machine.move_to("2022-10-14")
    first = encoded(b"feed" * 100, Coding.GZIP)
    time_machine.move_to("2031-01-01")
    assert encoded(b"feed" * 100, Coding.GZIP) == first
    assert gzip.decompress(first) == encoded(b"feed" * 100, Coding.IDENTITY) == b"feed" * 100
