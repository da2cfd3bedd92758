"""The service of `service_run.py`, seen from outside."""

import asyncio
import contextlib
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.contest import PATIENCE_SECONDS, ROOT, peak_of


@dataclass
class Service:
    """A service that runs: its port, and when each opening is due (`time.time`).

    Only after the block it also knows when each was `announced` (None: not by its end), how `late` its loop
    was (instant and seconds), its seconds of processor, and its megabytes at most.
    """

    port: int
    due: list[float]
    announced: list[float | None] = field(default_factory=list)
    late: list[tuple[float, float]] = field(default_factory=list)
    cpu: float = 0.0
    peak: float = 0.0


@asynccontextmanager
async def running(home: Path, smtp_port: int, *, connections: int, apart: float) -> AsyncIterator[Service]:
    """Run the service in `home` for the length of the block; its morning begins a second after this."""
    command = (sys.executable, "-m", "benchmarks.service_run", str(home), str(smtp_port), str(connections))
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    process = await asyncio.create_subprocess_exec(*command, str(apart), cwd=ROOT, limit=1 << 26, **pipes)
    try:
        service = Service(**await _line(process))
        yield service
        process.terminate()
        for name, value in (await _line(process)).items():
            setattr(service, name, value)
        service.peak = peak_of(process.pid)
        assert process.stdin is not None
        process.stdin.close()
    finally:
        if process.returncode is None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), 1)
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _line(process: asyncio.subprocess.Process) -> dict[str, Any]:
    assert process.stdout is not None
    line = await asyncio.wait_for(process.stdout.readline(), PATIENCE_SECONDS)
    if not line:
        raise RuntimeError(f"the service ended with {await process.wait()}")
    said: dict[str, Any] = json.loads(line)
    return said
