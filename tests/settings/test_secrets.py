"""Secret files, and that nothing secret is ever shown or sent in clear."""

import traceback
from pathlib import Path

import pytest

from notifier.settings import SettingsError


def test_a_foreign_file_in_a_named_folder_of_secrets_is_refused(problems):
    Path("named").mkdir()
    Path("named", "mail_password").write_text("s3cret", "utf-8")
    assert problems(environ={"NOTIFIER_SECRETS_DIR": "named"}) == [
        'secret file named/mail_password: unknown setting mail_password; did you mean "mail__password"?'
    ]


def test_a_named_folder_of_secrets_must_be_there(problems):
    assert problems(environ={"NOTIFIER_SECRETS_DIR": "nowhere"}) == [
        "environment: NOTIFIER_SECRETS_DIR names nowhere, which cannot be read: No such file or directory"
    ]


def test_a_secret_file_that_is_no_text_is_told(problems):
    Path("secrets").mkdir()
    Path("secrets", "mail__password").write_bytes(b"\xff\xfe")
    assert problems() == ["secret file secrets/mail__password: is not UTF-8 text"]


def test_a_secret_file_that_cannot_be_read_is_told(problems, monkeypatch):
    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert problems(secrets={"mail__password": "x"}) == [
        "secret file secrets/mail__password: cannot be read: Permission denied"
    ]


def test_a_password_is_never_sent_in_clear(problems):
    text = '[mail]\nsecurity = "plain"\nusername = "us"\npassword = "s3cret"\n'
    assert problems(text) == [
        'notifier.toml:3: "username" in [mail] needs "security" to be "starttls" or "tls": '
        '"plain" would send the password in clear'
    ]


def test_a_username_and_a_password_go_together(problems):
    half = '"password" in [mail] and the username go together: set both or neither'
    assert problems('[mail]\nusername = "us"') == [f"notifier.toml:1: {half}"]
    assert problems('[mail]\n\npassword = "s3cret"') == [f"notifier.toml:3: {half}"]


@pytest.mark.parametrize(
    ("text", "environ", "secrets"),
    [
        ('[mail]\nusername = "u"\npassword = ["s3cret"]', {}, {}),
        ('[mail]\npassword = "s3cret"', {}, {}),
        ('[mail]\npasword = "s3cret"', {}, {}),
        ("[mail]\npassword = s3cret", {}, {}),
        ('[mail]\npassword = "s3cret', {}, {}),
        ('[mail]\npassword = "s3cret"\npassword = "s3cret"', {}, {}),
        ('mail = "s3cret"', {}, {}),
        ('service.public_url = "https://us:s3cret@example.org"', {}, {}),
        (None, {"NOTIFIER_MAIL__PASWORD": "s3cret", "NOTIFIER_PASSWORD": "s3cret"}, {}),
        (None, {"NOTIFIER_MAIL__PASSWORD__X": "s3cret"}, {}),
        (None, {"NOTIFIER_MAIL": '{"password": "s3cret"}'}, {}),
        (None, {}, {"mail__port": "s3cret", "mail__security": "s3cret"}),
        (None, {}, {"mail__pasword": "s3cret"}),
    ],
)
def test_no_secret_stands_in_an_error_or_its_traceback(load, text, environ, secrets):
    with pytest.raises(SettingsError) as caught:
        load(text, environ, secrets)
    told = "".join(traceback.format_exception(caught.value)) + repr(caught.value.problems)
    assert "s3cret" not in told
    assert caught.value.__context__ is None or "s3cret" not in str(caught.value.__context__)


def test_a_password_that_is_no_text_is_not_repeated(problems):
    assert problems("[mail]\npassword = 31337")[0] == (
        'notifier.toml:2: "password" in [mail] must be some text in quotes'
    )


def test_no_secret_stands_in_the_repr_of_settings(load):
    settings = load('[mail]\nusername = "u"\npassword = "s3cret"')
    assert "s3cret" not in f"{settings!r} {settings} {settings.model_dump()}"
