"""The template of all catalogues, made anew: `.venv/bin/python -m tests.events.messages_pot`.

It holds every marked sentence of the package and of the templates, with the files in which it stands.
"""

import io

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

from notifier.events.catalogues import SHIPPED

POT = SHIPPED / "messages.pot"
PACKAGE = SHIPPED.parents[1]
RENEW = ".venv/bin/python -m tests.events.messages_pot"

KEYWORDS = {"say": None, "mark": None, "say_many": (1, 2), "mark_many": (1, 2)}
METHODS = [("**.py", "python"), ("events/templates/**", "jinja2")]
HEADER = """\
# Every sentence of the mails of notifier, in English. A catalogue of another language is this file, filled in
# and named after the language: "cy.po", "pt_BR.po".
#
# Names in braces are filled in: keep them, wherever your sentence needs them. {number}, {spelt} and {noun}
# may be left out. Where there is {hour}, of twelve, you may say {hour24} instead. Blanks at either end stay.
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""


def messages_pot() -> str:
    """Return the template as it should stand in the file."""
    catalog = Catalog()
    found = extract_from_dir(PACKAGE, method_map=METHODS, options_map={}, keywords=KEYWORDS)
    for file, line, message, _, _ in sorted(found, key=lambda one: (one[0], one[1])):
        catalog.add(message, locations=[(f"notifier/{file}", line)])
    written = io.BytesIO()
    write_po(written, catalog, omit_header=True, include_lineno=False, width=106)
    return HEADER + written.getvalue().decode().lstrip("\n")


if __name__ == "__main__":
    POT.write_text(messages_pot(), "utf-8")
