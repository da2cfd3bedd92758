"""`python -m benchmarks --help` says what each benchmark measures, and which options touch it."""

import subprocess
import sys

import pytest

from benchmarks.__main__ import measures
from benchmarks.options import Options


@pytest.fixture(scope="module")
def said() -> list[str]:
    """The lines of the help."""
    command = [sys.executable, "-m", "benchmarks", "--help"]
    found = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return found.stdout.splitlines()


@pytest.mark.parametrize("name", measures(Options()))
def test_each_benchmark_has_a_line(said: list[str], name: str) -> None:
    assert [line for line in said if line.startswith(f"  {name} ") and len(line.split()) > 5]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("send", "--runs --mails"),
        ("rush", "--runs --people"),
        ("announce", "--runs --dates"),
        ("import", "--list"),
    ],
)
def test_it_names_the_options_that_touch_it(said: list[str], name: str, options: str) -> None:
    (line,) = [line for line in said if line.startswith(f"  {name} ")]
    assert line.endswith(f"[{options}]")
