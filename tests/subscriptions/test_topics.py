"""What can be followed, and which topics a fact belongs to."""

import pytest

from notifier.subscriptions.topics import EVERYTHING, Topic, TopicKind, procedure_topic, topics_of

IP = Topic(kind=TopicKind.PROCESS, value="ip")
DEVICE = Topic(kind=TopicKind.TECHNOLOGY, value="device")


@pytest.mark.parametrize(
    ("process", "technology_type", "expected"),
    [
        ("IP", "Device", (EVERYTHING, procedure_topic(7), IP, DEVICE)),
        ("IP", None, (EVERYTHING, procedure_topic(7), IP)),
        (None, "Device", (EVERYTHING, procedure_topic(7), DEVICE)),
        (None, None, (EVERYTHING, procedure_topic(7))),
        ("", "", (EVERYTHING, procedure_topic(7))),
    ],
)
def test_a_fact_belongs_to_everything_its_procedure_and_what_is_known_of_it(
    process: str | None, technology_type: str | None, expected: tuple[Topic, ...]
) -> None:
    assert topics_of(7, process=process, technology_type=technology_type) == expected


def test_the_case_in_which_a_source_writes_a_process_makes_no_difference() -> None:
    assert topics_of(7, process="ip", technology_type="DEVICE") == topics_of(
        7, process="IP", technology_type="Device"
    )


def test_two_procedures_are_two_topics() -> None:
    assert procedure_topic(1) != procedure_topic(11)
