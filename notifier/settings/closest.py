"""What somebody probably meant."""

from collections.abc import Iterable
from difflib import get_close_matches

ALIKE = 0.6
"""How alike two words must be, as difflib counts it: "anounce_at" is, "foo" and "zone" are not."""


def closest(word: str, options: Iterable[str], *, alike: float = ALIKE) -> str | None:
    """Return the option most like `word`, whatever the case of both; None where none is."""
    by_lower_case = {option.lower(): option for option in options}
    found = get_close_matches(word.lower(), by_lower_case, n=1, cutoff=alike)
    return by_lower_case[found[0]] if found else None
