"""The words with which a source says where a procedure stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.procedures.model import Status
from notifier.procedures.status import STATUS_WORDS, read_status


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("In progress", Status.IN_PROGRESS),
        ("InProgress", Status.IN_PROGRESS),
        ("  in\u00a0PROGRESS. ", Status.IN_PROGRESS),
        ("in_progress", Status.IN_PROGRESS),
        ("ImpactedByCOVID19", Status.IMPACTED_BY_COVID_19),
        ("Impacted by COVID-19", Status.IMPACTED_BY_COVID_19),
        ("Topic selection / prioritisation", Status.TOPIC_SELECTION),
        ("TopicSelection", Status.TOPIC_SELECTION),
        ("Awaiting development", Status.AWAITING_DEVELOPMENT),
        ("Proposed", Status.PROPOSED),
        ("Referred", Status.REFERRED),
        ("Suspended", Status.SUSPENDED),
        ("Discontinued", Status.DISCONTINUED),
        ("Complete", Status.COMPLETE),
        ("Not in progress", Status.UNKNOWN),
        ("Resting", Status.UNKNOWN),
        ("", Status.UNKNOWN),
    ],
)
def test_a_status_is_read_however_it_is_spelt(word: str, status: Status) -> None:
    assert read_status(word) is status


def test_every_status_has_a_word() -> None:
    assert set(STATUS_WORDS.values()) == set(Status) - {Status.UNKNOWN}


@given(st.text())
def test_any_text_is_a_status_or_unknown(text: str) -> None:
    assert read_status(text) in Status
