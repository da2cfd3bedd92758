"""Reading the settings: environment before secret files before the file before the defaults."""

from collections.abc import Callable, Mapping
from pathlib import Path

from pydantic import ValidationError

from notifier.settings.explain import explain
from notifier.settings.flat_names import read_environment, read_secret_files
from notifier.settings.model import ServingSettings, Settings
from notifier.settings.problems import Problem, SettingsError
from notifier.settings.toml_file import read_file

DEFAULT_FILE = Path("config/notifier.toml")
"""Read when no file is named and this one is there."""

DEFAULT_SECRETS = Path("/run/secrets")
"""Where Docker and Podman mount secrets."""


_START_HERE = Problem(
    where="settings",
    what=(
        f"nothing says who runs this service: copy config/notifier.example.toml to {DEFAULT_FILE} "
        "and fill it in"
    ),
)


def load_settings(
    path: Path | None, environ: Mapping[str, str], *, usual_secrets: Path = DEFAULT_SECRETS
) -> Settings:
    """Read the settings, each from the first of these that sets it:

    1. the environment: NOTIFIER_MAIL__PORT is `port` in `[mail]`; an empty variable counts as not set;
    2. a secret file: `mail__password` in the folder that NOTIFIER_SECRETS_DIR names, else in `usual_secrets`
       if it is there; the file's last newline is not part of the value;
    3. the file at `path`; None: `config/notifier.toml` if it is there, else no file;
    4. the default.

    A relative path in the settings is relative to the current directory, wherever the file lies.

    Raises:
        SettingsError: a name is unknown, a value is wrong, or something cannot be read. What cannot be read
            is told at once; what can be read is judged whole, and every problem is told.
    """
    if path is None and DEFAULT_FILE.is_file():
        path = DEFAULT_FILE
    environment = read_environment(environ)
    secrets = read_secret_files(environ, usual_secrets)
    flat = (environment.source, secrets.source)
    sources = flat if path is None else (*flat, read_file(path))
    problems = [*environment.problems, *secrets.problems]
    # Typed so because type checkers see only the fields of a settings class, not what the library adds.
    make: Callable[..., Settings] = Settings
    try:
        settings = make(_build_sources=(sources, {}))
    except ValidationError as error:
        problems += explain(error, sources)
    else:
        if not problems:
            return settings
    raise SettingsError(sorted(problems, key=lambda problem: (problem.where, problem.line or 0)))


def for_serving(settings: Settings) -> ServingSettings:
    """Return the settings as those of somebody who may serve.

    Raises:
        SettingsError: the service does not say whose it is, or has no mail addresses; every setting that is
            missing is named.
    """
    given = {"service": {}} | {name: value for name, value in settings if value is not None}
    given["mail"] = settings.mail.model_dump(exclude_none=True)
    try:
        return ServingSettings.model_validate(given)
    except ValidationError as error:
        places = [details["loc"] for details in error.errors(include_url=False)]
    missing = (
        Problem(
            where="settings",
            what=f'"{name}" in [{section}] is missing, and nothing is served without it',
        )
        for section, name in places
    )
    raise SettingsError(missing if settings.service else (_START_HERE, *missing))
