"""An operator's catalogues: what cannot be said, and what is said in English still."""

from collections.abc import Iterator
from pathlib import Path

from babel.messages.pofile import read_po

from notifier.events.catalogues import SHIPPED, SOURCE_LANGUAGE, load_languages, normal_tag, read_folder
from notifier.events.flaws import Flaw


def language_flaws(folder: Path | None, default: str) -> Iterator[Flaw]:
    """Judge every catalogue of a folder, and whether the service's own language can be spoken."""
    if folder is not None and not folder.is_dir():
        yield Flaw(file=folder, what="there is no such folder of catalogues")
        return
    every = _every_sentence()
    readings = () if folder is None else read_folder(folder)
    for reading in readings:
        yield from reading.flaws
        if reading.catalogue is not None and (left := len(every - reading.sentences)):
            what = f"{left} of {len(every)} sentences are said in English: they have no translation here"
            yield Flaw(file=reading.file, what=what, grave=False)
    spoken = load_languages(folder).named(default)
    wanted = f"{normal_tag(default)}-"
    there = (SOURCE_LANGUAGE, *(one.language for one in readings))  # told already, if it cannot be used
    if spoken == SOURCE_LANGUAGE and not any(wanted.startswith(f"{one}-") for one in there):
        what = f"the language of the service is “{default}”, and there is no catalogue of it here"
        yield Flaw(file=folder or SHIPPED, what=what)


def _every_sentence() -> frozenset[str]:
    """Return the English of everything that mails say."""
    with (SHIPPED / "messages.pot").open("rb") as file:
        ids = [message.id for message in read_po(file) if message.id]
    return frozenset(str(one if isinstance(one, str) else one[0]) for one in ids)
