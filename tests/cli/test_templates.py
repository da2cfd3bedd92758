"""`notifier templates`: a start for templates of one's own, and what is wrong with them."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from notifier.cli.main import app
from notifier.events.stationery import SHIPPED
from tests.cli.test_check import SETTINGS

WITH_TEMPLATES = SETTINGS.replace(
    "[procedures]", 'templates = "mail"\nlanguages_folder = "languages"\n\n[procedures]'
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own with settings that name templates and catalogues."""
    monkeypatch.chdir(tmp_path)
    Path("notifier.toml").write_text(WITH_TEMPLATES)
    Path("procedures").mkdir()
    Path("languages").mkdir()
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["templates", *arguments])


def test_the_shipped_templates_are_written_as_a_start_and_nothing_is_wrong_with_them() -> None:
    result = run("copy", "mail")
    assert result.exit_code == 0, result.output
    written = {path.name for path in Path("mail").iterdir()}
    assert written == {path.name for path in SHIPPED.iterdir()} | {"messages.pot"}
    result = run("check", "--config", "notifier.toml")
    assert result.exit_code == 0, result.output
    assert result.output.splitlines() == [
        f"ok        mail/{name}" for name in sorted(written - {"messages.pot"})
    ]


def test_what_is_there_is_not_overwritten() -> None:
    Path("mail").mkdir()
    Path("mail/alert.txt").write_text("mine")
    result = run("copy", "mail")
    assert result.exit_code == 1
    assert "mail has alert.txt already; nothing was written" in result.output
    assert [path.name for path in Path("mail").iterdir()] == ["alert.txt"]


def test_each_flaw_is_told_with_its_place() -> None:
    run("copy", "mail")
    path = Path("mail/reply.txt")
    path.write_text(path.read_text().replace("{{ words.action }}", "{{ wrods.action }}"))
    Path("languages/cy.po").write_text('msgid "removed"\nmsgstr "dileu {x}"\n')
    result = run("check", "--config", "notifier.toml")
    assert result.exit_code == 1
    lines = result.output.splitlines()
    assert "failed    mail/reply.txt:3: nothing is known of “wrods”; did you mean “words”?" in lines
    assert "ok        mail/alert.txt" in lines
    assert any(
        line.startswith("attention languages/cy.po:1: “removed” is said in English: ") for line in lines
    )


def test_a_quote_that_is_not_closed_is_told_with_file_and_line() -> None:
    Path("languages/cy.po").write_text('msgid "Unclosed\nmsgstr "x"\n')
    result = run("check", "--config", "notifier.toml")
    assert result.exit_code == 1
    assert "failed    languages/cy.po:1: its text is not in one pair of quotes" in result.output


def test_without_a_folder_there_is_nothing_to_check() -> None:
    Path("notifier.toml").write_text(SETTINGS)
    result = run("check", "--config", "notifier.toml")
    assert result.exit_code == 0
    assert "shipped templates" in result.output


def test_serve_does_not_start_with_a_template_that_would_break_the_law() -> None:
    run("copy", "mail")
    path = Path("mail/alert.html")
    path.write_text(path.read_text().replace("{{ hole.LINK_HTML.mark }}", "#"))
    result = CliRunner().invoke(app, ["serve", "--config", "notifier.toml"])
    assert result.exit_code == 2
    assert "mail/alert.html: the link that stops the alerts or confirms them is missing" in result.output
    assert not Path("data").exists()


def test_the_check_of_everything_looks_at_them_too() -> None:
    Path("mail").mkdir()
    Path("mail/alert.txt").write_text("{% if %}")
    result = CliRunner().invoke(app, ["check", "--config", "notifier.toml"])
    assert result.exit_code == 1
    assert "mail/alert.txt:1: this is no template" in result.output
