"""Reading one file of any shape that a source can have."""

from datetime import date
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from notifier.sources.errors import SourceError
from notifier.sources.reading import LARGEST, read_document
from notifier.sources.records import Records
from notifier.sources.reference import is_reference

PROCEDURE_FILES = (".toml",)
"""What is read in the folder of procedure files; a README may lie beside them."""

PAGES = (".txt", ".md", ".html", ".htm")
ALL_FILES = (*PROCEDURE_FILES, ".json", ".csv", *PAGES)
"""What is read in a folder that is named as a source."""


def read_path(path: Path, *, zone: ZoneInfo, today: date) -> Records:
    """Read the procedures in a file; a page that does not say its reference has it as its name.

    `zone` is that of stamps which carry none, and `today` bounds the years that are believed.

    Raise `SourceError` for a file of which nothing can be read.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        expected = f"a readable file ({error.strerror or error})"
        raise SourceError(file=str(path), line=None, found=None, expected=expected) from error
    read = partial(read_document, content, name=str(path), address=None, zone=zone, today=today)
    try:
        return read(reference=None)
    except SourceError:
        if path.suffix not in PAGES or not is_reference(path.stem):
            raise
    return read(reference=path.stem)
