"""What is known where lists of people are read: IP1783 and a few of its kind."""

from datetime import date

from notifier.subscriptions.bulk.rows import Known, Row

KNOWN = Known(
    procedures={"gid-ipg1783": 1, "ipg800": 1, "gid-ta2": 2},
    numbers={"ip1783": ("GID-IPG1783",), "1783": ("GID-IPG1783",), "id7": ("GID-TA2", "GID-TA3")},
    processes=frozenset(("ip", "mtg")),
    technologies=frozenset(("procedure", "medicine")),
    presets=("deadlines", "openings", "every-step"),
    today=date(2022, 10, 14),
)

GOOD = {
    "address": "ada@example.org",
    "follows": "GID-IPG1783",
    "consent_source": "paper form, open day",
    "consent_date": "2022-09-03",
}


def row(line: int = 2, **cells: str) -> Row:
    """Return a good row but for these cells."""
    return Row(line=line, cells=GOOD | cells)
