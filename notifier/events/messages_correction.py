"""Leads and first sentences that take back what we said (promises §1.5)."""

from notifier.events.messages_changes import exact_day, principal
from notifier.events.telling import Telling
from notifier.events.titles import clean
from notifier.events.wording import dates_words, plain_day
from notifier.events.words import Said
from notifier.procedures.model import MilestoneKind


def correction(t: Telling) -> Said:
    """Say what we said, that it did not happen, and what the source gives instead."""
    change = principal(t)
    told = exact_day(change.old) if change is not None else None
    told = told or t.day
    new = change.new if change is not None else None
    gives = dates_words(new) if new is not None and new.start is not None else "no date"
    kind = change.milestone_kind if change is not None else t.payload.milestone_kind
    match kind:
        case MilestoneKind.CONSULTATION:
            lead, what, truth = (
                "not open yet",
                f"comments on {t.topic} were due to open that day",
                "they did not",
            )
        case MilestoneKind.PUBLICATION:
            lead, what, truth = (
                "not published yet",
                f"guidance on {t.topic} was expected that day",
                "it was not published",
            )
        case MilestoneKind.MEETING:
            lead, truth = "not discussed yet", "it did not"
            what = f"{t.body}'s advisory committee was scheduled to discuss {t.topic} that day"
        case _:
            label = t.label if change is None else clean(change.label)
            lead, what, truth = "date moved", f"“{label}” of {t.topic} was due that day", "it was not"
    sentence = f"We told you on {plain_day(told)} that {what}; {truth}, and {t.body} now gives {gives}."
    return Said(lead=f"Correction, {lead}", sentence=sentence)
