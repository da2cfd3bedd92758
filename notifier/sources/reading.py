"""The bytes of a file or of an answer, whatever they hold → what can be taken in. Pure."""

import re
from datetime import date
from enum import StrEnum
from pathlib import PurePosixPath
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from notifier.sources.errors import SourceError
from notifier.sources.general.csv_form import looks_like_csv, read_csv
from notifier.sources.general.json_form import is_document, read_json, read_toml
from notifier.sources.general.toml_document import values_of
from notifier.sources.general.toml_files import read_text, refuse_too_large
from notifier.sources.nice.indev import read_records
from notifier.sources.nice.page import read_page
from notifier.sources.records import Records

LARGEST = 32 * 1024 * 1024
"""Bytes: a list of 50,000 projects."""


class Shape(StrEnum):
    """What a document is."""

    PAGE = "page"
    NICE_JSON = "nice-json"
    PROCEDURES_JSON = "procedures-json"
    PROCEDURES_CSV = "procedures-csv"
    PROCEDURES_TOML = "procedures-toml"
    PROCEDURE_TOML = "procedure-toml"


_MARKED_UP = re.compile(rb"<(?:!doctype html|html|head|body|main|h1|p|table|dl)\b", re.IGNORECASE)
_HEAD = 4096
"""Bytes in which a web page shows itself as one."""
_TOML = re.compile(r"\s*(?:#[^\n]*\n\s*)*(?:\[\[ ?procedures ?\]\]|[a-z_]+ ?= ?[\"'\d])")
_NICE_NAMES = ('"nice.indev:', '"Reference"', '"TotalItems"')


def read_document(
    content: bytes,
    *,
    name: str,
    reference: str | None,
    address: str | None,
    zone: ZoneInfo,
    today: date,
    shape: Shape | None = None,
) -> Records:
    """Read a document. `name` is what errors call it: a path or a web address, whose suffix tells the shape.

    `shape` None: told by suffix and content. `reference` is that of the procedure a page is about; out of a
    document with several procedures it picks that one. `address` is where a page was read. `zone` is that of
    stamps which carry none, and `today` bounds the years that are believed.

    A procedure with a problem is left out and costs no other. Raise `SourceError` for a document of which
    nothing can be read.
    """
    if len(content) > LARGEST:
        raise SourceError(file=name, line=None, found=None, expected=f"at most {LARGEST:,} bytes")
    text = _decoded(content, name)
    match shape or _shape(text, name):
        case Shape.PAGE:
            page = read_page(text, name=name, reference=reference, today=today, address=address)
            return Records(snapshots=(page,))
        case Shape.NICE_JSON:
            records = read_records(text, name=name, zone=zone, today=today)
        case Shape.PROCEDURES_JSON:
            records = read_json(text, name=name, today=today)
        case Shape.PROCEDURES_CSV:
            records = read_csv(text, name=name, today=today)
        case Shape.PROCEDURES_TOML:
            records = read_toml(text, name=name, today=today)
        case Shape.PROCEDURE_TOML:
            records = read_text(text, name=name, today=today)
    return records if reference is None else _only(records, reference, name)


def _decoded(content: bytes, name: str) -> str:
    """Return the text, in UTF-8; old web pages that are not are in Windows-1252, whatever they claim."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if _suffix(name) in (".html", ".htm") or _MARKED_UP.search(content[:_HEAD]):
            try:
                return content.decode("cp1252")
            except UnicodeDecodeError:
                pass
        line = content.count(b"\n", 0, error.start) + 1
    raise SourceError(file=name, line=line, found=None, expected="text in UTF-8")


def _shape(text: str, name: str) -> Shape:
    """Tell what a document is: by its suffix where that says it, else by how it begins."""
    suffix = _suffix(name)
    if suffix == ".json" or (suffix not in (".toml", ".csv") and text.lstrip()[:1] == "{"):
        nice = any(each in text for each in _NICE_NAMES)
        return Shape.NICE_JSON if nice else Shape.PROCEDURES_JSON
    if suffix == ".csv" or (suffix != ".toml" and looks_like_csv(text)):
        return Shape.PROCEDURES_CSV
    if suffix == ".toml" or _TOML.match(text):
        return _toml_shape(text, name)
    return Shape.PAGE


def _toml_shape(text: str, name: str) -> Shape:
    refuse_too_large(text, name=name)
    several = is_document(values_of(text.replace("\r\n", "\n"), file=name))
    return Shape.PROCEDURES_TOML if several else Shape.PROCEDURE_TOML


def _suffix(name: str) -> str:
    path = name
    if name.startswith(("https://", "http://")):
        try:
            path = urlsplit(name).path
        except ValueError:  # no address, for all it begins like one
            path = ""
    return PurePosixPath(path).suffix.lower()


def _only(records: Records, reference: str, name: str) -> Records:
    """Pick one procedure; problems stay, because one of them may be its own."""
    wanted = reference.casefold()
    picked = tuple(
        each
        for each in records.snapshots
        if wanted in (each.reference.casefold(), *(alias.casefold() for alias in each.aliases))
    )
    if not picked and not records.problems:
        raise SourceError(file=name, line=None, found=reference, expected="a procedure of this document")
    return Records(snapshots=picked, problems=records.problems)
