"""How mails look and in which language they speak: what an operator can set of it in `[mail]`."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, StringConstraints, field_validator

from notifier.settings.values import Line, Location, RefusedError, expected

ACCENT = "#0b57a4"
"""The colour of links and buttons on white."""

ACCENT_DARK = "#8ec2ff"
"""The same where a mail program shows light text on dark."""

WHITE = "#ffffff"
DARK = "#14171a"
"""The background of mails that are shown dark."""

LEAST_CONTRAST = 4.5
"""WCAG 2.2, success criterion 1.4.3: text must stand out from its background so much."""

Colour = Annotated[
    str,
    StringConstraints(strip_whitespace=True, to_lower=True, pattern=r"^#[0-9a-fA-F]{6}$"),
    expected('a colour such as "#0b57a4"'),
]

_LANGUAGE = re.compile(r"[a-z]{2,3}([_-][A-Za-z0-9]{2,8})*")


def _language(value: str) -> str:
    if _LANGUAGE.fullmatch(value) is None:
        raise ValueError(value)
    return value


Language = Annotated[
    str,
    StringConstraints(strip_whitespace=True),
    AfterValidator(_language),
    expected('a language such as "en" or "cy"'),
]


def contrast(first: str, second: str) -> float:
    """Return how much two colours (`#rrggbb`) stand out from each other: from 1 to 21 (WCAG 2.2)."""
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[place : place + 2], 16) / 255) for place in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(share: float) -> float:
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4


class MailLook(BaseModel):
    """The part of `[mail]` that says how mails look."""

    sender_name: Line | None = None
    """The name beside the address in From; None: the service's."""
    accent: Colour = ACCENT
    """The colour of links and buttons; white stands on it, and it on white."""
    accent_dark: Colour = ACCENT_DARK
    """The same for mail programs that show light text on dark."""
    footer: Line | None = None
    """A line at the foot of every mail, under who runs the service."""
    templates: Location | None = None
    """A folder with templates of the operator's own; None: the shipped ones."""
    language: Language = "en"
    """The language of whoever did not choose one."""
    languages_folder: Location | None = None
    """A folder with a catalogue for each further language; None: only those shipped."""

    @field_validator("accent")
    @classmethod
    def _readable_on_white(cls, colour: str) -> str:
        return _readable(colour, WHITE, "white")

    @field_validator("accent_dark")
    @classmethod
    def _readable_on_dark(cls, colour: str) -> str:
        return _readable(colour, DARK, f"the dark background {DARK}")


def _readable(colour: str, background: str, named: str) -> str:
    found = contrast(colour, background)
    if found < LEAST_CONTRAST:
        # Cut, not rounded: 4.49 is not 4.5.
        words = f"needs a contrast of {LEAST_CONTRAST} to 1 with {named}, and has {int(found * 100) / 100}"
        raise RefusedError(words, repeat=True)
    return colour
