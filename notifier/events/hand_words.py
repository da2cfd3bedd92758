"""What an act of the coordinator's hand comes to, in one sentence. Pure."""

from collections.abc import Sequence
from datetime import datetime

from notifier.events.forecast import Forecast, Late
from notifier.events.forecast_words import instant_words, people_words
from notifier.events.titles import clean
from notifier.events.wording import count, plain_day
from notifier.procedures.due import Edge
from notifier.procedures.model import Milestone, Procedure
from notifier.subscriptions.audience import Rhythms

_EDGES = {
    Edge.OPENS: "opening",
    Edge.CLOSES: "closing",
    Edge.CLOSING_7: "first reminder",
    Edge.CLOSING_1: "last reminder",
    Edge.NOT_YET: "“not yet published”",
    Edge.REACHED: "day",
}


def subject_of(found: Procedure, one: Milestone | None) -> str:
    """Return "IP1783", or "“IPAC 1” of IP1783"."""
    shown = clean(found.shown_id)
    return shown if one is None else f"“{clean(one.label)}” of {shown}"


def unchanged(found: Procedure, one: Milestone | None, state: str) -> str:
    """Return what to say of an act that changes nothing; `state` is "held"."""
    return f"{subject_of(found, one)} is {state} already; nothing was changed."


def not_held(found: Procedure, one: Milestone | None) -> str:
    """Return what to say of a release of what nobody holds, and what is held instead."""
    start = f"{subject_of(found, one)} is not held"
    if one is not None and found.held:
        return f"{start} by itself, but with the whole of {clean(found.shown_id)}; nothing was changed."
    keys = [step.key for step in found.milestones if step.held] if one is None else []
    if keys:
        return f"{start} as a whole, but in parts: name {' or '.join(keys)}; nothing was changed."
    return f"{start}; nothing was changed."


def held_words(found: Procedure, one: Milestone | None, dates: int) -> str:
    """Return "3 dates of IP1783 held; nobody is mailed until you release them."."""
    if not dates:
        return f"{subject_of(found, one)} is held; nothing of it was still to be said."
    if one is not None:
        return f"{subject_of(found, one)} is held; nobody is mailed about it until you release it."
    them = "it" if dates == 1 else "them"
    return (
        f"{count(dates, 'date')} of {clean(found.shown_id)} held; nobody is mailed until you release {them}."
    )


def released_words(
    found: Procedure,
    one: Milestone | None,
    dates: int,
    *,
    coming: Sequence[Forecast],
    late: Sequence[Late],
    zone: str,
) -> str:
    """Return what a release lets go: what passed meanwhile, and the next mail."""
    start = f"{subject_of(found, one)} is released."
    if one is None:
        start = f"{count(dates, 'date')} of {clean(found.shown_id)} released."
    if one is not None and found.held:
        start += (
            f" Nobody is mailed yet: the whole of {clean(found.shown_id)} is still held "
            f"(notifier procedure release {found.slug})."
        )
        return start
    return " ".join([start, *map(late_words, late), *_still_held(found, one), next_words(coming, zone)])


def hidden_words(found: Procedure, dates: int) -> str:
    """Return what making a procedure a draft comes to."""
    said = f"its {count(dates, 'date')} to come" if dates else "it"
    return (
        f"{clean(found.shown_id)} is a draft: no page, feed or calendar shows it, and nobody is mailed about "
        f"{said} until you publish it."
    )


def shown_words(found: Procedure, *, coming: Sequence[Forecast], late: Sequence[Late], zone: str) -> str:
    """Return what publishing a draft comes to."""
    start = f"{clean(found.shown_id)} is published: pages, feeds and calendars show it."
    return " ".join([start, *map(late_words, late), next_words(coming, zone)])


def late_words(one: Late) -> str:
    """Say of an instant that passed whether it is said late, or not any more (promises §1.7)."""
    what = f"Its {_EDGES[one.instant.edge]} of {plain_day(one.instant.local_date)} has passed"
    if one.said is None:
        return f"{what}, and is not said any more."
    how = f"{count(one.said.late_days, 'day')} late" if one.said.late_days else "at once"
    if not one.said.mailed:
        return f"{what}: the feeds say it {how}; a mail would help nobody, so nobody is mailed."
    return f"{what}: it is said {how}, and {_get(one.said.people)} mail at the next sweep."


def next_words(coming: Sequence[Forecast], zone: str) -> str:
    """Return how many people get mail next, and when; `coming` is in the order of its instants."""
    free = [one for one in coming if not one.held and one.mailed]
    if not free:
        return "Nothing more of it is to be mailed."
    first = max((one for one in free if one.at == free[0].at), key=lambda one: one.people.everybody)
    return f"Next, {_get(first.people)} mail at {instant_words(first.at, zone)}."


def published_words(
    found: Procedure, people: Rhythms, *, mail_from: datetime, now: datetime, zone: str
) -> str:
    """Return what the confirmation of a publication comes to: it is mailed, after the quiet hours."""
    when = "now" if mail_from <= now else f"at {instant_words(mail_from, zone)}"
    return f"{clean(found.shown_id)} is published, as you say; {_get(people)} mail {when}."


def confirmed_words(found: Procedure, one: Milestone, *, told: bool) -> str:
    """Return what a confirmation comes to; `told` is whether the date was announced before."""
    start = f"{subject_of(found, one)} has happened, as you say."
    if told:
        return f"{start} What was said as scheduled is now shown as confirmed; nobody is mailed."
    return f"{start} It will be said as confirmed when it is due; nobody is mailed before."


def corrected_words(title: str, people: int) -> str:
    """Return what a correction comes to: `people` are those whose mail about it was accepted."""
    who = "1 person" if people == 1 else f"{people:,} people" if people else "nobody"
    gets = "gets" if people <= 1 else "get"
    return (
        f"“{title}” is corrected; {who} {gets} the correction, whoever was mailed about it. "
        "The dates stay as they are: hold them, or change them at their source."
    )


def _get(people: Rhythms) -> str:
    said = people_words(people)
    return f"{said} {'gets' if people.everybody <= 1 else 'get'}"


def _still_held(found: Procedure, one: Milestone | None) -> list[str]:
    """Name the dates that stay held by themselves when the whole procedure is released."""
    kept = [clean(step.label) for step in found.milestones if step.held] if one is None else []
    return (
        [f"Still held by {'itself' if len(kept) == 1 else 'themselves'}: {', '.join(kept)}."] if kept else []
    )
