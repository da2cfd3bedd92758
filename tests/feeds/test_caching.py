"""Entity tags and conditional requests, by RFC 9110."""

from datetime import UTC, date, datetime

import pytest

from notifier.feeds.caching import Coding, etag, etags_of_all_codings, not_modified

CHANGED = datetime(2022, 10, 14, 8, 0, 0, 250_000, tzinfo=UTC)
TAGS = etags_of_all_codings(seq=42, revision=3)


def asked(match: str | None = None, since: str | None = None) -> bool:
    return not_modified(if_none_match=match, etags=TAGS, if_modified_since=since, last_modified=CHANGED)


def test_a_tag_is_strong_and_quoted_and_names_all_that_the_bytes_depend_on() -> None:
    tag = etag(render_version=7, seq=42, revision=3, local_date=date(2022, 10, 14), coding=Coding.GZIP)
    assert tag == '"7-42-3-2022-10-14-gzip"'
    assert etag(render_version=7, seq=42, revision=3, coding=Coding.IDENTITY) == '"7-42-3-identity"'


def test_each_change_of_anything_gives_another_tag() -> None:
    tags = {
        etag(render_version=version, seq=seq, revision=revision, local_date=day, coding=coding)
        for version in (1, 2)
        for seq in (1, 11)
        for revision in (1, 11)
        for day in (None, date(2022, 10, 14))
        for coding in Coding
    }
    assert len(tags) == 32


def test_a_reader_without_conditions_gets_the_feed() -> None:
    assert not asked()


@pytest.mark.parametrize(
    "header",
    [
        TAGS[0],
        TAGS[1],
        f"W/{TAGS[0]}",
        "*",
        " * ",
        f'"other", {TAGS[1]}',
        f'"with,comma" ,{TAGS[0]}',
        f",, {TAGS[0]},",
        f'malformed, {TAGS[0]}, "unclosed',
    ],
)
def test_a_tag_that_the_reader_holds_in_any_coding_means_not_modified(header: str) -> None:
    assert asked(match=header)


@pytest.mark.parametrize(
    "header",
    [
        "",
        '"other"',
        TAGS[0].strip('"'),
        TAGS[0].removesuffix('"'),
        f"w/{TAGS[0]}",
        f"{TAGS[0]} {TAGS[1]}",
        '*, "other"',
        '"*"',
        f'"other,{TAGS[0].strip(chr(34))}"',
    ],
)
def test_another_tag_or_a_malformed_one_matches_nothing(header: str) -> None:
    assert not asked(match=header)


@pytest.mark.parametrize(
    "header",
    [
        "Fri, 14 Oct 2022 08:00:00 GMT",
        "Friday, 14-Oct-22 08:00:00 GMT",
        "Fri Oct 14 08:00:00 2022",
        "Sat, 15 Oct 2022 08:00:00 GMT",
    ],
)
def test_no_change_since_the_given_second_means_not_modified(header: str) -> None:
    assert asked(since=header)


@pytest.mark.parametrize("header", ["Fri, 14 Oct 2022 07:59:59 GMT", "", "yesterday", "Fri, 99 Oct 2022"])
def test_a_change_since_then_or_what_is_no_date_means_the_feed(header: str) -> None:
    assert not asked(since=header)


def test_a_tag_decides_alone_where_both_are_sent() -> None:
    assert not asked(match='"other"', since="Sat, 15 Oct 2022 08:00:00 GMT")
    assert not asked(match="malformed", since="Sat, 15 Oct 2022 08:00:00 GMT")
    assert asked(match=TAGS[0], since="Thu, 13 Oct 2022 08:00:00 GMT")
