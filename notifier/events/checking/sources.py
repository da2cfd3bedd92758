"""An operator's template as it is written: syntax, names that nothing is known of, content from elsewhere."""

import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from jinja2 import Environment, TemplateSyntaxError, meta, nodes

from notifier.events.flaws import Flaw
from notifier.events.stationery import SHIPPED
from notifier.settings.closest import closest

_LOADED_TAG = re.compile(
    r"<\s*(link|script|iframe|object|embed|form|img|video|audio|svg|base)\b", re.IGNORECASE
)
_INLINE_IMAGE = re.compile(r"<\s*img\b[^>]*\bsrc\s*=\s*[\"']data:", re.IGNORECASE)
_LOADING = re.compile(
    r"""\b(src|srcset|background|poster)\s*=\s*(?!["']?data:)|(@import\b)|(url\()(?!\s*["']?data:)""",
    re.IGNORECASE,
)


def shipped_names() -> tuple[str, ...]:
    """Return the names of the templates that can be replaced."""
    return tuple(sorted(path.name for path in SHIPPED.iterdir()))


def template_files(folder: Path) -> tuple[Path, ...]:
    """Return the templates of an operator's folder."""
    return tuple(sorted(path for path in folder.iterdir() if path.suffix in (".html", ".txt")))


def source_flaws(
    folder: Path, templates: Environment, known: Mapping[str, Collection[str]]
) -> Iterator[Flaw]:
    """Judge every template of a folder by its text; `known` are the names that each is given."""
    everything = frozenset[str]().union(*known.values())
    used = set(shipped_names())
    for path in template_files(folder):
        try:
            source = path.read_text("utf-8")
            parsed = templates.parse(source)
        except (OSError, UnicodeDecodeError) as error:
            yield Flaw(file=path, what=f"the file cannot be read: {error}")
        except TemplateSyntaxError as error:
            yield Flaw(file=path, line=error.lineno, what=f"this is no template: {error.message}")
        else:
            used |= {name for name in meta.find_referenced_templates(parsed) if name}
            yield from _unknown(path, parsed, known.get(path.name, everything) | templates.globals.keys())
            if path.suffix == ".html":
                yield from _from_elsewhere(path, source)
    for path in template_files(folder):
        if path.name not in used:
            yield _of_no_use(path)


def _unknown(path: Path, parsed: nodes.Template, known: Collection[str]) -> Iterator[Flaw]:
    unknown = meta.find_undeclared_variables(parsed) - set(known)
    seen = {(one.name, one.lineno) for one in parsed.find_all(nodes.Name) if one.ctx == "load"}
    for name, line in sorted(seen, key=lambda one: (one[1], one[0])):
        if name in unknown:
            yield Flaw(file=path, line=line, what=f"nothing is known of “{name}”{meant(name, known)}")


def meant(name: str, options: Collection[str]) -> str:
    """Return what was probably meant, as the end of a sentence; nothing where nothing is alike."""
    near = closest(name, options)
    return "" if near is None else f"; did you mean “{near}”?"


def _from_elsewhere(path: Path, source: str) -> Iterator[Flaw]:
    """Find what would be loaded, or run: no mail of ours tells anybody that it was opened."""
    for number, line in enumerate(source.splitlines(), 1):
        tag = _LOADED_TAG.search(line)
        if tag is not None and _INLINE_IMAGE.search(line) is None:
            what = f"<{tag[1].lower()}> has no place in a mail: nothing may be loaded or run in it"
            yield Flaw(file=path, line=number, what=what)
            continue
        loading = _LOADING.search(line)
        if loading is not None:
            found = next(part for part in loading.groups() if part)
            what = f"“{found}” loads something from elsewhere, which would tell who opened the mail"
            yield Flaw(file=path, line=number, what=what)


def _of_no_use(path: Path) -> Flaw:
    near = meant(path.name, shipped_names())
    return Flaw(file=path, what=f"no mail is made with a template of this name{near}", grave=False)
