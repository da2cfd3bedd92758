"""The environment and the secret files: which of their names are ours, and what they hold."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from notifier.settings.model import Settings
from notifier.settings.names import is_list
from notifier.settings.problems import Problem, SettingsError
from notifier.settings.sources import FlatSource, flat_position, meant_in_flat

PREFIX = "NOTIFIER_"
SECRETS_DIR = f"{PREFIX}SECRETS_DIR"

_KUBERNETES = "KUBERNETES_SERVICE_HOST"
_KUBERNETES_LINK = re.compile(r"NOTIFIER_(SERVICE_(HOST|PORT)|PORT)(_[A-Z0-9]+)*")
"""What Kubernetes puts into every pod of a namespace that holds a Service named "notifier"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatReading:
    """A source, and the names beside it that are nobody's."""

    source: FlatSource
    problems: tuple[Problem, ...]


def read_environment(environ: Mapping[str, str]) -> FlatReading:
    """Read every variable whose name begins with NOTIFIER_; an empty one counts as not set."""
    ours = {
        name: value
        for name, value in environ.items()
        if name.upper().startswith(PREFIX) and name != SECRETS_DIR and not _is_kubernetes_link(name, environ)
    }
    known = {name: value for name, value in ours.items() if _in_a_section(name[len(PREFIX) :])}
    return FlatReading(
        source=FlatSource({name: value for name, value in known.items() if value}, prefix=PREFIX),
        problems=tuple(_unknown(name, PREFIX, None) for name in sorted(ours.keys() - known.keys())),
    )


def read_secret_files(environ: Mapping[str, str], usual_folder: Path) -> FlatReading:
    """Read the folder that NOTIFIER_SECRETS_DIR names, or else `usual_folder` if it is there.

    In the usual folder, which others may use too, a file is foreign unless its name begins with one of our
    sections and "__"; foreign files are ignored there, and refused in a folder that was named.

    Raises:
        SettingsError: the folder or one of our files cannot be read.
    """
    named = environ.get(SECRETS_DIR)
    folder = Path(named) if named else usual_folder
    if not named and not folder.is_dir():
        return FlatReading(source=FlatSource({}, prefix="", folder=folder), problems=())
    files = _files(folder)
    ours = {path.name: path for path in files if _in_a_section(path.name)}
    foreign = [path.name for path in files if path.name not in ours] if named else []
    return FlatReading(
        source=FlatSource(_contents(ours), prefix="", folder=folder),
        problems=tuple(_unknown(name, "", folder) for name in foreign),
    )


def _is_kubernetes_link(name: str, environ: Mapping[str, str]) -> bool:
    return _KUBERNETES in environ and _KUBERNETES_LINK.fullmatch(name) is not None


def _in_a_section(flat: str) -> bool:
    section, delimiter, _ = flat.lower().partition("__")
    return bool(delimiter) and section in Settings.model_fields and not is_list(section)


def _unknown(name: str, prefix: str, folder: Path | None) -> Problem:
    section = name[len(prefix) :].lower().partition("__")[0]
    if is_list(section):
        only = f"{name} cannot be set here: [[{section}]] stands only in the settings file"
        return Problem(where=flat_position(name, folder).where, what=only)
    return Problem(
        where=flat_position(name, folder).where,
        what=f"unknown setting {name}",
        suggestion=meant_in_flat(name[len(prefix) :], prefix),
    )


def _files(folder: Path) -> list[Path]:
    """Return the files of `folder`; those with a leading dot are the mechanics of a Kubernetes volume."""
    try:
        return sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    except OSError as error:
        what = f"{SECRETS_DIR} names {folder}, which cannot be read: {error.strerror}"
        raise SettingsError([Problem(where="environment", what=what)]) from error


def _contents(files: Mapping[str, Path]) -> dict[str, str]:
    """Return what each file holds, without the newline that editors put at its end."""
    contents: dict[str, str] = {}
    problems: list[Problem] = []
    for name, path in files.items():
        try:
            text = path.read_bytes().decode("utf-8")
        except OSError as error:
            reason = f"cannot be read: {error.strerror}"
        except UnicodeDecodeError:
            reason = "is not UTF-8 text"
        else:
            contents[name] = text.removesuffix("\n").removesuffix("\r")
            continue
        problems.append(Problem(where=flat_position(name, path.parent).where, what=reason))
    if problems:
        raise SettingsError(problems)
    return contents
