"""Catalogues: which language is spoken, in which form, and what of a file cannot be said."""

import logging
from pathlib import Path

import pytest

from notifier.events.catalogues import CatalogueReading, load_languages, read_catalogue
from notifier.events.language import say, say_many, say_set, spoken_tag

HEAD = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=3; plural=(n==1 ? 0 : n>=2 && n<=4 ? 1 : 2);\\n"

"""


def catalogue(folder: Path, *messages: tuple[str, str], name: str = "cs", head: str = HEAD) -> Path:
    path = folder / f"{name}.po"
    pairs = "\n".join(f'msgid "{english}"\nmsgstr "{said}"\n' for english, said in messages)
    path.write_text(head + pairs, "utf-8")
    return path


def only_flaw(reading: CatalogueReading) -> str:
    (flaw,) = reading.flaws
    return flaw.what


def test_a_sentence_is_said_as_the_catalogue_of_the_reader_has_it(tmp_path: Path) -> None:
    catalogue(tmp_path, ("on {day}", "dne {day}"))
    languages = load_languages(tmp_path)
    with languages.speaking("cs"):
        assert say("on {day}", day="1. 5.") == "dne 1. 5."
        assert say("at {time}", time="9") == "at 9"
        assert spoken_tag() == "cs"
    assert say("on {day}", day="1 May") == "on 1 May"
    assert spoken_tag() == "en-GB"


@pytest.mark.parametrize(("wanted", "spoken"), [("cs", "cs"), ("cs-CZ", "cs"), ("CS_cz", "cs"), ("de", "en")])
def test_the_nearest_language_is_spoken_and_english_where_there_is_none(
    tmp_path: Path, wanted: str, spoken: str
) -> None:
    catalogue(tmp_path, ("not set", "neurčeno"))
    assert load_languages(tmp_path).named(wanted) == spoken


def test_plurals_have_the_forms_of_the_language(tmp_path: Path) -> None:
    plural = """msgid "{number} day"
