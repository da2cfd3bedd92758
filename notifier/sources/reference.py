"""What can be a procedure's reference. It stands in addresses, ids and file names, and never changes."""

import re

REFERENCE = "a reference: letters, digits, dots, hyphens and underscores, at most 64, such as GID-IPG10158"
"""What to say was expected."""

_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def is_reference(text: str) -> bool:
    """Whether `text` can be a reference; "all" is taken by the feeds of everything."""
    return _REFERENCE.fullmatch(text) is not None and text.casefold() != "all"
