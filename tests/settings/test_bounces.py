"""The mailbox of returned mail: aligned with the sender, and short enough for a token."""

from pathlib import Path

import pytest

from notifier.settings import Settings, SettingsError, load_settings


def _load(path: Path, *lines: str) -> Settings:
    file = path / "notifier.toml"
    file.write_text("\n".join(lines), "utf-8")
    return load_settings(file, {}, usual_secrets=path / "none")


def _mail(path: Path, bounces: str, sender: str = "alerts@example.org") -> Settings:
    return _load(path, "[mail]", f'bounces = "{bounces}"', f'sender = "{sender}"')


@pytest.mark.parametrize(
    "bounces", ["bounces@example.org", "bounces@mail.alerts.example.org", "b" * 24 + "@EXAMPLE.org"]
)
def test_a_mailbox_at_the_sender_s_domain_or_below_is_taken(tmp_path: Path, bounces: str) -> None:
    assert _mail(tmp_path, bounces).mail.bounces == bounces


def test_none_is_set_by_default(tmp_path: Path) -> None:
    assert _load(tmp_path).mail.bounces is None
    assert _load(tmp_path).bounces.soft_run == 6


@pytest.mark.parametrize("bounces", ["bounces@example.com", "bounces@badexample.org", "bounces@org"])
def test_a_mailbox_elsewhere_is_refused_since_from_would_not_be_aligned(tmp_path: Path, bounces: str) -> None:
    with pytest.raises(SettingsError) as caught:
        _mail(tmp_path, bounces)
    words = (
        '"bounces" in [mail] must be an address at the domain of "sender", example.org, or at one below it'
    )
    assert str(caught.value).endswith(f".toml:2: {words}")


def test_a_name_that_leaves_no_room_for_a_token_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="has more than 24 characters before the @"):
        _mail(tmp_path, "b" * 25 + "@example.org")


def test_a_maildir_without_a_mailbox_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        _load(tmp_path, "[bounces]", 'maildir = "box"')
    words = '"maildir" in [bounces] needs "bounces" in [mail]: without it no mail of ours comes back there'
    assert str(caught.value).endswith(words)
