"""`notifier schema`."""

import json
from enum import StrEnum
from typing import Annotated

import typer


class Document(StrEnum):
    """The documents that have a schema."""

    PROCEDURES = "procedures"


def schema(
    document: Annotated[Document, typer.Argument(help="What to describe.", show_choices=True)],
) -> None:
    """Print the JSON Schema of a document that notifier reads, for editors and validators."""
    from notifier.sources.general.json_schema import json_schema  # noqa: PLC0415 - `--help` loads none of this

    match document:
        case Document.PROCEDURES:
            typer.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))
