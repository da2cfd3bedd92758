"""A real `notifier serve` of its own, as a process, for the benchmarks that ask it over HTTP."""

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

COMMAND = Path(sys.executable).parent / "notifier"
PATIENCE_SECONDS = 60.0
POLL_SECONDS = 0.01

_SETTINGS = """[service]
name = "Procedure alerts"
operator = "Example Charity"
postal_address = "1 Example Street, London"
contact = "help@alerts.example"
privacy_contact = "privacy@alerts.example"
relation = "third-party"
public_url = "https://alerts.example"

[web]
port = {port}
connections_per_address = 1000

[mail]
host = "127.0.0.1"
port = 9
security = "plain"
sender = "alerts@alerts.example"
reply_to = "help@alerts.example"
"""

_PROCEDURE = """reference = "BENCH-{n}"
title = "Radiofrequency ablation for palliation of painful metastases, number {n}"
status = "In progress"

[[milestones]]
label = "IPAC 1"
date = "8 September 2022"

[[milestones]]
label = "Interventional procedure consultation"
date = "14 October 2022 - 11 November 2022"
"""


@dataclass(frozen=True)
class Served:
    """A service that answers: its process, its port, and the seconds from its start to its first answer."""

    pid: int
    port: int
    ready_after: float


@asynccontextmanager
async def served(home: Path, *, procedures: int) -> AsyncIterator[Served]:
    """Run a service in `home` that lists so many invented procedures, and stop it at the end."""
    port = free_port()
    folder = home / "procedures"
    folder.mkdir(exist_ok=True)
    for n in range(procedures):
        (folder / f"{n}.toml").write_text(_PROCEDURE.format(n=n))
    settings = home / "notifier.toml"
    paths = f'\n[database]\npath = "{home / "notifier.db"}"\n\n[procedures]\nfolder = "{folder}"\n'
    settings.write_text(_SETTINGS.format(port=port) + paths)
    begun = time.perf_counter()
    with (home / "log").open("ab") as log:
        child = await asyncio.create_subprocess_exec(
            str(COMMAND), "serve", "--config", str(settings), stdout=log, stderr=log, cwd=home, env=_plain()
        )
    try:
        await _answers(port, child)
        yield Served(pid=child.pid, port=port, ready_after=time.perf_counter() - begun)
    finally:
        if child.returncode is None:
            child.send_signal(signal.SIGTERM)
        await child.wait()


def cpu_seconds(pid: int) -> float:
    """Return the CPU seconds that a process has used (proc_pid_stat(5)), to a hundredth."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def _answers(port: int, child: asyncio.subprocess.Process) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    async with aiohttp.ClientSession() as client:
        while time.monotonic() < end:
            if child.returncode is not None:
                raise RuntimeError(f"the service ended with {child.returncode} before it answered")
            try:
                async with client.get(f"http://127.0.0.1:{port}/health/ready") as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(POLL_SECONDS)
    raise TimeoutError("the service did not answer in time")


def _plain() -> dict[str, str]:
    """The environment without settings of somebody else's service."""
    return {name: value for name, value in os.environ.items() if not name.startswith("NOTIFIER_")}
