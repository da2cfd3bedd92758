"""Who sends is a process of its own, so that its processor time and its memory are its own too.

The process prints `ready` once it has loaded everything, begins when it is told to, prints what it measured
as one line of JSON, and stays until its memory was read. Only the standard library is used here: what is
compared with runs on another Python.
"""

import asyncio
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PATIENCE_SECONDS = 600.0
_LOOK_SECONDS = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """What some work took: seconds by the wall, seconds of processor with all threads, megabytes."""

    seconds: float
    cpu: float
    peak: float


class Stopwatch:
    """Measures the work of this process, from when it is told to begin."""

    def __init__(self) -> None:
        print("ready", flush=True)
        if not sys.stdin.readline():
            raise SystemExit("who measures is gone")
        self._began, self._cpu = time.perf_counter(), _processor_seconds()

    def stop(self, **more: object) -> None:
        """Tell what it took, and stay until that was read."""
        seconds, cpu = time.perf_counter() - self._began, _processor_seconds() - self._cpu
        print(json.dumps({"seconds": seconds, "cpu": cpu, **more}), flush=True)
        sys.stdin.read()


class Contestant:
    """One process that sends, seen from outside."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process, self._stdin, self._stdout = process, process.stdin, process.stdout
        self.said: dict[str, object] = {}

    @classmethod
    async def start(cls, *command: str, env: Mapping[str, str] | None = None) -> "Contestant":
        """Start a process and wait until it has loaded everything."""
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        process = await asyncio.create_subprocess_exec(
            *command, cwd=ROOT, env={**os.environ, **(env or {})}, **pipes
        )
        found = cls(process)
        line = await asyncio.wait_for(found._stdout.readline(), PATIENCE_SECONDS)
        if line != b"ready\n":
            raise RuntimeError(f"{command} said {line!r} and not that it is ready")
        return found

    def go(self) -> None:
        """Let it begin."""
        self._stdin.write(b"go\n")

    async def effort(self) -> Effort:
        """Wait for its end and return what it took."""
        line = await asyncio.wait_for(self._stdout.readline(), PATIENCE_SECONDS)
        if not line:
            raise RuntimeError(f"a sender ended with {await self._process.wait()} before it had sent all")
        self.said = json.loads(line)
        peak = peak_of(self._process.pid)
        self._stdin.close()
        await self._process.wait()
        return Effort(seconds=float(str(self.said["seconds"])), cpu=float(str(self.said["cpu"])), peak=peak)


async def compete(*contestants: Contestant) -> Effort:
    """Let processes that share their work begin together; return what it took them in all."""
    for one in contestants:
        one.go()
    efforts = await asyncio.gather(*(one.effort() for one in contestants))
    return Effort(
        seconds=max(one.seconds for one in efforts),
        cpu=sum(one.cpu for one in efforts),
        peak=sum(one.peak for one in efforts),
    )


async def run_to_end(*command: str) -> Effort:
    """Run a program that knows nothing of this, and return what it took from its start to its end."""
    return await asyncio.to_thread(_run_to_end, command)


def peak_of(pid: int) -> float:
    """Return the most megabytes that a process has held; 0 where the system does not say."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return 0.0
    lines = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(lines[0].split()[1]) / 1024 if lines else 0.0


def _run_to_end(command: Sequence[str]) -> Effort:
    began, peak = time.perf_counter(), 0.0
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    while True:
        pid, status, used = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        peak = max(peak, peak_of(process.pid))
        time.sleep(_LOOK_SECONDS / 4)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}")
    return Effort(seconds=time.perf_counter() - began, cpu=used.ru_utime + used.ru_stime, peak=peak)


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
