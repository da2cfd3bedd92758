"""Which time-zone data Python uses, and how old it is.

zoneinfo takes the system's data before the `tzdata` package (PEP 615); both name their IANA version.
"""

import re
import zoneinfo
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_IN_FILE = re.compile(r"# version (\d{4}[a-z]+)")
_IN_PACKAGE = re.compile(r"(\d{4})\.(\d+)")
_PROBE = "Europe/London"


def zone_version() -> str | None:
    """Return the version of the data in use, such as "2026a"; None where it does not say."""
    for folder in map(Path, zoneinfo.TZPATH):
        if (folder / _PROBE).is_file():
            return _of_folder(folder)
    return _of_package()


def is_old(found: str, today: date) -> bool:
    """Whether data of this version is certainly older than 12 months.

    A version names its year only, so it is taken to be of that year's last day: no false alarm.
    """
    year = int(found[:4])
    return today.year > year + 1


def _of_folder(folder: Path) -> str | None:
    try:
        with (folder / "tzdata.zi").open(encoding="utf-8") as file:
            line = _IN_FILE.match(file.readline())
    except OSError:
        return None
    return line.group(1) if line else None


def _of_package() -> str | None:
    try:
        numbers = _IN_PACKAGE.match(version("tzdata"))
    except PackageNotFoundError:
        return None
    return f"{numbers.group(1)}{chr(ord('a') + int(numbers.group(2)) - 1)}" if numbers else None
