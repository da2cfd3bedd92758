"""Prometheus' own checker, asked about what the service tells it."""

import asyncio
import os
import shutil

import pytest


def found_promtool() -> str:
    """Return where it is; skip the test where it is not installed."""
    found = shutil.which("promtool")
    if found is None and "TESTS_NEED_JUDGES" not in os.environ:
        pytest.skip("there is no promtool; it comes with Debian's package prometheus")
    assert found is not None, "CI must have promtool"
    return found


async def judged(promtool: str, *arguments: str, said: str = "") -> tuple[int | None, str]:
    """Return its exit code and its words."""
    child = await asyncio.create_subprocess_exec(
        promtool,
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    words, _ = await child.communicate(said.encode())
    return child.returncode, words.decode()
