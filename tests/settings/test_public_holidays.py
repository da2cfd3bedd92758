"""The holidays of one place are known without loading those of every other."""

import subprocess
import sys
from datetime import date

import pytest

from notifier.settings.public_holidays import public_holidays

_LOADED = """
import sys
from notifier.settings.public_holidays import public_holidays
assert public_holidays("GB-ENG").get("2026-12-25")
print(sorted(one for one in sys.modules if one.startswith("holidays.countries.")))
"""


def test_one_country_is_loaded_alone() -> None:
    done = subprocess.run([sys.executable, "-c", _LOADED], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "['holidays.countries.united_kingdom']"


@pytest.mark.parametrize(
    ("code", "day"),
    [
        ("GB-SCT", date(2026, 1, 2)),
        ("IE", date(2026, 3, 17)),
        ("AX", date(2026, 6, 9)),  # its calendar is built on that of another country
        ("GB-ENG", date(2022, 9, 19)),
    ],
)
def test_a_place_has_its_own_days(code: str, day: date) -> None:
    assert day in public_holidays(code)
    assert day not in public_holidays("US") or code == "US"


def test_a_place_that_is_not_known_is_refused() -> None:
    with pytest.raises(ValueError, match="XX"):
        public_holidays("XX")
