"""The example shipped to operators: it loads, it is complete, and the defaults it names are the real ones."""

import re
import tomllib
from pathlib import Path

import pytest

from notifier.settings import Settings, for_serving, load_settings
from notifier.settings.names import every_setting, names_in

EXAMPLE = Path(__file__).parents[2] / "config" / "notifier.example.toml"
TEXT = EXAMPLE.read_text("utf-8")
UNCOMMENTED = re.sub(r"^# (\w+ = .+|\[\[\w+\]\])$", r"\1", TEXT, flags=re.MULTILINE)
KEY = Path("secrets/nice-projects-key")

NOT_SET_BY_DEFAULT = {
    ("database", "url"),
    ("mail", "bounces"),
    ("bounces", "maildir"),
    ("mail", "username"),
    ("mail", "password"),
    ("mail", "local_hostname"),
    ("mail", "sender_name"),
    ("mail", "footer"),
    ("mail", "templates"),
    ("mail", "languages_folder"),
    ("health", "token"),
    ("health", "heartbeat_url"),
    ("health", "backup_file"),
}
REQUIRED = {("service", name) for name in names_in("service")[:7]} | {
    ("mail", "sender"),
    ("mail", "reply_to"),
}


def test_the_example_as_it_stands_is_enough_to_serve(tmp_path):
    settings = for_serving(load_settings(EXAMPLE, {}, usual_secrets=tmp_path / "none"))
    assert settings.service.name == "Topic alerts"
    assert settings.mail.sender == "alerts@example.org"


@pytest.fixture(autouse=True)
def key_file(home):
    """The API key that a source of the example has, beside which it is read."""
    KEY.parent.mkdir()
    KEY.write_text("a-key\n", "utf-8")


def test_the_example_with_every_comment_taken_away_loads_too(tmp_path):
    path = tmp_path / "notifier.toml"
    path.write_text(UNCOMMENTED, "utf-8")
    assert load_settings(path, {}, usual_secrets=tmp_path / "none").mail.username == "notifier"


def test_the_example_names_every_setting_and_no_other():
    document = tomllib.loads(UNCOMMENTED)
    sources = document.pop("sources")
    written = {(section, name) for section, inside in document.items() for name in inside}
    assert written == set(every_setting())
    assert {name for source in sources for name in source} == set(names_in("sources"))


def test_the_sources_of_the_example_show_the_true_defaults(tmp_path):
    path = tmp_path / "notifier.toml"
    path.write_text(UNCOMMENTED, "utf-8")
    nice, page, folder = _load(path).sources
    assert (nice.every_minutes, nice.api_key_header) == (page.every_minutes, page.api_key_header)
    assert nice.api_key.get_secret_value() == "a-key"
    assert page.reference == "GID-IPG10158"
    assert folder.folder == Path("data/handed-in")


def test_only_what_is_required_is_not_commented_out():
    written = {(section, name) for section, inside in tomllib.loads(TEXT).items() for name in inside}
    assert written == REQUIRED


@pytest.mark.parametrize("place", sorted(set(every_setting()) - NOT_SET_BY_DEFAULT - REQUIRED))
def test_the_example_shows_the_true_default(tmp_path, place):
    section, name = place
    bare, full = tmp_path / "bare.toml", tmp_path / "full.toml"
    bare.write_text(TEXT, "utf-8")
    full.write_text(UNCOMMENTED, "utf-8")
    default = getattr(getattr(_load(bare), section), name)
    assert getattr(getattr(_load(full), section), name) == default


def _load(path: Path) -> Settings:
    return load_settings(path, {}, usual_secrets=path.parent / "none")
