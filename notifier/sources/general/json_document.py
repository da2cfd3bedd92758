"""JSON text → values, or a `SourceError` that says where it stops being JSON (RFC 8259). Pure."""

import json
from collections import Counter
from dataclasses import dataclass

from notifier.sources.errors import SourceError


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonDocument:
    """The value of a document, and the names that one of its objects gives more than once."""

    value: object
    repeated: tuple[str, ...]


def parse_json(text: str, *, name: str) -> JsonDocument:
    """Read a whole document; raise `SourceError` for what is no JSON, is cut off, or is nested too deep.

    RFC 8259 lets a name stand twice in an object and leaves open which counts: the last does, and the name is
    reported, so that a format of one's own can refuse it.
    """
    repeated: list[str] = []

    def as_object(pairs: list[tuple[str, object]]) -> dict[str, object]:
        values = dict(pairs)
        if len(values) != len(pairs):
            repeated.extend(each for each, times in Counter(name for name, _ in pairs).items() if times > 1)
        return values

    try:
        value = json.loads(text, object_pairs_hook=as_object)
    except json.JSONDecodeError as error:
        raise _not_json(error, name) from None
    except RecursionError:
        expected = "JSON that is not nested so deep"
        raise SourceError(file=name, line=None, found=None, expected=expected) from None
    except ValueError:  # Python reads no number of more than 4,300 digits
        raise SourceError(file=name, line=None, found=None, expected="shorter numbers") from None
    return JsonDocument(value=value, repeated=tuple(repeated))


def _not_json(error: json.JSONDecodeError, name: str) -> SourceError:
    text, line = error.doc, error.lineno
    if not text[error.pos :].strip():
        expected = "the rest of the document: it ends in the middle" if text.strip() else "JSON: it is empty"
        return SourceError(file=name, line=line, found=None, expected=expected)
    begins = text.rfind("\n", 0, error.pos) + 1
    found = text[max(begins, error.pos - 40) : error.pos + 40].split("\n", 1)[0]
    return SourceError(
        file=name, line=line, found=found, expected=f"JSON: {error.msg[:1].lower()}{error.msg[1:]}"
    )
