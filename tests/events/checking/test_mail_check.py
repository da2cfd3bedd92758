"""An operator's templates and catalogues: what is wrong is told with file and line, before any mail."""

from collections.abc import Callable
from pathlib import Path

import pytest

from notifier.events.checking.check import mail_flaws
from notifier.events.flaws import Flaw
from notifier.events.stationery import SHIPPED
from notifier.settings import Mail
from tests.events.words_cast import OWN_SERVICE, SERVICE

Change = Callable[[str, str, str], list[str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with all shipped templates, as `notifier templates copy` writes them."""
    for path in SHIPPED.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


@pytest.fixture
def after(folder: Path) -> Change:
    """Change a template, and return what is told of it: the flaws, without the folder."""

    def change(name: str, old: str, new: str) -> list[str]:
        path = folder / name
        source = path.read_text("utf-8")
        assert old in source
        path.write_text(source.replace(old, new, 1), "utf-8")
        return [told(one, folder) for one in mail_flaws(Mail(templates=folder), SERVICE)]

    return change


def where(name: str, part: str) -> str:
    """Return where a part of a shipped template stands: "alert.txt:6"."""
    source = (SHIPPED / name).read_text("utf-8")
    return f"{name}:{source[: source.index(part)].count(chr(10)) + 1}"


def told(flaw: Flaw, folder: Path) -> str:
    return str(flaw).removeprefix(f"{folder}/")


@pytest.mark.parametrize("service", [SERVICE, OWN_SERVICE])
def test_nothing_is_wrong_with_the_shipped_templates(folder: Path, service: object) -> None:
    assert mail_flaws(Mail(templates=folder), service) == []  # type: ignore[arg-type]


def test_an_empty_folder_leaves_everything_as_shipped(tmp_path: Path) -> None:
    assert mail_flaws(Mail(templates=tmp_path), SERVICE) == []


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    (flaw,) = mail_flaws(Mail(templates=tmp_path / "none"), SERVICE)
    assert flaw.grave
    assert "no such folder" in flaw.what


def test_a_syntax_error_is_told_with_its_line(after: Change) -> None:
    (flaw,) = after("alert.txt", "{% endif %}", "{% endfi %}")
    assert flaw.startswith(
        f"{where('alert.txt', '{% endif %}')}: this is no template: Encountered unknown tag 'endfi'"
    )


def test_an_unknown_name_is_told_with_its_line_and_what_was_meant(after: Change) -> None:
    flaws = after("reply.txt", "{{ words.action }}", "{{ wrods.action }}")
    assert flaws == ["reply.txt:3: nothing is known of “wrods”; did you mean “words”?"]


def test_an_unknown_part_of_a_name_is_told_with_its_line_and_what_was_meant(after: Change) -> None:
    (flaw,) = after("alert.html", "{{ section.lead }}", "{{ section.laed }}")
    assert flaw.startswith(
        f"{where('alert.html', '{{ section.lead')}: Section has no “laed”; did you mean “lead”?"
    )


@pytest.mark.parametrize(
    ("name", "hole", "why"),
    [
        ("alert.txt", "{{ hole.WHY_TEXT.mark }}", "alert.txt: the line that says why"),
        ("alert.txt", "{{ hole.LINK_TEXT.mark }}", "alert.txt: the link that stops"),
        ("alert.html", "{{ hole.LINK_HTML.mark }}", "alert.html: the link that stops"),
        ("reply.html", "{{ hole.LINK_HTML.mark }}", "reply.html: the link that stops the alerts or confirms"),
    ],
)
def test_a_part_that_the_law_asks_for_is_missed(after: Change, name: str, hole: str, why: str) -> None:
    (flaw,) = after(name, hole, "")
    assert flaw.startswith(why)
    assert f"write {hole}" in flaw


def test_a_frame_without_its_parts_is_blamed_on_the_frame(folder: Path) -> None:
    for path in folder.iterdir():
        if path.name != "frame.html":
            path.unlink()
    frame = folder / "frame.html"
    source = frame.read_text("utf-8").replace("{{ hole.WHY_HTML.mark }}", "").replace("{{ operator }}", "")
    frame.write_text(source.replace("{{ words.standing }}", ""), "utf-8")
    flaws = mail_flaws(Mail(templates=folder), SERVICE)
    assert {one.file for one in flaws} == {frame}
    assert "the line that says why" in flaws[0].what


@pytest.mark.parametrize(
    ("part", "why"), [("operator", "postal address"), ("words.standing", "whose service this is")]
)
def test_a_foot_that_hides_who_writes_is_told(after: Change, part: str, why: str) -> None:
    flaws = after("footer.txt", f"{{{{ {part} | wrapped(width) }}}}", "")
    assert flaws
    assert all(why in flaw for flaw in flaws)


def test_a_hole_for_the_other_form_is_told(after: Change) -> None:
    flaws = after("alert.html", "{{ hole.LINK_HTML.mark }}", "{{ hole.LINK_TEXT.mark }}")
    assert any("hole.LINK_TEXT is not for a mail of this form" in flaw for flaw in flaws)


@pytest.mark.parametrize(
    "loading",
    [
        '<img src="https://example.org/logo.png" alt="">',
        '<img src="//example.org/logo.png" alt="">',
        '<p style="background: url(https://example.org/dot.png)">',
        "<style>@import 'https://example.org/site.css';</style>",
        '<link rel="stylesheet" href="https://example.org/site.css">',
        "<script>alert(1)</script>",
        '<td background="https://example.org/dot.png">',
        "<img src={{ get_your_own }}>",
    ],
)
def test_what_would_be_loaded_from_elsewhere_is_told_with_its_line(after: Change, loading: str) -> None:
    (flaw,) = after("reply.html", "{% block news %}\n", f"{{% block news %}}\n{loading}\n")
    assert flaw.startswith("reply.html:3: ")


def test_an_image_within_the_mail_itself_is_let_be(after: Change) -> None:
    assert (
        after(
            "reply.html", "{% block news %}", '{% block news %}<img alt="" src="data:image/gif;base64,R0l">'
        )
        == []
    )


def test_a_mail_that_large_programs_would_cut_is_told(after: Change) -> None:
    flaws = after("alert.html", "{% block news %}", "{% block news %}<p>" + "much " * 21_000 + "</p>")
    assert any("over 100 KB" in flaw for flaw in flaws)


def test_a_line_that_does_not_fit_is_told_with_its_line_and_stops_nothing(
    folder: Path, after: Change
) -> None:
    long = "We are the service that tells you of everything that there is to be told of, and a little more."
    after("reply.txt", "{{ words.action }}", f"{long}\n{{{{ words.action }}}}")
    (flaw,) = mail_flaws(Mail(templates=folder), SERVICE)
    assert told(flaw, folder).startswith("reply.txt:3: a line has 95 characters, and only 72 fit: “We are")
    assert not flaw.grave


def test_a_template_that_fails_for_one_kind_of_mail_is_told_with_that_kind(after: Change) -> None:
    flaws = after(
        "alert.txt",
        "{{ section.lead",
        "{% if section.dates | length > 2 %}{{ 1 / 0 }}{% endif %}{{ section.lead",
    )
    assert flaws
    line = where("alert.txt", "{{ section.lead")
    assert all(flaw.startswith(f"{line}: division by zero (in a mail: ") for flaw in flaws)


def test_a_template_cannot_reach_into_the_program(after: Change) -> None:
    (flaw,) = after("reply.txt", "{{ words.action }}", "{{ words.__class__.__mro__ }}")
    assert flaw.startswith("reply.txt:3: ReplyWords has no “__class__”")


def test_a_misspelt_file_is_noticed_and_one_that_is_included_is_not(folder: Path, after: Change) -> None:
    (folder / "alrt.html").write_text("…", "utf-8")
    (folder / "logo.html").write_text("<p>Us</p>", "utf-8")
    flaws = after("reply.html", "{% block news %}", '{% block news %}{% include "logo.html" %}')
    assert flaws == ["alrt.html: no mail is made with a template of this name; did you mean “alert.html”?"]


def test_a_new_sentence_of_a_template_is_said_as_a_catalogue_has_it(folder: Path, after: Change) -> None:
    assert (
        after("reply.html", "{% block news %}", '{% block news %}{{ say("From {whom}", whom=name) }}') == []
    )


def test_a_catalogue_is_judged_and_one_that_cannot_be_read_stops_the_start(tmp_path: Path) -> None:
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
    (tmp_path / "cy.po").write_text(f'{head}msgid "on {{day}}"\nmsgstr "ar {{dydd}}"\n', "utf-8")
    (tmp_path / "de.po").write_text(f'{head}msgid "not closed\n', "utf-8")
    left_out, untranslated, unusable = mail_flaws(Mail(languages_folder=tmp_path), SERVICE)
    assert (left_out.line, left_out.grave) == (4, False)
    assert "nothing is offered for {dydd}" in left_out.what
    assert "sentences are said in English" in untranslated.what
    assert not untranslated.grave
    assert (unusable.file.name, unusable.grave) == ("de.po", True)


def test_a_catalogue_that_cannot_be_read_is_not_said_to_be_missing_too(tmp_path: Path) -> None:
    head = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: nonsense\\n"\n'
    (tmp_path / "cy.po").write_text(head, "utf-8")
    for language in ("cy", "cy_GB"):
        (flaw,) = mail_flaws(Mail(language=language, languages_folder=tmp_path), SERVICE)
        assert flaw.file == tmp_path / "cy.po"
    *_, missing = mail_flaws(Mail(language="cym", languages_folder=tmp_path), SERVICE)
    assert "there is no catalogue of it here" in missing.what


def test_a_language_of_the_service_without_a_catalogue_stops_the_start() -> None:
    (flaw,) = mail_flaws(Mail(language="cy"), SERVICE)
    assert flaw.grave
    assert "“cy”" in flaw.what
    assert mail_flaws(Mail(language="en"), SERVICE) == []
