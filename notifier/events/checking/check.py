"""The whole check: every kind of mail, with an operator's templates, in every language there is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from jinja2.sandbox import SandboxedEnvironment

from notifier.events.catalogues import SOURCE_LANGUAGE, load_languages, read_folder
from notifier.events.checking.catalogues import language_flaws
from notifier.events.checking.rendering import Trial, Unknown, rendering_flaws, trials
from notifier.events.checking.samples import samples, staff_sample
from notifier.events.checking.sources import source_flaws
from notifier.events.flaws import Flaw
from notifier.events.forms import FULL_SECTIONS, frame_values, values_of
from notifier.events.personal import TEXT_WIDTH
from notifier.events.splice import Hole
from notifier.events.staff.forms import staff_values
from notifier.events.stationery import Stationery, environment, own_loader, stationery_of
from notifier.events.words import MailWords
from notifier.settings import Mail, Service


def mail_flaws(mail: Mail, service: Service) -> Sequence[Flaw]:
    """Return what is wrong with the templates and catalogues that the settings name, each thing once."""
    return [
        *language_flaws(mail.languages_folder, mail.language),
        *(() if mail.templates is None else _template_flaws(mail.templates, mail, service)),
    ]


def _template_flaws(folder: Path, mail: Mail, service: Service) -> Sequence[Flaw]:
    if not folder.is_dir():
        return [Flaw(file=folder, what="there is no such folder of templates")]
    templates = environment(own_loader(folder), SandboxedEnvironment, Unknown)
    found = list(source_flaws(folder, templates, _known_names(service)))
    if any(one.grave for one in found):
        return found  # what cannot be read cannot be rendered, and what is unknown is told once
    first: dict[Flaw, str] = {}
    languages = load_languages(mail.languages_folder)
    for language in _spoken(mail):
        with languages.speaking(language):
            for trial in _every_trial(service, stationery_of(mail)):
                for flaw in rendering_flaws(folder, templates, trial):
                    first.setdefault(flaw, trial.about)
    return [
        *found,
        *(replace(flaw, what=f"{flaw.what} (in a mail: {about})") for flaw, about in first.items()),
    ]


def _spoken(mail: Mail) -> Sequence[str]:
    """Return every language that the mails of these settings can speak."""
    folder = mail.languages_folder
    own = () if folder is None or not folder.is_dir() else read_folder(folder)
    return (SOURCE_LANGUAGE, *(one.language for one in own if one.catalogue is not None))


def _every_trial(service: Service, paper: Stationery) -> Iterator[Trial]:
    for sample in samples(service):
        words = sample.words()
        brief = isinstance(words, MailWords) and len(words.sections) > FULL_SECTIONS
        more = {"width": TEXT_WIDTH, "brief": brief}
        yield from trials(sample, words, values_of(words, service, paper) | more)
    values = staff_values(staff_sample(), service, paper)
    must = (str(values["operator"]), "")
    text = values | {"why": "…", "width": TEXT_WIDTH}
    yield Trial(template="staff.txt", about="to staff", values=text, holes=(), must_say=must)
    html = (Hole.WHY_HTML,)
    yield Trial(template="staff.html", about="to staff", values=values, holes=html, must_say=must)


def _known_names(service: Service) -> Mapping[str, frozenset[str]]:
    """Return the names that each template is given."""
    paper = Stationery()
    sample = next(iter(samples(service)))
    mail = frozenset(values_of(sample.words(), service, paper))
    frame = frozenset(frame_values(service, paper)) | {"words"}
    known = {f"{kind}.html": mail for kind in ("alert", "reply")} | {"staff.html": frame, "frame.html": frame}
    known |= {f"{kind}.txt": mail | {"width"} for kind in ("alert", "reply")}
    known["alert.html"] |= {"brief"}
    return known | {"staff.txt": frame | {"why", "width"}, "footer.txt": frame | {"width"}}
