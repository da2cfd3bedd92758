"""Characters that XML 1.0 and iCalendar can carry: a title copied from a web page may hold others."""

import re

_FORBIDDEN = re.compile(
    "[^\t\n\u0020-\u007e\u00a0-\u2029\u202f-\u2065\u206a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)
_LINE_ENDS = re.compile("\r\n|[\r\u0085\u2028\u2029]")
_SPACES = re.compile("[ \t\n]+")


def cleaned(text: str) -> str:
    """Return `text` without what no feed or calendar may hold, its line ends written as "\\n".

    Gone are control characters other than tab and newline, lone surrogates, U+FFFE and U+FFFF (XML 1.0 §2.2;
    RFC 5545 §3.3.11 forbids the controls too). The control characters U+007F to U+009F, which XML only
    discourages, go as well, so that one rule serves every format; and so do the marks that turn the direction
    of a line (Unicode TR 36 §2.5), with which a title can be made to read as another.
    """
    return _FORBIDDEN.sub("", _LINE_ENDS.sub("\n", text))


def one_line(text: str) -> str:
    """Return `text` cleaned and on one line, for titles and addresses; no-break spaces are kept."""
    return _SPACES.sub(" ", cleaned(text)).strip(" ")
