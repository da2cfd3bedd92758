"""The names of all settings, taken from the model, and which of them was probably meant."""

from typing import get_args, get_origin

from notifier.settings.closest import closest
from notifier.settings.model import Settings
from notifier.settings.sections import Section

Place = tuple[str, ...]
"""Where in the model a thing stands: ("mail",) is a section, ("mail", "port") a setting.

In a list of sections the number of the part, from 0, stands between: ("sources", "0", "url").
"""

_FLAT_ALIKE = 0.8
"""Stricter than for a bare name, because the section's name alone makes two flat names alike."""


def names_in(section: str) -> tuple[str, ...]:
    """Return the names of the settings of a section that exists, or of each part of a list of sections."""
    annotation = Settings.model_fields[section].annotation
    # `Service | None` and `tuple[SourceSettings, ...]` hold their model among their arguments
    kinds = (annotation, *get_args(annotation))
    model = next(kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Section))
    return tuple(model.model_fields)


def is_list(section: str) -> bool:
    """Return whether a section can stand several times, as `[[section]]`; only a file can hold such."""
    return section in Settings.model_fields and get_origin(Settings.model_fields[section].annotation) is tuple


def every_setting() -> tuple[Place, ...]:
    """Return the place of every setting, those of lists apart."""
    sections = (section for section in Settings.model_fields if not is_list(section))
    return tuple((section, name) for section in sections for name in names_in(section))


def meant_place(place: Place) -> Place | None:
    """Return the section or setting that was probably meant by one that does not exist."""
    *outside, name = place
    if not outside:
        near = closest(name, Settings.model_fields)
        return (near,) if near else _only_place_of(name)
    near = closest(name, names_in(outside[0]))
    return (*outside, near) if near else _only_place_of(name)


def meant_flat_name(name: str, *others: str) -> str | None:
    """Return the flat name, such as "mail__port" or one of `others`, that was probably meant by `name`."""
    flat = ("__".join(place) for place in every_setting())
    return closest(name, (*flat, *others), alike=_FLAT_ALIKE)


def _only_place_of(name: str) -> Place | None:
    """Return where the setting of exactly this name stands, if there is only one such."""
    places = [place for place in every_setting() if place[1] == name]
    return places[0] if len(places) == 1 else None
