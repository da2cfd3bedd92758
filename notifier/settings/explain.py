"""What pydantic refuses, said as problems: which place, what was expected, what was probably meant. PURE."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from notifier.settings.names import Place, is_list
from notifier.settings.problems import Problem
from notifier.settings.sources import Position, Source
from notifier.settings.values import RefusedError

_SHOWN = 60
"""How many characters of a wrong value are repeated."""


def explain(error: ValidationError, sources: Sequence[Source]) -> tuple[Problem, ...]:
    """Return a problem for each refusal, and one for each source that has an unknown name.

    `sources` stand in order of precedence, as they were given to pydantic; the last is the file, if any.
    """
    return tuple(
        problem
        for details in error.errors(include_url=False)
        for problem in _problems(details, _place(details), sources)
    )


def _place(details: Mapping[str, Any]) -> Place:
    """Return the place of the setting that is refused, and not of what is wrong within its value."""
    reason = details.get("ctx", {}).get("error")
    steps = (*details["loc"], *(reason.inside if isinstance(reason, RefusedError) else ()))
    return tuple(str(step) for step in steps[: 3 if is_list(str(steps[0])) else 2])


def _problems(details: Mapping[str, Any], place: Place, sources: Sequence[Source]) -> Iterator[Problem]:
    match details["type"]:
        case "extra_forbidden":
            for source in sources:
                if (position := source.position(place)) is not None:
                    yield _unknown(source, position, place)
        case "missing":
            source, position = _setter(place[:-1], sources[::-1])
            yield Problem(where=position.where, line=position.line, what=f"{source.label(place)} is missing")
        case _:
            yield _refused(details, place, sources)


def _unknown(source: Source, position: Position, place: Place) -> Problem:
    label = source.label(place)
    return Problem(
        where=position.where,
        line=position.line,
        what=f"unknown {'section' if label.startswith('[') else 'setting'} {label}",
        suggestion=source.meant(place),
    )


def _refused(details: Mapping[str, Any], place: Place, sources: Sequence[Source]) -> Problem:
    source, position = _setter(place, sources)
    reason = details.get("ctx", {}).get("error")
    if not isinstance(reason, RefusedError):  # only a whole section is refused by pydantic itself
        reason = RefusedError(_shape(place), repeat=False)
    shown = f", not {_as_written(details['input'])}" if reason.repeat and not source.secret else ""
    return Problem(
        where=position.where,
        line=position.line,
        what=f"{source.label(place)} {reason.words}{shown}",
        suggestion=reason.meant,
    )


def _shape(place: Place) -> str:
    if is_list(place[0]):
        return f"must be written as sections, each under a line [[{place[0]}]]"
    return "must be a section of settings"


def _setter(place: Place, sources: Sequence[Source]) -> tuple[Source, Position]:
    """Return the first source that sets `place`; for one that is not set, the last that sets its section."""
    for source in sources:
        if (position := source.position(place)) is not None:
            return source, position
    return _setter(place[:-1], sources[::-1])


def _as_written(value: object) -> str:
    """Return a value much as TOML writes it, cut short."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return json.dumps(value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…", ensure_ascii=False)
        case Mapping():
            return "a section"
        case list():
            return "a list"
        case _:
            return str(value)
