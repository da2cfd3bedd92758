"""Text that may hold HTML, as feeds carry it → plain text. Pure, and linear in the length of the text.

This is for the short texts inside records. Whole pages are read by `nice_page`.
"""

import html
import re

_BREAK = re.compile(r"</?(?:br|p|div|li|ul|ol|tr|table|h[1-6])\b[^<>]*>", re.IGNORECASE)
_PARAGRAPH = re.compile(r"</(?:p|div|ul|ol|table|h[1-6])\b[^<>]*>|(?:<br ?/?>\s*){2,}", re.IGNORECASE)
_TAG = re.compile(r"</?[a-z][^<>]*>|<!--[^<>]*-->", re.IGNORECASE)
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""What neither XML nor every database takes: control characters and halves of surrogate pairs."""
_BLANK_LINES = re.compile(r"\n{3,}")


def plain_text(text: str) -> str:
    """Return the words of `text`, paragraphs apart by an empty line; "<" that opens no tag is kept."""
    if "<" in text:
        text = _TAG.sub("", _BREAK.sub("\n", _PARAGRAPH.sub("\n\n", text)))
    lines = fit(_unescaped(text)).replace("\r", "\n").split("\n")
    return _BLANK_LINES.sub("\n\n", "\n".join(" ".join(line.split()) for line in lines)).strip()


def one_line(text: str) -> str:
    """Return the words of `text` in one line, each apart by a single space."""
    return " ".join(plain_text(text).split())


def fit(text: str) -> str:
    """Return `text` with a space for each character that cannot be stored or written as XML."""
    return _UNFIT.sub(" ", text)


def _unescaped(text: str) -> str:
    if "&" not in text:
        return text
    try:
        return html.unescape(text)
    except ValueError:  # a number of thousands of digits: no character
        return text
