"""What every letter is written on: templates, the sender's name, colours, and a line at the foot.

An operator's template stands in for the shipped one of the same name. One that fails while a mail is composed
is reported loudly, and the mail is composed with the shipped templates: it is never lost.
"""

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from jinja2 import BaseLoader, ChoiceLoader, Environment, FileSystemLoader, StrictUndefined, select_autoescape
from jinja2.sandbox import SandboxedEnvironment

from notifier.events.language import say, say_many
from notifier.events.splice import marks_in
from notifier.events.text_layout import aligned, wrapped
from notifier.events.words import Link
from notifier.settings.mail_look import ACCENT, ACCENT_DARK, MailLook

log = logging.getLogger(__name__)

SHIPPED = Path(__file__).parent / "templates"
"""The templates of this package."""


class MissingPartError(ValueError):
    """A composed form lacks a hole that it must have, or has one that it must not."""

    def __init__(self, holes: Collection[str]) -> None:
        super().__init__(f"wrong holes: {', '.join(sorted(holes))}")
        self.holes = frozenset(holes)


class Templates:
    """The templates that mails are composed with: an operator's where there are some, else those shipped."""

    def __init__(self, folder: Path | None = None) -> None:
        self._shipped = environment(FileSystemLoader(SHIPPED), Environment)
        self._own = None if folder is None else environment(own_loader(folder), SandboxedEnvironment)

    @property
    def is_shipped(self) -> bool:
        """Whether no template is an operator's."""
        return self._own is None

    def render(self, name: str, values: Mapping[str, object], *, holes: Collection[str]) -> str:
        """Return a composed form, which has a mark for each of `holes` and for no other."""
        if self._own is not None:
            try:
                return rendered(self._own, name, values, holes=holes)
            except Exception:  # whatever an operator's template does, the mail goes out
                log.exception("template_failed", extra={"template": name, "instead": "the shipped one"})
        return rendered(self._shipped, name, values, holes=holes)


def own_loader(folder: Path) -> BaseLoader:
    """Return what finds an operator's templates, and the shipped ones where there are none."""
    return ChoiceLoader([FileSystemLoader(folder), FileSystemLoader(SHIPPED)])


def rendered(
    templates: Environment, name: str, values: Mapping[str, object], *, holes: Collection[str]
) -> str:
    """Return one form as `templates` compose it.

    Raises:
        MissingPartError: it lacks a hole, or has one of another form.
        Exception: whatever the template raises.
    """
    form = templates.get_template(name).render(values)
    wrong = set(holes) ^ marks_in(form)
    if wrong:
        raise MissingPartError(wrong)
    return form


def environment(
    loader: BaseLoader, kind: type[Environment], undefined: type[StrictUndefined] = StrictUndefined
) -> Environment:
    """Return what templates are rendered in; read once, so a changed file waits for the next start.

    Templates of an operator are rendered in the sandbox, as whoever may write words need not run programs.
    """
    made = kind(
        loader=loader,
        autoescape=select_autoescape(["html"]),
        undefined=undefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    made.filters["wrapped"] = wrapped
    made.filters["aligned"] = aligned
    made.tests["link"] = _is_link
    made.globals["say"] = _say
    made.globals["say_many"] = _say_many
    return made


def _is_link(item: object) -> bool:
    return isinstance(item, Link)


def _say(sentence: str, /, **values: object) -> str:
    """Say a sentence of a template; its values become text first, so that a name leads into no object."""
    return say(sentence, **{name: str(value) for name, value in values.items()})


def _say_many(one: str, many: str, number: int, /, **values: object) -> str:
    return say_many(one, many, number, **{name: str(value) for name, value in values.items()})


@cache
def shipped() -> Templates:
    """Return the templates of this package, read when the first mail is composed."""
    return Templates()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stationery:
    """How the letters of one service look. `sender_name` None: the service's own name."""

    templates: Templates = field(default_factory=shipped)
    sender_name: str | None = None
    accent: str = ACCENT
    accent_dark: str = ACCENT_DARK
    footer: str = ""


def stationery_of(look: MailLook) -> Stationery:
    """Return the stationery that the settings ask for."""
    return Stationery(
        templates=shipped() if look.templates is None else Templates(look.templates),
        sender_name=look.sender_name,
        accent=look.accent,
        accent_dark=look.accent_dark,
        footer=look.footer or "",
    )