msgid_plural "{number} days"
msgstr[0] "den"
msgstr[1] "{number} dny"
msgstr[2] "{number} dní"
"""
    (tmp_path / "cs.po").write_text(HEAD + plural, "utf-8")
    with load_languages(tmp_path).speaking("cs"):
        said = [say_many("{number} day", "{number} days", number) for number in (1, 3, 7)]
    assert said == ["den", "3 dny", "7 dní"]


def test_a_clock_of_24_hours_is_offered_wherever_one_of_12_is(tmp_path: Path) -> None:
    path = catalogue(tmp_path, ("{hour}pm", "{hour24} hodin"))
    assert read_catalogue(path).flaws == ()
    with load_languages(tmp_path).speaking("cs"):
        assert say("{hour}pm", hour=5, hour24=17) == "17 hodin"


def test_words_of_a_setting_are_said_as_an_operator_added_them(tmp_path: Path) -> None:
    catalogue(tmp_path, ("NICE's website", "web NICE"))
    with load_languages(tmp_path).speaking("cs"):
        assert say_set("NICE's website") == "web NICE"


@pytest.mark.parametrize(
    ("english", "said", "why"),
    [
        ("on {day}", "dne {dya}", "nothing is offered for {dya}; there is {day}"),
        ("on {day}", "dne", "it leaves out {day}"),
        ("on {day}", "dne {day", "its braces cannot be read"),
        ("on {day}", "dne {day.__class__}", "its braces cannot be read"),
        ("on {day}", "dne {day!r}", "its braces cannot be read"),
        ("on {day}", "dne\\n{day}", "a line break"),
        (" until {when}", "do {when}", "begin and end with a blank"),
        ("not set", "{}", "its braces cannot be read"),
    ],
)
def test_a_translation_that_could_lose_a_mail_is_left_out(
    tmp_path: Path, english: str, said: str, why: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = catalogue(tmp_path, (english, said), ("removed", "zrušeno"))
    reading = read_catalogue(path)
    assert why in only_flaw(reading)
    assert reading.flaws[0].line == 6
    values = {"day": "1 May", "when": "5pm"}
    with caplog.at_level(logging.WARNING), load_languages(tmp_path).speaking("cs"):
        assert say(english, **values) == english.format(**values)
        assert say("removed") == "zrušeno"
    assert [record.message for record in caplog.records] == ["translation_left_out"]


def test_too_few_forms_of_a_plural_are_noticed(tmp_path: Path) -> None:
    plural = 'msgid "{number} day"\nmsgid_plural "{number} days"\nmsgstr[0] "den"\nmsgstr[1] "dny"\n'
    (tmp_path / "cs.po").write_text(HEAD + plural, "utf-8")
    assert "one of its forms is empty" in only_flaw(read_catalogue(tmp_path / "cs.po"))


@pytest.mark.parametrize(
    ("name", "head", "body", "why"),
    [
        ("cs", HEAD, 'msgid "not closed"', "cannot be read"),
        ("no-such-language-1", HEAD, "", "is no language"),
        ("cs", HEAD.replace("n==1 ?", "import os ?"), "", "cannot be"),
        ("cs", HEAD.replace("utf-8", "latin-7000"), "", "cannot be used"),
    ],
)
def test_a_file_that_cannot_be_used_leaves_english(
    tmp_path: Path, name: str, head: str, body: str, why: str
) -> None:
    path = tmp_path / f"{name}.po"
    path.write_text(head + body, "utf-8")
    reading = read_catalogue(path)
    assert reading.catalogue is None
    assert why in only_flaw(reading)
    assert load_languages(tmp_path).named(name) == "en"


GOOD_PAIR = 'msgid "removed"\nmsgstr "zrušeno"\n'


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ('msgid "Unclosed\nmsgstr "x"\n', 6),
        ('msgid "x"\nmsgstr "zruše\n', 7),
        ('msgid "x"\nmsgstr ""\n"zruše\n"no"\n', 8),
        ('msgid "x\\"\nmsgstr "y"\n', 6),
        ('msgid x"\nmsgstr "y"\n', 6),
        ('msgid "say "x""\nmsgstr "y"\n', 6),
        ('msgctxt "x\nmsgid "x"\nmsgstr "y"\n', 6),
        ('msgid "{n} day"\nmsgid_plural "{n} days"\nmsgstr[0] "den\nmsgstr[1] "dny"\n', 8),
    ],
)
def test_a_quote_that_is_not_closed_is_told_with_its_line(tmp_path: Path, body: str, line: int) -> None:
    (tmp_path / "cs.po").write_text(f"{HEAD}{body}\n{GOOD_PAIR}", "utf-8")
    reading = read_catalogue(tmp_path / "cs.po")
    assert reading.catalogue is None
    assert "in one pair of quotes" in only_flaw(reading)
    assert reading.flaws[0].line == line


def test_every_line_with_a_quote_too_few_is_told(tmp_path: Path) -> None:
    (tmp_path / "cs.po").write_text(HEAD + 'msgid "x\nmsgstr "y\n', "utf-8")
    assert [flaw.line for flaw in read_catalogue(tmp_path / "cs.po").flaws] == [6, 7]


def test_quotes_in_comments_in_what_is_obsolete_and_escaped_ones_are_no_flaw(tmp_path: Path) -> None:
    body = '# say "x\n#~ msgid "old\n#~ msgstr "x\n  msgid "a \\"x\\" and \\\\"  \r\nmsgstr "b \\"x\\""\n'
    (tmp_path / "cs.po").write_text(HEAD + body + GOOD_PAIR, "utf-8", newline="")
    reading = read_catalogue(tmp_path / "cs.po")
    assert reading.flaws == ()
    assert "removed" in reading.sentences


@pytest.mark.parametrize(
    ("head", "encoding", "what"),
    [
        (HEAD, "cp1250", "it is not UTF-8: save it as UTF-8"),
        (HEAD, "utf-16", "it is not UTF-8: save it as UTF-8"),
        (
            HEAD.replace("utf-8", "us-ascii"),
            "utf-8",
            "it is not ASCII, as its head says: save it as UTF-8, with charset=UTF-8 in its head",
        ),
    ],
)
def test_a_file_of_another_charset_says_how_to_save_it(
    tmp_path: Path, head: str, encoding: str, what: str
) -> None:
    (tmp_path / "cs.po").write_text(head + GOOD_PAIR, encoding)
    reading = read_catalogue(tmp_path / "cs.po")
    assert reading.catalogue is None
    assert only_flaw(reading) == what


def test_a_file_in_the_charset_that_its_head_names_is_read(tmp_path: Path) -> None:
    (tmp_path / "cs.po").write_text(HEAD.replace("utf-8", "cp1250") + GOOD_PAIR, "cp1250")
    with load_languages(tmp_path).speaking("cs"):
        assert say("removed") == "zrušeno"


def test_fuzzy_and_empty_translations_are_said_in_english(tmp_path: Path) -> None:
    text = '#, fuzzy\nmsgid "removed"\nmsgstr "zrušeno"\n\nmsgid "not set"\nmsgstr ""\n'
    (tmp_path / "cs.po").write_text(HEAD + text, "utf-8")
    reading = read_catalogue(tmp_path / "cs.po")
    assert reading.flaws == ()
    assert reading.sentences == frozenset()
    with load_languages(tmp_path).speaking("cs"):
        assert (say("removed"), say("not set")) == ("removed", "not set")
