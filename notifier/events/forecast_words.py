"""What will be said, to how many and when, in words for those who run the service. Pure."""

from datetime import date, datetime, timedelta

from notifier.events.forecast import Forecast
from notifier.events.model import EventKind
from notifier.events.titles import clean
from notifier.events.wording import full_day, hour, local
from notifier.procedures.model import MilestoneKind
from notifier.subscriptions.audience import Rhythms


def people_words(people: Rhythms) -> str:
    """Return "1,204 people", and how soon their mail comes where it does not come to all at once."""
    number = people.everybody
    if not number:
        return "nobody"
    said = "1 person" if number == 1 else f"{number:,} people"
    parts = [(people.at_once, "at once"), (people.daily, "daily"), (people.weekly, "weekly")]
    if people.at_once == number:
        return said
    return f"{said} ({', '.join(f'{part:,} {rhythm}' for part, rhythm in parts if part)})"


def what_words(one: Forecast) -> str:
    """Return what is said, as "IP1783 opens for comment"."""
    shown = clean(one.procedure.shown_id)
    label = clean(one.milestone.label)
    comments = one.milestone.kind is MilestoneKind.CONSULTATION
    ending = "comments close" if comments else f"“{label}” ends"
    end = one.milestone.dates.end
    closes = f" on {full_day(end)}" if end else ""
    words = {
        EventKind.OPENED: f"{shown} opens for comment" if comments else f"{shown}: “{label}” opens",
        EventKind.CLOSING_SOON: f"{shown}: reminder that {ending}{closes}",
        EventKind.CLOSED: f"{shown} closes for comment" if comments else f"{shown}: “{label}” ends",
        EventKind.EXPECTED: f"{shown} is expected to be published",
        EventKind.NOT_YET: f"{shown} is “not yet published”, unless it is seen by then",
        EventKind.PUBLISHED: f"{shown} is published",
    }
    return words.get(one.kind, f"{shown}: “{label}” is due")


def instant_words(at: datetime, zone: str) -> str:
    """Return "9am on Friday 14 October 2022"."""
    there = local(at, zone)
    return f"{hour(there.time())} on {full_day(there.date())}"


def when_words(at: datetime, today: date, zone: str) -> str:
    """Return "Today at 5pm", "Tomorrow at 9am" or "Monday 17 October 2022 at 9am"; for mail alone."""
    there = local(at, zone)
    day = there.date()
    named = {today: "Today", today + timedelta(days=1): "Tomorrow"}.get(day, full_day(day))
    return f"{named} at {hour(there.time())}"
