"""Where settings come from. A source gives its values to pydantic-settings and remembers where each stood."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from pydantic_settings import EnvSettingsSource, InitSettingsSource

from notifier.settings.model import Settings
from notifier.settings.names import Place, is_list, meant_flat_name, meant_place


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a setting was found, in the words of `Problem`."""

    where: str
    line: int | None = None


class Source(Protocol):
    """What an explanation of a mistake needs to know of the source in which it was made."""

    secret: bool
    """Whether none of its values may be shown."""

    def position(self, place: Place) -> Position | None:
        """Return where this source sets `place`, or something in it; None where it does not."""
        ...

    def label(self, place: Place) -> str:
        """Return how `place` is written in this source."""
        ...

    def meant(self, place: Place) -> str | None:
        """Return what was probably meant by a `place` that does not exist, as written in this source."""
        ...


class FileSource(InitSettingsSource):
    """Settings from the TOML file."""

    secret = False

    def __init__(self, path: Path, values: dict[str, Any], lines: Mapping[Place, int]) -> None:
        super().__init__(Settings, values)
        self._path = path
        self._lines = lines

    def position(self, place: Place) -> Position | None:
        """Return the line of a setting, or the first line of a section."""
        line = self._lines.get(place)
        if line is None:
            inside = (at for found, at in self._lines.items() if found[: len(place)] == place)
            line = min(inside, default=None)
        if line is None and self._holds(place):  # inside an inline table, which has one line for all
            line = next(self._lines[out] for out in _outwards(place) if out in self._lines)
        return None if line is None else Position(where=str(self._path), line=line)

    def _holds(self, place: Place) -> bool:
        inside: Any = self.init_kwargs
        for name in place:
            if isinstance(inside, dict) and name in inside:
                inside = inside[name]
            elif isinstance(inside, list) and name.isdigit() and int(name) < len(inside):
                inside = inside[int(name)]
            else:
                return False
        return True

    def label(self, place: Place) -> str:
        """Return `"port" in [mail]`, `[mail]`, `"url" in [[sources]]` or `[[sources]]`."""
        section, *rest = place
        if is_list(section):
            return f'"{rest[1]}" in [[{section}]]' if len(rest) > 1 else f"[[{section}]]"
        if rest:
            return f'"{rest[0]}" in [{section}]'
        return f"[{section}]" if isinstance(self.init_kwargs.get(section), dict) else f'"{section}"'

    def meant(self, place: Place) -> str | None:
        """Return a bare name, or a dotted one where the section is another."""
        found = meant_place(place)
        if found is None:
            return None
        return found[-1] if found[:-1] == place[:-1] else ".".join(found)


def _outwards(place: Place) -> Iterator[Place]:
    """Yield what `place` lies in, the nearest first."""
    return (place[:length] for length in range(len(place) - 1, 0, -1))


class FlatSource(EnvSettingsSource):
    """Settings from flat names such as NOTIFIER_MAIL__PORT: environment variables, or secret files.

    `values` are given, rather than the process's environment, which the library would read; they hold only
    names of known sections. Letter case does not count, in the section or after it.
    """

    def __init__(self, values: Mapping[str, str], *, prefix: str, folder: Path | None = None) -> None:
        super().__init__(
            Settings,
            case_sensitive=False,
            env_prefix=prefix,
            env_nested_delimiter="__",
            env_nested_max_split=1,
        )
        self.env_vars = {name.lower(): value for name, value in values.items()}
        self.secret = folder is not None
        self._prefix = prefix
        self._folder = folder
        self._written = {name.lower(): name for name in values}

    def position(self, place: Place) -> Position | None:
        """Return the secret file, or the environment as a whole."""
        flat = (self._prefix + "__".join(place)).lower()
        inside = flat if len(place) > 1 else f"{flat}__"
        written = next((self._written[name] for name in self._written if _within(name, inside)), None)
        if written is None:
            return None
        return flat_position(written, self._folder)

    def label(self, place: Place) -> str:
        """Return NOTIFIER_MAIL__PORT, or mail__port for a secret file."""
        flat = "__".join(place)
        return flat if self.secret else self._prefix + flat.upper()

    def meant(self, place: Place) -> str | None:
        """Return a whole flat name."""
        return meant_in_flat("__".join(place), self._prefix)


def _within(name: str, flat: str) -> bool:
    return name.startswith(flat) if flat.endswith("__") else name == flat


def flat_position(name: str, folder: Path | None) -> Position:
    """Return where a flat name stands: in a secret file of `folder`, or in the environment."""
    return Position(where="environment" if folder is None else f"secret file {folder / name}")


def meant_in_flat(name: str, prefix: str) -> str | None:
    """Return the flat name meant by `name`, which is without its prefix; upper case where there is one."""
    found = meant_flat_name(name, *(["secrets_dir"] if prefix else []))
    return found if found is None or not prefix else prefix + found.upper()
