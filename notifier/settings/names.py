"""The names of all settings, taken from the model, and which of them was probably meant."""

from typing import get_args

from notifier.settings.closest import closest
from notifier.settings.model import Settings
from notifier.settings.sections import Section

Place = tuple[str, ...]
"""Where in the model a thing stands: ("mail",) is a section, ("mail", "port") a setting."""

_FLAT_ALIKE = 0.8
"""Stricter than for a bare name, because the section's name alone makes two flat names alike."""


def names_in(section: str) -> tuple[str, ...]:
    """Return the names of the settings of a section that exists."""
    annotation = Settings.model_fields[section].annotation
    kinds = (annotation, *get_args(annotation))  # `Service | None` holds its model among its arguments
    model = next(kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Section))
    return tuple(model.model_fields)


def every_setting() -> tuple[Place, ...]:
    """Return the place of every setting."""
    return tuple((section, name) for section in Settings.model_fields for name in names_in(section))


def meant_place(place: Place) -> Place | None:
    """Return the section or setting that was probably meant by one that does not exist."""
    section, *rest = place
    if not rest:
        near = closest(section, Settings.model_fields)
        return (near,) if near else _only_place_of(section)
    near = closest(rest[0], names_in(section))
    return (section, near) if near else _only_place_of(rest[0])


def meant_flat_name(name: str, *others: str) -> str | None:
    """Return the flat name, such as "mail__port" or one of `others`, that was probably meant by `name`."""
    flat = ("__".join(place) for place in every_setting())
    return closest(name, (*flat, *others), alike=_FLAT_ALIKE)


def _only_place_of(name: str) -> Place | None:
    """Return where the setting of exactly this name stands, if there is only one such."""
    places = [place for place in every_setting() if place[1] == name]
    return places[0] if len(places) == 1 else None
