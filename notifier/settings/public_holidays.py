"""The public holidays of one place, by the `holidays` library."""

import importlib.util
import sys

import holidays

_COUNTRIES = "holidays.countries"


def public_holidays(code: str) -> holidays.HolidayBase:
    """Return the calendar of a country, "GB", or of a part of one, "GB-ENG" (ISO 3166-1 and -2).

    Raises:
        ValueError: the `holidays` library knows no such place.
    """
    _spare_the_other_countries()
    country, _, part = code.partition("-")
    try:
        return holidays.country_holidays(country, subdiv=part or None)
    except NotImplementedError as error:
        raise ValueError(str(error)) from error


def _spare_the_other_countries() -> None:
    """Make the library's package of countries without running it: it would load all 250 (8 MB, 50 ms).

    Each country is a module of its own, which the library loads by name.
    """
    if _COUNTRIES not in sys.modules:
        found = importlib.util.find_spec(_COUNTRIES)
        if found is not None:
            sys.modules[_COUNTRIES] = importlib.util.module_from_spec(found)
