"""A folder of its own as the current directory for each test, so that no real settings are read."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from notifier.settings import Settings, SettingsError, load_settings

SERVICE = """\
[service]
name = "Topic alerts"
operator = "Example Charity"
postal_address = "1 Example Street"
contact = "help@example.org"
privacy_contact = "privacy@example.org"
relation = "third-party"
public_url = "https://alerts.example.org/"
"""

Load = Callable[..., Settings]
Problems = Callable[..., list[str]]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def service() -> str:
    return SERVICE


@pytest.fixture
def load(home: Path) -> Load:
    """Load settings from the text of a file, an environment and the files of the usual secrets' folder."""

    def loading(
        text: str | None = None,
        environ: Mapping[str, str] | None = None,
        secrets: Mapping[str, str] | None = None,
    ) -> Settings:
        path = None
        if text is not None:
            path = Path("notifier.toml")
            path.write_text(text, "utf-8")
        for name, content in (secrets or {}).items():
            Path("secrets").mkdir(exist_ok=True)
            Path("secrets", name).write_bytes(content.encode())
        return load_settings(path, environ or {}, usual_secrets=Path("secrets"))

    return loading


@pytest.fixture
def problems(load: Load) -> Problems:
    """The problems of such settings, as people read them."""

    def failing(*args: object, **kwargs: object) -> list[str]:
        with pytest.raises(SettingsError) as caught:
            load(*args, **kwargs)
        return [str(problem) for problem in caught.value.problems]

    return failing
