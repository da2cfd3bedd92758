"""The Dockerfile, read as Docker reads it: what it promises to operators stands in it."""

import json
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from notifier.settings import Running
from notifier.settings.names import every_setting

ROOT = Path(__file__).parents[1]
CONFIG = ROOT / "config"
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)")


@dataclass
class Stage:
    """One FROM and what follows it."""

    image: str
    name: str
    steps: list[tuple[str, str]] = field(default_factory=list)

    def all(self, instruction: str) -> list[str]:
        return [words for name, words in self.steps if name == instruction]

    def only(self, instruction: str) -> str:
        (words,) = self.all(instruction)
        return words

    def environment(self) -> dict[str, str]:
        pairs = [pair.partition("=") for words in self.all("ENV") for pair in words.split()]
        return {name: value for name, _, value in pairs}


def stages() -> list[Stage]:
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    found: list[Stage] = []
    for line in re.sub(r"\\\n\s*", "", text).splitlines():
        instruction, _, words = line.strip().partition(" ")
        if instruction == "FROM":
            image, _, name = words.partition(" AS ")
            found.append(Stage(image=image, name=name))
        elif found and instruction:
            found[-1].steps.append((instruction, words.strip()))
    return found


BUILD, LAST = stages()


def pins(name: str) -> dict[str, str]:
    """Return the versions that a file of requirements pins."""
    lines = (CONFIG / name).read_text().splitlines()
    return {canonicalize_name(one[1]): one[2] for line in lines if (one := PINNED.match(line))}


def test_both_stages_stand_on_the_same_slim_python() -> None:
    assert {BUILD.image, LAST.image} == {"python:${PYTHON_VERSION}-slim"}
    assert LAST.only("COPY") == "--from=build /app /app"


def test_whatever_comes_from_elsewhere_is_checked_by_its_hash() -> None:
    commands = [part.strip() for words in BUILD.all("RUN") for part in words.split("&&")]
    fetching = [one for one in commands if re.search(r"pip .*\b(install|wheel)\b", one)]
    assert len(fetching) == 4
    for command in fetching:
        assert ("--require-hashes" in command) is not ("--no-index" in command), command
    assert not any("pip" in words for words in LAST.all("RUN"))


def test_no_build_fetches_tools_behind_our_back() -> None:
    wheels = [words for words in BUILD.all("RUN") if " wheel " in words]
    assert len(wheels) == 2
    assert all("--no-build-isolation" in words and "--no-deps" in words for words in wheels)


def test_the_service_runs_as_a_user_without_rights() -> None:
    user = LAST.only("USER")
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", user)
    assert f"useradd --uid {user.partition(':')[0]}" in LAST.only("RUN")
    names = [name for name, _ in LAST.steps]
    assert names.index("USER") > max(place for place, name in enumerate(names) if name in ("RUN", "COPY"))


def test_only_the_data_volume_is_written_to() -> None:
    environment = LAST.environment()
    assert json.loads(LAST.only("VOLUME")) == ["/data"]
    assert environment["NOTIFIER_DATABASE__PATH"].startswith("/data/")
    assert environment["TMPDIR"] == environment["SQLITE_TMPDIR"] == "/data"
    assert environment["PYTHONDONTWRITEBYTECODE"] == "1"


def test_every_setting_that_the_image_makes_is_one() -> None:
    known = {"NOTIFIER_" + "__".join(place).upper() for place in every_setting()}
    made = {name for name in LAST.environment() if name.startswith("NOTIFIER_")}
    assert made
    assert made <= known


def test_the_process_is_the_service_itself_and_hears_sigterm() -> None:
    assert json.loads(LAST.only("ENTRYPOINT")) == ["notifier"]
    assert json.loads(LAST.only("CMD")) == ["serve"]
    assert LAST.only("STOPSIGNAL") == "SIGTERM"


def test_the_advised_stop_timeout_leaves_time_to_drain() -> None:
    advised = re.search(r"--stop-timeout (\d+)", (ROOT / "Dockerfile").read_text())
    assert advised is not None
    assert int(advised[1]) > Running().stop_seconds


def test_the_container_asks_its_own_health() -> None:
    _, _, command = LAST.only("HEALTHCHECK").partition(" CMD ")
    assert json.loads(command) == ["notifier", "healthcheck"]


def test_the_advised_worker_is_asked_for_its_own_health() -> None:
    assert '--health-cmd "notifier healthcheck --worker"' in (ROOT / "Dockerfile").read_text()
    assert LAST.environment()["NOTIFIER_WORKER__HOST"] == LAST.environment()["NOTIFIER_WEB__HOST"]


@pytest.mark.parametrize("name", ["requirements.hashes.txt", "build.hashes.txt"])
def test_every_pin_has_a_hash_and_no_file_names_a_host(name: str) -> None:
    text = (CONFIG / name).read_text()
    assert "://" not in text
    blocks = re.split(r"\n(?=\S)", text.strip())
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}", block) for block in blocks)


def test_the_hashes_are_those_of_the_pinned_versions() -> None:
    hashed, pinned = pins("requirements.hashes.txt"), pins("constraints.txt")
    assert {name: pinned.get(name) for name in hashed} == hashed


def test_every_dependency_of_the_project_has_its_hashes() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    hashed = pins("requirements.hashes.txt")
    extra = project["project"]["optional-dependencies"]["postgresql"]
    for line in [*project["project"]["dependencies"], *extra]:
        wanted = Requirement(line)
        assert hashed[canonicalize_name(wanted.name)] in wanted.specifier
    builder = Requirement(project["build-system"]["requires"][0])
    assert pins("build.hashes.txt")[builder.name] in builder.specifier


def test_what_the_build_copies_is_sent_to_it_and_nothing_secret_is() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    sent = {line[1:] for line in ignored if line.startswith("!")}
    assert "*" in ignored
    for words in BUILD.all("COPY"):
        for source in words.split()[:-1]:
            assert source in sent, source
            assert (ROOT / source).exists()
    assert not any(one in sent for one in ("data", "config/notifier.toml", ".git"))
