"""The file itself: what cannot be read, what is no TOML, and which line is which."""

from pathlib import Path

import pytest

from notifier.settings import SettingsError, load_settings


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[web]\nport = \n", "notifier.toml:2: is not valid TOML: Invalid value"),
        (
            "[web]\nport = 1\nport = 2\nhost = 'x'\n",
            "notifier.toml:3: is not valid TOML: Cannot overwrite a value",
        ),
        (
            "[web]\n\n[mail]\n[web]\nport = 1\n",
            "notifier.toml:4: is not valid TOML: Cannot declare ('web',) twice",
        ),
        ("[web\n", "notifier.toml:1: is not valid TOML: Expected ']' at the end of a table declaration"),
    ],
)
def test_a_syntax_error_is_told_with_its_line(problems, text, problem):
    assert problems(text) == [problem]


def test_a_file_that_cannot_be_read_is_told(home):
    Path("latin1.toml").write_bytes(b"# ok\nx = '\xe9'\n")
    Path("folder.toml").mkdir()
    found = []
    for name in ("none.toml", "latin1.toml", "folder.toml"):
        with pytest.raises(SettingsError) as caught:
            load_settings(Path(name), {}, usual_secrets=home / "none")
        found.append(str(caught.value))
    assert found == [
        "none.toml: cannot be read: there is no such file",
        "latin1.toml:2: is not UTF-8 text",
        "folder.toml: cannot be read: Is a directory",
    ]


def test_lines_are_right_whatever_stands_between(problems):
    text = (
        '# first\n\nweb.host = """\nx"""\n\n[mail]  # comment\n\n   # indented\n  port = "a"\n'
        'host = """x\ny"""\ntimeout_seconds = [\n 1,\n 2,\n]\n\n\n[running]\nsweep_seconds = 0\n'
    )
    for written in (text, text.replace("\n", "\r\n"), "\ufeff" + text):
        places = [problem.split(": ")[0] for problem in problems(written)]
        assert places == ["notifier.toml:9", "notifier.toml:10", "notifier.toml:12", "notifier.toml:19"]
