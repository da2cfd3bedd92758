"""What the state of the service comes to, in sentences (promises §7). Pure: facts in, judgement out.

Red is kept for what somebody must get up for (`red_list`); everything else that is wrong asks for attention
(`attention_list`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from notifier.events.wording import hour, plain_day
from notifier.web.attention_list import attention_list
from notifier.web.health_facts import Coming, Now, Problem, Running, State, Stored, waiting_since
from notifier.web.red_list import red_list


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The judgement. `since` is when the oldest problem of the worst kind began."""

    state: State
    sentence: str
    since: datetime | None
    coming: Coming | None
    problems: tuple[Problem, ...]


def judge(stored: Stored | None, running: Running, now: Now) -> Health:
    """Judge the service; `stored` is None when the database does not answer."""
    found = (*red_list(stored, running, now), *attention_list(stored, running, now))
    problems = tuple(sorted(found, key=lambda one: one.state is not State.BROKEN))  # the worst come first
    state = problems[0].state if problems else State.OK
    began = [one.since for one in problems if one.state is state and one.since is not None]
    return Health(
        state=state,
        sentence=_sentence(state, problems, stored, now),
        since=min(began, default=None),
        coming=stored.coming if stored is not None else None,
        problems=problems,
    )


def _sentence(state: State, problems: Sequence[Problem], stored: Stored | None, now: Now) -> str:
    said = " ".join(problem.sentence for problem in problems) if problems else _all_well(stored, now)
    coming = _next(stored.coming, now) if stored is not None else ""
    first = "OK" if state is State.OK else state.value.capitalize()
    return " ".join(part for part in (f"{first}.", said, coming) if part)


def _all_well(stored: Stored | None, now: Now) -> str:
    if stored is not None and stored.unannounced_since is not None:
        return "What is due is being announced."
    if stored is not None and waiting_since(stored, now) is not None:
        return "Everything due is announced; mail is being handed over."
    again = _tried_again(stored, now) if stored is not None else ""
    if again:
        return f"Everything due is announced; {again}."
    return "Everything due is announced and handed over."


def _tried_again(stored: Stored, now: Now) -> str:
    said = ["some mail was put off by its receivers and is tried again"] if stored.put_off else []
    if stored.doubtful_at is not None:
        when = now.told(now.in_calendar(stored.doubtful_at))
        said.append(f"the mail server's answer to some mail was lost, which goes again from {when}")
    return "; ".join(said)


def _next(coming: Coming | None, now: Now) -> str:
    if coming is None:
        return "No date is to come."
    there = coming.at.astimezone(now.zone)
    what = coming.shown_ids[0] if coming.shown_ids else "a date"
    more = len(coming.shown_ids) - 1
    others = f" and {more} {'other' if more == 1 else 'others'}" if more > 0 else ""
    when = f"{hour(there.time())}, {plain_day(there.date())}"
    return f"Next: {when}, {what}{others}, {_people(coming.people)}."


def _people(number: int) -> str:
    return "nobody follows yet" if not number else "1 person" if number == 1 else f"{number:,} people"
