"""Languages that mails can speak beside English: one gettext file each, `<folder>/<language>.po`.

What a catalogue says is judged when it is read. A translation that could lose a mail (a placeholder that is
not offered, a line break, broken braces) is left out: that one sentence is then said in English.
"""

import gettext
import io
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

from notifier.events.flaws import Flaw
from notifier.events.language import Catalogue, speaking
from notifier.events.placeholders import unfit

log = logging.getLogger(__name__)

SHIPPED = Path(__file__).parent / "locales"
"""Where the catalogues of this package are, and the template that every catalogue is made from."""

SOURCE_LANGUAGE = "en"
"""The language of the sentences in the code; it needs no catalogue."""

_QUOTED = re.compile(r'''(?:(?:msgctxt|msgid|msgid_plural|msgstr)(?:\[\d+\])?\s+)?"(?:[^"\\]|\\.)*"''')
_HAS_TEXT = ('"', "msgctxt", "msgid", "msgstr")
_TAG = re.compile(r"[A-Za-z]{2,3}([_-][A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueReading:
    """One file, read: its language, its catalogue if it can be used, its flaws, and how much it says."""

    file: Path
    language: str
    catalogue: Catalogue | None
    flaws: tuple[Flaw, ...]
    sentences: frozenset[str] = frozenset()
    """The English (for one) of all that it says in its own language."""


class _Compiled(gettext.GNUTranslations):
    """A catalogue that knows its language."""

    tag = SOURCE_LANGUAGE


class Languages:
    """The languages that can be spoken, and the one that is spoken to whoever did not choose."""

    def __init__(self, catalogues: Mapping[str, Catalogue] | None = None) -> None:
        self._catalogues = dict(catalogues or {})

    def named(self, language: str) -> str:
        """Return the language that is spoken to somebody who reads `language`: "de" for "de-AT" or "de_AT".

        Where there is no catalogue of it, that is English.
        """
        tag = normal_tag(language)
        while tag and tag not in self._catalogues:
            tag = tag.rpartition("-")[0]
        return tag or SOURCE_LANGUAGE

    def speaking(self, language: str) -> AbstractContextManager[None]:
        """Say everything within as a reader of `language` is spoken to."""
        return speaking(self._catalogues.get(self.named(language)))


def load_languages(folder: Path | None) -> Languages:
    """Read the shipped catalogues and those of `folder`, which win; what cannot be used is logged."""
    catalogues: dict[str, Catalogue] = {}
    for reading in (*read_folder(SHIPPED), *(read_folder(folder) if folder is not None else ())):
        for flaw in reading.flaws:
            log.warning(
                "translation_left_out", extra={"file": str(flaw.file), "line": flaw.line, "why": flaw.what}
            )
        if reading.catalogue is not None:
            catalogues[reading.language] = reading.catalogue
    return Languages(catalogues)


def read_folder(folder: Path) -> Sequence[CatalogueReading]:
    """Read every catalogue of a folder, by name."""
    return [read_catalogue(path) for path in sorted(folder.glob("*.po"))]


def read_catalogue(path: Path) -> CatalogueReading:
    """Read one catalogue; its language is the name of its file."""
    language = normal_tag(path.stem)
    if _TAG.fullmatch(path.stem) is None:
        return _unusable(path, language, None, f"“{path.stem}” is no language, such as “cy” or “pt_BR”")
    try:
        raw = path.read_bytes()
        if unclosed := tuple(_unclosed(path, raw)):
            return CatalogueReading(file=path, language=language, catalogue=None, flaws=unclosed)
        catalog = read_po(io.BytesIO(raw), abort_invalid=True, ignore_obsolete=True)
    except PoFileError as error:
        return _unusable(path, language, (error.lineno or 0) + 1, f"the file cannot be read: {error}")
    except (OSError, ValueError, LookupError) as error:
        return _unusable(path, language, None, _why_unread(error))
    flaws = list(_leave_out_what_is_unfit(catalog, path))
    try:
        compiled = _compiled(catalog, language)
    except (ValueError, LookupError, OSError) as error:
        return _unusable(path, language, None, f"its head cannot be used (Plural-Forms, charset): {error}")
    said = frozenset(_forms(one.id)[0] for one in catalog if one.id and _is_said(one))
    return CatalogueReading(
        file=path, language=language, catalogue=compiled, flaws=tuple(flaws), sentences=said
    )


def normal_tag(language: str) -> str:
    """Return a language as mails name it (RFC 5646): "pt-BR" for "pt_br"."""
    first, *rest = language.replace("_", "-").split("-")
    return "-".join([first.lower(), *(part.upper() if len(part) == 2 else part for part in rest)])


def _unusable(path: Path, language: str, line: int | None, what: str) -> CatalogueReading:
    return CatalogueReading(
        file=path, language=language, catalogue=None, flaws=(Flaw(file=path, line=line, what=what),)
    )


def _unclosed(path: Path, raw: bytes) -> Iterator[Flaw]:
    """Find each line whose text is not in one pair of quotes: `read_po` would take a letter for the quote."""
    for number, line in enumerate(raw.split(b"\n"), 1):
        # What is not UTF-8 is told later, and hides no quote.
        text = line.decode("utf-8", "replace").strip()
        if text.startswith(_HAS_TEXT) and _QUOTED.fullmatch(text) is None:
            what = f'its text is not in one pair of quotes ("…", and \\" for a quote within): {text:.60}'
            yield Flaw(file=path, line=number, what=what)


def _why_unread(error: Exception) -> str:
    if not isinstance(error, UnicodeDecodeError):
        return f"the file cannot be read: {error}"
    charset = error.encoding.replace("_", "-").upper()
    if charset == "UTF-8":
        return "it is not UTF-8: save it as UTF-8"
    return f"it is not {charset}, as its head says: save it as UTF-8, with charset=UTF-8 in its head"


def _leave_out_what_is_unfit(catalog: Catalog, path: Path) -> Iterator[Flaw]:
    """Empty each translation that cannot be said, and tell why."""
    for message in catalog:
        if not message.id or not _is_said(message):
            continue
        english, said = _forms(message.id), _forms(message.string)
        why = unfit(english, said)
        if why is not None:
            message.string = ("",) * len(said) if message.pluralizable else ""
            what = f"“{english[0]}” is said in English: {why}"
            yield Flaw(file=path, line=message.lineno, what=what, grave=False)


def _is_said(message: Message) -> bool:
    """Whether a message has a translation that its translator stands by."""
    return any(_forms(message.string)) and not message.fuzzy


def _forms(text: object) -> tuple[str, ...]:
    """Return the forms of a message: one, or those for one and for many."""
    return tuple(map(str, text)) if isinstance(text, tuple | list) else (str(text or ""),)


def _compiled(catalog: Catalog, language: str) -> Catalogue:
    """Turn a catalogue into what the standard library says sentences with, plural forms included."""
    file = io.BytesIO()
    write_mo(file, catalog)
    file.seek(0)
    compiled = _Compiled(file)
    compiled.tag = language
    return compiled
