"""Procedures from TOML files, one in each; `config/procedures/ip1783.toml` explains the format by example.

A file is read whole or refused: an operator's slip must not become a wrong date or a date without a voice.
"""

from datetime import date

from notifier.sources.errors import SourceError
from notifier.sources.general.procedure_table import PROCEDURE_NAMES, read_procedure
from notifier.sources.general.toml_document import parse
from notifier.sources.general.toml_milestones import MILESTONE_NAMES
from notifier.sources.records import Records

LARGEST = 1_000_000
"""Bytes. A schedule of a thousand rows has a tenth of this."""


def read_text(text: str, *, name: str, today: date) -> Records:
    """Read the procedure in a file's text; `name` is what errors call the file.

    `today` bounds the years that are believed. Whatever is not understood is a problem, each of them told.

    Raise `SourceError` for text that is not TOML.
    """
    refuse_too_large(text, name=name)
    root, entries = parse(text.replace("\r\n", "\n"), file=name, repeated="milestones")
    root.check_names(PROCEDURE_NAMES)
    for entry in entries:
        entry.check_names(MILESTONE_NAMES)
    return read_procedure(root, entries, today=today)


def refuse_too_large(content: str, *, name: str) -> None:
    """Refuse a document that is larger than any schedule: TOML is read slowly, with all of its lines."""
    if len(content) > LARGEST:
        raise SourceError(file=name, line=None, found=None, expected=f"at most {LARGEST:,} bytes")
