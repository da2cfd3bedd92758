"""A language that nobody speaks: every marked sentence in brackets and strange letters, data as it is.

A word of plain letters in a mail that speaks it is then either data or a sentence that nobody marked. Data of
these tests begin with "Q".
"""

import re
from pathlib import Path
from string import ascii_letters

from babel.messages.pofile import read_po, write_po

from notifier.events.catalogues import SHIPPED, Languages, load_languages

PSEUDO = "en-XA"
_STRANGE = str.maketrans(ascii_letters, "áƀçđéƒğĥíĵķłɱñóƥɋřšŧúṽŵẋýžÁƁÇĐÉƑĞĤÍĴĶŁṀÑÓƤɊŘŠŦÚṼŴẊÝŽ")
_NAME = re.compile(r"(\{\w+\})")
_WORD = re.compile(r"[A-Za-z]+")
_ADDRESS = re.compile(r"https?://\S+|[\w.+-]+@[\w.-]+")


def pseudo(sentence: str) -> str:
    """Return the sentence in the language, its `{names}` kept, blanks at its ends outside the brackets."""
    inner = "".join(
        part if _NAME.fullmatch(part) else part.translate(_STRANGE) for part in _NAME.split(sentence.strip())
    )
    return sentence.replace(sentence.strip(), f"[{inner}]", 1)


def pseudo_languages(folder: Path, *, without: str = "") -> Languages:
    """Make a catalogue from the shipped template, leaving out one sentence; return it as it is loaded."""
    with (SHIPPED / "messages.pot").open("rb") as file:
        catalog = read_po(file)
    for message in catalog:
        if not message.id or message.id == without:
            continue
        forms = message.id if isinstance(message.id, tuple | list) else (message.id,)
        said = tuple(map(pseudo, forms))
        message.string = said if message.pluralizable else said[0]
    with (folder / "en_XA.po").open("wb") as file:
        write_po(file, catalog)
    return load_languages(folder)


def unmarked_words(text: str) -> list[str]:
    """Return the words that are neither in the language nor data."""
    return [word for word in _WORD.findall(_ADDRESS.sub("", text)) if not word.startswith("Q")]
