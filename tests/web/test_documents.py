"""Validators and kept bytes: what tells two states of a document apart, and what may be forgotten."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from notifier.feeds.caching import Coding
from notifier.web.documents import SETTLED, Asked, FirstSeen, Kept, Validators

CHANGED = datetime(2022, 10, 14, 8, 0, 0, 250_000, tzinfo=UTC)
VALIDATORS = Validators(seq=4, revision=2, rendering=1, seen_at=CHANGED)
SINCE = Asked(coding=Coding.IDENTITY, if_none_match=None, if_modified_since="Fri, 14 Oct 2022 08:00:00 GMT")


def test_a_change_of_this_minute_is_no_last_modified_because_clocks_differ() -> None:
    soon = CHANGED + SETTLED - timedelta(milliseconds=1)
    assert VALIDATORS.last_modified(soon) is None
    assert not SINCE.holds(VALIDATORS, soon)


def test_a_change_that_is_settled_is_told_and_believed() -> None:
    later = CHANGED + SETTLED
    assert VALIDATORS.last_modified(later) == CHANGED.replace(microsecond=0) + timedelta(seconds=1)
    assert not SINCE.holds(VALIDATORS, later)  # by the Date of an answer in the second of the change
    assert replace(SINCE, if_modified_since="Fri, 14 Oct 2022 08:00:01 GMT").holds(VALIDATORS, later)


def test_a_document_is_as_it_is_since_it_was_first_seen_so() -> None:
    seen = FirstSeen()
    assert seen.since("/a", 1, CHANGED) == CHANGED
    assert seen.since("/a", 1, CHANGED + SETTLED) == CHANGED
    later = CHANGED + 2 * SETTLED
    assert seen.since("/a", 2, later) == later
    assert seen.since("/b", 1, later) == later


def test_a_change_is_seen_later_than_the_one_before_though_the_clock_is_set_back() -> None:
    seen = FirstSeen()
    seen.since("/a", 1, CHANGED)
    assert seen.since("/a", 2, CHANGED - SETTLED) == CHANGED + timedelta(seconds=1)


def test_what_was_forgotten_is_seen_anew() -> None:
    seen = FirstSeen(room=1)
    seen.since("/a", 1, CHANGED)
    seen.since("/b", 1, CHANGED)
    assert seen.since("/a", 1, CHANGED + SETTLED) == CHANGED + SETTLED


def test_what_was_unused_longest_is_forgotten_first() -> None:
    kept = Kept(room=10)
    kept.put("/a", "1", b"aaaa")
    kept.put("/b", "1", b"bbbb")
    assert kept.get("/a", "1") == b"aaaa"
    kept.put("/c", "1", b"cccc")
    assert kept.get("/b", "1") is None
    assert (kept.get("/a", "1"), kept.get("/c", "1")) == (b"aaaa", b"cccc")


def test_another_state_of_a_document_is_another_thing() -> None:
    kept = Kept(room=10)
    kept.put("/a", "1", b"old")
    assert kept.get("/a", "2") is None


def test_what_is_larger_than_the_room_throws_nothing_out() -> None:
    kept = Kept(room=10)
    kept.put("/a", "1", b"aaaa")
    kept.put("/b", "1", b"b" * 11)
    assert (kept.get("/a", "1"), kept.get("/b", "1")) == (b"aaaa", None)


def test_what_is_put_twice_takes_its_room_once() -> None:
    kept = Kept(room=10)
    for _ in range(5):
        kept.put("/a", "1", b"aaaa")
    kept.put("/b", "1", b"bbbb")
    assert kept.get("/a", "1") == b"aaaa"
