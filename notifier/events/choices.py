"""What a person can choose, in words: which alerts, how soon, with reminders or without. Pure.

The words stand on pages, in the mail that asks to confirm, and in the history that proves what was chosen.
"""

from dataclasses import dataclass
from datetime import time

from notifier.events.interest import Preset, has_reminders, preset_of
from notifier.events.language import say
from notifier.events.wording import hour
from notifier.subscriptions.model import RHYTHMS, Rhythm
from notifier.subscriptions.topics import Topic, TopicKind

USUAL = "usual"
"""What forms call the rhythm that what is followed usually has; a form cannot follow another choice in it."""

REMINDED, NOT_REMINDED = "yes", "no"
"""What forms call the two answers to whether reminders are wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of several things to choose: what forms call it, its name, and a sentence that says more."""

    value: str
    name: str
    meaning: str = ""


def preset_choices() -> tuple[Choice, ...]:
    """Return the presets, the usual one first."""
    return (
        Choice(
            value=Preset.DEADLINES,
            name=preset_name(Preset.DEADLINES),
            meaning=say(
                "When comments open and are about to close, when dates of consultation or publication "
                "change, and when guidance is published or work stops."
            ),
        ),
        Choice(
            value=Preset.OPENINGS,
            name=preset_name(Preset.OPENINGS),
            meaning=say("Only when comments open."),
        ),
        Choice(
            value=Preset.EVERY_STEP,
            name=preset_name(Preset.EVERY_STEP),
            meaning=say("All of the above, and committee meetings, closings and every other date."),
        ),
    )


def rhythm_choices(daily_at: time) -> tuple[Choice, ...]:
    """Return the rhythms, the fastest first."""
    return tuple(
        Choice(value=value, name=_capital(rhythm_words(rhythm, daily_at)))
        for value, rhythm in RHYTHMS.items()
    )


def reminder_choices() -> tuple[Choice, ...]:
    """Return the two answers to whether reminders are wanted, the usual one first."""
    return (
        Choice(
            value=REMINDED,
            name=say("Yes"),
            meaning=say(
                "A week and the last working day before. They come at once, also where other alerts come "
                "daily or weekly. “Openings only” has none."
            ),
        ),
        Choice(value=NOT_REMINDED, name=say("No")),
    )


def usual_rhythm(topic: Topic) -> Rhythm:
    """Return how soon news is mailed to who chose nothing: of one procedure at once, of more daily."""
    return Rhythm.AT_ONCE if topic.kind is TopicKind.PROCEDURE else Rhythm.DAILY


def rhythm_of(chosen: str, topic: Topic) -> Rhythm:
    """Return the rhythm that a form calls `chosen`, one of `RHYTHMS` or the usual one."""
    return usual_rhythm(topic) if chosen == USUAL else RHYTHMS[chosen]


def preset_name(preset: Preset | None) -> str:
    """Return what a preset is called; None: a choice that no form offers any more."""
    match preset:
        case Preset.DEADLINES:
            return say("Deadlines and results")
        case Preset.OPENINGS:
            return say("Openings only")
        case Preset.EVERY_STEP:
            return say("Every step")
        case None:
            return say("An earlier choice of alerts")


def rhythm_words(rhythm: Rhythm, daily_at: time) -> str:
    """Return "at once", "daily at 9am" or "weekly, Mondays at 9am"."""
    match rhythm:
        case Rhythm.AT_ONCE:
            return say("at once")
        case Rhythm.DAILY:
            return say("daily at {hour}", hour=hour(daily_at))
        case Rhythm.WEEKLY:
            return say("weekly, Mondays at {hour}", hour=hour(daily_at))


def chosen_words(kinds: int, rhythm: Rhythm, *, reminders: bool, daily_at: time) -> str:
    """Return "Deadlines and results, daily at 9am, with reminders before comments close"."""
    preset = preset_of(kinds)
    words = [preset_name(preset), rhythm_words(rhythm, daily_at)]
    if preset is not None and has_reminders(preset):
        words.append(say("with reminders before comments close") if reminders else say("without reminders"))
    return ", ".join(words)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
