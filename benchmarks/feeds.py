"""A feed from one process, beside nginx with one worker that serves the same bytes from a file.

Both are asked by `wrk -t1 -c32` in turns, several times: 304 to a reader who has the newest copy, and 200 in
gzip. nginx sends what was compressed beforehand (`gzip_static`): it does the least that it can. On a busy
machine rates are chance; the CPU time that an answer takes is not.
"""

import asyncio
import gzip
import re
import shutil
import statistics
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from benchmarks.options import Missing
from benchmarks.served import cpu_seconds, free_port, served
from benchmarks.table import Row

ROUNDS = 7
SECONDS = 2
CONNECTIONS = 32
PROCEDURES = 40
FEED = "/feeds/all.atom"

_RATE = re.compile(r"Requests/sec:\s+([\d.]+)")
_COUNT = re.compile(r"(\d+) requests in")
_SLOWEST = re.compile(r"99%\s+([\d.]+)(us|ms|s)")
_WRONG = re.compile(r"Non-2xx or 3xx|Socket errors")
_MILLISECONDS = {"us": 0.001, "ms": 1.0, "s": 1000.0}

_NGINX = """daemon off;
worker_processes 1;
pid {home}/nginx.pid;
error_log {home}/nginx.log;
events {{ worker_connections 256; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 1000000000;
    gzip_static on;
    gzip_vary on;
    types {{ application/atom+xml atom; }}
    client_body_temp_path {home}/body;
    proxy_temp_path {home}/proxy;
    fastcgi_temp_path {home}/fastcgi;
    uwsgi_temp_path {home}/uwsgi;
    scgi_temp_path {home}/scgi;
    server {{ listen 127.0.0.1:{port}; root {home}/root; }}
}}
"""


async def run() -> list[Row]:
    """Ask both in turns; each figure is the median of the rounds.

    Raises:
        Missing: nginx or wrk is not installed.
        RuntimeError: an answer was not the one that was asked for.
    """
    for program in ("nginx", "wrk"):
        if shutil.which(program) is None:
            raise Missing(f"there is no {program}; on Debian: apt-get install -y nginx wrk")
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        await asyncio.to_thread(home.chmod, 0o755)  # for nginx's worker, which is another user
        async with served(home, procedures=PROCEDURES) as ours:
            site = f"http://127.0.0.1:{ours.port}{FEED}"
            plain = await _full(site)
            async with _nginx(home, plain) as nginx:
                other = f"http://127.0.0.1:{nginx.port}{FEED}"
                pair = _Asked(site, ours.pid), _Asked(other, nginx.worker)
                return [await _compared(kind, *pair, len(plain)) for kind in ("304", "200 gzip")]


@dataclass(frozen=True)
class _Asked:
    """One of the two: the address of its feed, and the process that answers."""

    site: str
    pid: int


@dataclass(frozen=True)
class _Nginx:
    port: int
    worker: int


@dataclass(frozen=True)
class _Round:
    """Answers a second, the milliseconds within which 99 % came, and the CPU microseconds of one."""

    rate: float
    slowest: float
    cost: float


async def _compared(kind: str, ours: _Asked, other: _Asked, size: int) -> Row:
    asks = {one: await _headers(one.site, kind) for one in (ours, other)}
    rounds: dict[_Asked, list[_Round]] = {ours: [], other: []}
    for _ in range(ROUNDS):
        for one in (other, ours):
            rounds[one].append(await _wrk(one, asks[one]))
    mine, its = (_median(rounds[one]) for one in (ours, other))
    return {
        "answer": kind,
        "feed bytes": size,
        "ours /s": mine.rate,
        "nginx /s": its.rate,
        "ours ÷ nginx": mine.rate / its.rate,
        "ours CPU µs": mine.cost,
        "nginx CPU µs": its.cost,
        "nginx ÷ ours, CPU": its.cost / mine.cost,
        "ours p99 ms": mine.slowest,
        "nginx p99 ms": its.slowest,
    }


def _median(rounds: list[_Round]) -> _Round:
    return _Round(
        rate=statistics.median(one.rate for one in rounds),
        slowest=statistics.median(one.slowest for one in rounds),
        cost=statistics.median(one.cost for one in rounds),
    )


async def _headers(site: str, kind: str) -> Mapping[str, str]:
    """Return what is asked with, after seeing that it gets the answer that is meant."""
    headers = {"Accept-Encoding": "gzip"}
    async with aiohttp.ClientSession(auto_decompress=False) as client:
        async with client.get(site, headers=headers) as whole:
            body = await whole.read()
            if whole.headers.get("Content-Encoding") != "gzip" or not gzip.decompress(body):
                raise RuntimeError(f"{site} does not answer in gzip")
            tag = whole.headers["ETag"]
        if kind != "304":
            return headers
        headers |= {"If-None-Match": tag}
        async with client.get(site, headers=headers) as unchanged:
            if unchanged.status != 304:
                raise RuntimeError(f"{site} answers {unchanged.status} to a reader who has the newest")
    return headers


async def _full(site: str) -> bytes:
    """Return the feed once it has its entries: the service answers before it has looked at its folder."""
    while (body := await _body(site)).count(b"<entry>") < PROCEDURES:
        await asyncio.sleep(0.05)
    return body


async def _body(site: str) -> bytes:
    async with (
        aiohttp.ClientSession() as client,
        client.get(site, headers={"Accept-Encoding": "identity"}) as answer,
    ):
        return await answer.read()


@asynccontextmanager
async def _nginx(home: Path, feed: bytes) -> AsyncIterator[_Nginx]:
    """Serve the bytes of the feed, plain and compressed, by nginx with one worker."""
    path = home / "root" / FEED.lstrip("/")
    path.parent.mkdir(parents=True)
    path.write_bytes(feed)
    path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(feed, compresslevel=6, mtime=0))
    port = free_port()
    config = home / "nginx.conf"
    config.write_text(_NGINX.format(home=home, port=port))
    child = await asyncio.create_subprocess_exec("nginx", "-e", str(home / "nginx.log"), "-c", str(config))
    try:
        for _ in range(500):
            try:
                await _body(f"http://127.0.0.1:{port}{FEED}")
                break
            except aiohttp.ClientError:
                await asyncio.sleep(0.01)
        yield _Nginx(port, _only_child(child.pid))
    finally:
        child.terminate()
        await child.wait()


def _only_child(pid: int) -> int:
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


async def _wrk(one: _Asked, headers: Mapping[str, str]) -> _Round:
    said = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    used = cpu_seconds(one.pid)
    child = await asyncio.create_subprocess_exec(
        *("wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--latency", *said, one.site),
        stdout=asyncio.subprocess.PIPE,
    )
    printed = (await child.communicate())[0].decode()
    used = cpu_seconds(one.pid) - used
    rate, slow, count = (found.search(printed) for found in (_RATE, _SLOWEST, _COUNT))
    if rate is None or slow is None or count is None or _WRONG.search(printed):
        raise RuntimeError(f"wrk could not ask {one.site}: {printed}")
    return _Round(
        rate=float(rate[1]),
        slowest=float(slow[1]) * _MILLISECONDS[slow[2]],
        cost=1_000_000 * used / int(count[1]),
    )
