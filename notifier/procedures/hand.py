"""The coordinator's hand: what a person may do to a procedure beside its source, and why not. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import PurePath

from notifier.procedures.model import Milestone, MilestoneKind, MilestoneState, Procedure
from notifier.settings.closest import closest

FILE_PREFIX = "file:"
"""How the key of a source begins that is a file of the watched folder."""

_PAGES = frozenset((".txt", ".md", ".html", ".htm"))


class HandError(ValueError):
    """What was asked for cannot be done; the message says why, and what was probably meant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """Who acts, why, in their own words, and when (calendar time)."""

    by: str
    reason: str
    at: datetime


def hand(by: str, reason: str, at: datetime) -> Hand:
    """Return whose hand it is.

    Raises:
        HandError: the name or the reason is blank: a year later they are all that explains the act.
    """
    for what, text in (("name", by), ("reason", reason)):
        if not text.strip():
            raise HandError(f"a {what} is needed: it is kept, and shown to whoever asks why")
    return Hand(by=" ".join(by.split()), reason=" ".join(reason.split()), at=at)


def unknown(what: str, name: str, options: Iterable[str]) -> HandError:
    """Return what to say of a name that nothing has; `what` is "procedure has the reference"."""
    meant = closest(name, options)
    guess = f"; did you mean “{meant}”?" if meant else ""
    return HandError(f"no {what} “{name}”{guess}")


def the_milestone(found: Procedure, name: str) -> Milestone:
    """Return the milestone with this key, or with this label, whatever the case.

    Raises:
        HandError: the procedure has none, or several with this label.
    """
    wanted = name.strip().casefold()
    keyed = [one for one in found.milestones if one.key.casefold() == wanted]
    named = keyed or [one for one in found.milestones if one.label.casefold() == wanted]
    if len(named) == 1:
        return named[0]
    if named:
        keys = " or ".join(f"“{one.key}”" for one in named)
        raise HandError(f"{len(named)} dates of {found.slug} are called “{name}”: name {keys}")
    error = unknown(f"date of {found.slug} is called", name, [one.key for one in found.milestones])
    keys = ", ".join(one.key for one in found.milestones) or "none"
    raise HandError(f"{error} (its dates: {keys})")


def demand_own_draft(found: Procedure) -> None:
    """Let a person decide whether a procedure is a draft only where its source does not.

    Raises:
        HandError: it comes from a file that says so itself, and would undo the act when it is next read.
    """
    key = found.source_key or ""
    if not key.startswith(FILE_PREFIX) or PurePath(key).suffix.lower() in _PAGES:
        return
    file = key.removeprefix(FILE_PREFIX)
    raise HandError(f"{found.slug} comes from the file {file}, which decides this: change “draft” there")


def demand_confirmable(found: Procedure, one: Milestone, *, today: date) -> None:
    """Let a person say that something happened only where it can have happened.

    A publication can come before its expected day; nothing else happens before the first day it was given.

    Raises:
        HandError: the procedure is a draft, the date was taken back or has not come, or it is a publication
            that is held, so that nobody is to be mailed about it.
    """
    if found.draft:
        raise HandError(f"{found.slug} is a draft: publish it first")
    if one.state is MilestoneState.WITHDRAWN:
        raise HandError(f"{one.key} of {found.slug} was removed from its schedule")
    if one.kind is MilestoneKind.PUBLICATION and (one.held or found.held):
        raise HandError(
            f"{one.key} of {found.slug} is held, and to confirm it is to mail it: release it first"
        )
    start = one.dates.start
    if one.kind is not MilestoneKind.PUBLICATION and start is not None and start > today:
        raise HandError(f"{one.key} of {found.slug} is given for {start:%Y-%m-%d}, which has not come")
