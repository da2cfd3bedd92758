"""An operator's templates as they come out: every kind of mail is composed with them, in every language."""

import html
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from traceback import walk_tb

from jinja2 import Environment, StrictUndefined
from jinja2.utils import missing

from notifier.events.checking.samples import Sample
from notifier.events.checking.sources import meant
from notifier.events.flaws import Flaw
from notifier.events.forms import HTML_HOLES, TEXT_HOLES, inliner
from notifier.events.personal import TEXT_WIDTH
from notifier.events.splice import Hole
from notifier.events.stationery import MissingPartError, rendered
from notifier.events.words import MailWords, ReplyWords

LARGEST_HTML = 100_000
"""Bytes; large mail programs cut a mail at 102 KB, and with its end goes the link that stops it."""

LONGEST_LINE = 78
"""Characters of a line of plain text (RFC 5322 §2.1.1)."""

_TAGS = re.compile(r"<style.*?</style>|<[^>]*>", re.DOTALL)
_HOLES = {
    Hole.WHY_TEXT: ("the line that says why somebody gets the mail", "{{ hole.WHY_TEXT.mark }}"),
    Hole.WHY_HTML: ("the line that says why somebody gets the mail", "{{ hole.WHY_HTML.mark }}"),
    Hole.LINK_TEXT: ("the link that stops the alerts or confirms them", "{{ hole.LINK_TEXT.mark }}"),
    Hole.LINK_HTML: ("the link that stops the alerts or confirms them", "{{ hole.LINK_HTML.mark }}"),
}


class Unknown(StrictUndefined):
    """A name that nothing is known of; it says what was probably meant."""

    @property
    def _undefined_message(self) -> str:
        name = str(self._undefined_name)
        about = self._undefined_obj
        if about is missing:
            return f"nothing is known of “{name}”"
        options = [one.name for one in fields(about)] if is_dataclass(about) else dir(type(about))
        return f"{type(about).__name__} has no “{name}”{meant(name, options)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One form of one mail: which template makes it, with which values, and what must stand in it.

    `must_say` is who runs the service, and whose service it is: empty where that need not be said.
    """

    template: str
    about: str
    values: Mapping[str, object]
    holes: Collection[str]
    must_say: tuple[str, str]


def trials(sample: Sample, words: MailWords | ReplyWords, values: Mapping[str, object]) -> Iterator[Trial]:
    """Return the two forms of a mail to subscribers."""
    kind = "alert" if isinstance(words, MailWords) else "reply"
    must = (str(values["operator"]), words.standing)
    for suffix, holes in (("txt", TEXT_HOLES), ("html", HTML_HOLES)):
        yield Trial(template=f"{kind}.{suffix}", about=sample.name, values=values, holes=holes, must_say=must)


def rendering_flaws(folder: Path, templates: Environment, trial: Trial) -> Iterator[Flaw]:
    """Judge one form of one mail by what comes out."""
    blamed = _blamed(folder, trial.template)
    try:
        form = rendered(templates, trial.template, trial.values, holes=trial.holes)
    except MissingPartError as error:
        yield from (_hole_flaw(blamed, hole, trial) for hole in sorted(error.holes))
    except Exception as error:  # whatever a template does is told
        yield _failure(folder, blamed, error)
    else:
        yield from _unsaid(blamed, form, trial)
        yield from _too_large(blamed, form, trial)


def _blamed(folder: Path, template: str) -> Path:
    """Return the operator's file that a form is made with: its own template, or what that one includes."""
    frame = "frame.html" if template.endswith(".html") else "footer.txt"
    own = [folder / name for name in (template, frame) if (folder / name).is_file()]
    return own[0] if own else folder / template


def _hole_flaw(blamed: Path, hole: str, trial: Trial) -> Flaw:
    if hole not in trial.holes:
        return Flaw(file=blamed, what=f"hole.{Hole(hole).name} is not for a mail of this form")
    named, mark = _HOLES[Hole(hole)]
    return Flaw(file=blamed, what=f"{named} is missing; write {mark} where it belongs")


def _failure(folder: Path, blamed: Path, error: Exception) -> Flaw:
    """Say what a template failed of, and at which of its lines."""
    where, line = blamed, None
    for frame, number in walk_tb(error.__traceback__):
        path = Path(frame.f_code.co_filename)
        if path.parent == folder:
            where, line = path, number
    return Flaw(file=where, line=line, what=str(error) or type(error).__name__)


def _unsaid(blamed: Path, form: str, trial: Trial) -> Iterator[Flaw]:
    shown = html.unescape(_TAGS.sub(" ", form)) if trial.template.endswith(".html") else form
    plain = " ".join(shown.split())
    operator, standing = trial.must_say
    if " ".join(operator.split()) not in plain:
        yield Flaw(
            file=blamed, what="who runs the service and the postal address are missing; write {{ operator }}"
        )
    if standing and " ".join(standing.split()) not in plain:
        what = "whose service this is and what its dates are worth is missing; write {{ words.standing }}"
        yield Flaw(file=blamed, what=what)


def _too_large(blamed: Path, form: str, trial: Trial) -> Iterator[Flaw]:
    if trial.template.endswith(".html"):
        if len(inliner().inline(form).encode()) > LARGEST_HTML:
            what = f"it makes a mail of over {LARGEST_HTML // 1000} KB, which large mail programs cut short"
            yield Flaw(file=blamed, what=what)
        return
    for line in form.splitlines():
        if len(line) > LONGEST_LINE and not _is_one_word(line):
            yield Flaw(file=blamed, line=_line_of(blamed, line), what=_too_long(line), grave=False)


def _is_one_word(line: str) -> bool:
    """Whether a line cannot be wrapped, such as an address."""
    return len(line.split()) == 1 or "://" in line.rsplit(maxsplit=1)[-1]


def _too_long(line: str) -> str:
    return f"a line has {len(line)} characters, and only {TEXT_WIDTH} fit: “{line.strip()[:40]}…”"


def _line_of(path: Path, line: str) -> int | None:
    """Return where a line of a mail stands in its template, if it stands there word for word."""
    if not path.is_file():
        return None
    for number, written in enumerate(path.read_text("utf-8").splitlines(), 1):
        literal = re.split(r"\{[{%#].*?[}%#]\}", written)
        longest = max((part.strip() for part in literal), key=len)
        if len(longest) > TEXT_WIDTH // 3 and longest in line:
            return number
    return None
