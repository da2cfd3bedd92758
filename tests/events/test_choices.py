"""What a person can choose, in words: they stand on pages, in mails, and in the history as proof."""

from datetime import time

import pytest

from notifier.events.choices import (
    USUAL,
    chosen_words,
    preset_choices,
    rhythm_choices,
    rhythm_of,
)
from notifier.events.interest import Preset, kinds_of, reminding
from notifier.events.model import EventKind
from notifier.subscriptions.model import RHYTHMS, Rhythm, rhythm_name
from notifier.subscriptions.topics import EVERYTHING, Topic, TopicKind, procedure_topic

NINE = time(9)
IP = Topic(kind=TopicKind.PROCESS, value="ip")
DEVICES = Topic(kind=TopicKind.TECHNOLOGY, value="device")


def test_every_preset_and_every_rhythm_can_be_chosen() -> None:
    assert {one.value for one in preset_choices()} == set(Preset)
    assert {rhythm_of(one.value, EVERYTHING) for one in rhythm_choices(NINE)} == set(Rhythm)


def test_rhythms_name_the_hour_of_the_settings() -> None:
    assert [one.name for one in rhythm_choices(time(8, 30))] == [
        "At once",
        "Daily at 8:30am",
        "Weekly, Mondays at 8:30am",
    ]


@pytest.mark.parametrize(
    ("topic", "rhythm"),
    [
        (procedure_topic(1), Rhythm.AT_ONCE),
        (IP, Rhythm.DAILY),
        (DEVICES, Rhythm.DAILY),
        (EVERYTHING, Rhythm.DAILY),
    ],
)
def test_the_usual_rhythm_is_at_once_for_one_procedure_and_daily_for_more(
    topic: Topic, rhythm: Rhythm
) -> None:
    assert rhythm_of(USUAL, topic) is rhythm


@pytest.mark.parametrize("topic", [procedure_topic(1), IP, EVERYTHING])
def test_a_rhythm_that_was_chosen_is_the_same_for_whatever_is_followed(topic: Topic) -> None:
    for value, rhythm in RHYTHMS.items():
        assert rhythm_of(value, topic) is rhythm
        assert rhythm_name(rhythm) == value


@pytest.mark.parametrize(
    ("preset", "rhythm", "reminders", "words"),
    [
        (
            Preset.DEADLINES,
            Rhythm.DAILY,
            True,
            "Deadlines and results, daily at 9am, with reminders before comments close",
        ),
        (Preset.EVERY_STEP, Rhythm.AT_ONCE, False, "Every step, at once, without reminders"),
        (Preset.OPENINGS, Rhythm.WEEKLY, True, "Openings only, weekly, Mondays at 9am"),
    ],
)
def test_a_choice_is_said_in_one_line(preset: Preset, rhythm: Rhythm, reminders: bool, words: str) -> None:
    kinds = reminding(kinds_of(preset), on=reminders)
    assert chosen_words(kinds, rhythm, reminders=reminders, daily_at=NINE) == words


def test_kinds_that_no_preset_has_any_more_are_said_to_be_an_earlier_choice() -> None:
    words = chosen_words(EventKind.MEETING.bit, Rhythm.AT_ONCE, reminders=True, daily_at=NINE)
    assert words == "An earlier choice of alerts, at once"
