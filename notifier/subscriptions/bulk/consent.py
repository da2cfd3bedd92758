"""How the history keeps where and when somebody consented who filled in no form here. Pure."""

import re
from datetime import date

IMPORTED = "imported"
"""What the history calls it."""

_DETAIL = re.compile(r"(?P<source>.*) \((?P<day>\d{4}-\d{2}-\d{2})\)", re.DOTALL)


def consent_detail(source: str, day: date) -> str:
    """Return "paper form, open day (2022-09-03)"."""
    return f"{source} ({day.isoformat()})"


def read_consent(detail: str) -> tuple[str, str] | None:
    """Return source and day as `consent_detail` joined them; None where it is something else."""
    found = _DETAIL.fullmatch(detail)
    return None if found is None else (found["source"], found["day"])
