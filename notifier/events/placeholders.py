"""The `{names}` of a sentence, and whether its translation can be said with the same values. Pure."""

from collections.abc import Sequence
from string import Formatter

MAY_BE_LEFT_OUT = frozenset(("number", "spelt", "noun"))
"""A language may have no word for these in some form: "one day", "alle Themen"."""

_OFFERED_TOO = {"hour": "hour24"}
"""A clock of 24 hours is offered wherever one of 12 is."""

_BLANKS_OF_TYPE = "\u00a0\u202f"  # between a number and its unit, and before French marks
_JOINERS = "\u200c\u200d"


def names_in(sentence: str) -> frozenset[str]:
    """Return the names of a sentence.

    Raises:
        ValueError: a brace stands alone, or holds more than a name.
    """
    names = set()
    for _, name, form, conversion in Formatter().parse(sentence):
        if name is None:
            continue
        if not name.isidentifier() or form or conversion:
            raise ValueError(f"“{{{name}}}” is no plain name")
        names.add(name)
    return frozenset(names)


def unfit(english: Sequence[str], translated: Sequence[str]) -> str | None:
    """Return why a translation, in all of its forms, cannot be said; None where it can."""
    try:
        offered = frozenset[str]().union(*(names_in(form) for form in english))
    except ValueError as error:
        return f"its English is no sentence of this service ({error})"
    faults = (_fault(english[0], offered, form) for form in translated)
    return next((fault for fault in faults if fault is not None), None)


def _fault(english: str, offered: frozenset[str], form: str) -> str | None:
    if not form:
        return "one of its forms is empty"
    if not all(char.isprintable() or char in _BLANKS_OF_TYPE + _JOINERS for char in form):
        return "it has a line break or another character that cannot be shown"
    if (form[0] == " ", form[-1] == " ") != (english[0] == " ", english[-1] == " "):
        return "it must begin and end with a blank where the English does, and only there"
    try:
        names = names_in(form)
    except ValueError as error:
        return f"its braces cannot be read ({error})"
    return _names_fault(offered, names)


def _names_fault(offered: frozenset[str], names: frozenset[str]) -> str | None:
    too = {_OFFERED_TOO[name] for name in offered if name in _OFFERED_TOO}
    if unknown := names - offered - too:
        return f"nothing is offered for {_shown(unknown)}; there is {_shown(offered | too) or 'nothing'}"
    needed = offered - MAY_BE_LEFT_OUT - (_OFFERED_TOO.keys() if names & too else frozenset())
    return f"it leaves out {_shown(missing)}" if (missing := needed - names) else None


def _shown(names: frozenset[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names))
