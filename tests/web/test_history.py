"""What changed, as a page tells it."""

from dataclasses import replace

import pytest

from notifier.events.model import Basis, Event, EventKind
from notifier.web.history import changes
from tests.events.words_cast import CONSULTATION, CORRECTED, PAYLOADS, event


def told(kind: EventKind, basis: Basis = Basis.CONFIRMED, *, seq: int = 1) -> Event:
    return event(kind, basis, PAYLOADS[kind], seq=seq)


SAID = [
    (EventKind.REOPENED, Basis.CONFIRMED, "Open again"),
    (EventKind.REOPENED, Basis.CHECKED, "Scheduled again"),
    (EventKind.PUBLISHED, Basis.CONFIRMED, "Published"),
    (EventKind.PUBLISHED, Basis.SCHEDULED, "Listed as complete"),
    (EventKind.MOVED, Basis.CONFIRMED, "Date moved"),
    (EventKind.CORRECTION, Basis.CONFIRMED, "Correction"),
]


@pytest.mark.parametrize(("kind", "basis", "what"), SAID)
def test_a_change_is_named_by_what_is_known_of_it(kind: EventKind, basis: Basis, what: str) -> None:
    (one,) = changes([told(kind, basis)], limit=10)
    assert one.what == what


def test_a_consultation_that_takes_comments_again_shows_both_ranges() -> None:
    (one,) = changes([told(EventKind.REOPENED)], limit=10)
    assert [(row.old, row.new) for row in one.dates] == [
        ("14 October to 11 November 2022", "14 October to 25 November 2022")
    ]


def test_a_change_told_as_a_correction_is_one_line() -> None:
    correction = replace(told(EventKind.CORRECTION, seq=2), corrects_seq=1)
    twin = replace(told(EventKind.MOVED, seq=3), corrects_seq=1)
    assert [one.what for one in changes([twin, correction], limit=10)] == ["Correction"]


def test_what_is_confirmed_changes_nothing_and_takes_no_place() -> None:
    confirmed = replace(told(EventKind.CONFIRMED, seq=3), corrects_seq=1)
    found = changes([confirmed, told(EventKind.MOVED)], limit=1, listed=True)
    assert [one.what for one in found] == ["Date moved"]


def test_the_operators_word_stands_beside_a_correction_and_beside_nothing_else() -> None:
    note = "We took the\ndates of another topic."
    corrected = event(EventKind.CORRECTION, Basis.CONFIRMED, replace(CORRECTED, note=note))
    moved = event(EventKind.MOVED, Basis.CONFIRMED, replace(CONSULTATION, note=note))
    assert [one.note for one in changes([corrected, moved], limit=10)] == [
        "We took the dates of another topic.",
        "",
    ]
