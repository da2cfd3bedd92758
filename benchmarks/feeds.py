"""A feed from one process, beside nginx with one worker that serves the same bytes from a file.

Both are asked by `wrk -t1 -c32` in turns, several times: 304 to a reader who has the newest copy, and 200 in
gzip. nginx sends what was compressed beforehand (`gzip_static`): it does the least that it can.
"""

import asyncio
import gzip
import re
import shutil
import statistics
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from benchmarks.served import free_port, served
from benchmarks.table import Row

ROUNDS = 5
SECONDS = 2
CONNECTIONS = 32
PROCEDURES = 40
FEED = "/feeds/all.atom"

_RATE = re.compile(r"Requests/sec:\s+([\d.]+)")
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
        RuntimeError: nginx or wrk is missing, or an answer was not the one that was asked for.
    """
    for program in ("nginx", "wrk"):
        if shutil.which(program) is None:
            raise RuntimeError(f"{program} is missing; on Debian: apt-get install -y nginx wrk")
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        await asyncio.to_thread(home.chmod, 0o755)  # for nginx's worker, which is another user
        async with served(home, procedures=PROCEDURES) as ours:
            site = f"http://127.0.0.1:{ours.port}{FEED}"
            plain = await _full(site)
            async with _nginx(home, plain) as nginx:
                other = f"http://127.0.0.1:{nginx}{FEED}"
                return [await _compared(kind, site, other, len(plain)) for kind in ("304", "200 gzip")]


async def _compared(kind: str, ours: str, other: str, size: int) -> Row:
    asks = {site: await _headers(site, kind) for site in (ours, other)}
    rates: dict[str, list[float]] = {ours: [], other: []}
    slowest: dict[str, list[float]] = {ours: [], other: []}
    for _ in range(ROUNDS):
        for site in (other, ours):
            rate, slow = await _wrk(site, asks[site])
            rates[site].append(rate)
            slowest[site].append(slow)
    mine, its = (statistics.median(rates[site]) for site in (ours, other))
    return {
        "answer": kind,
        "feed bytes": size,
        "ours /s": mine,
        "nginx /s": its,
        "ours ÷ nginx": mine / its,
        "ours p99 ms": statistics.median(slowest[ours]),
        "nginx p99 ms": statistics.median(slowest[other]),
    }


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
async def _nginx(home: Path, feed: bytes) -> AsyncIterator[int]:
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
        yield port
    finally:
        child.terminate()
        await child.wait()


async def _wrk(site: str, headers: Mapping[str, str]) -> tuple[float, float]:
    """Return requests a second, and the milliseconds within which 99 % of them were answered."""
    said = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    child = await asyncio.create_subprocess_exec(
        *("wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--latency", *said, site),
        stdout=asyncio.subprocess.PIPE,
    )
    printed = (await child.communicate())[0].decode()
    rate, slow = _RATE.search(printed), _SLOWEST.search(printed)
    if rate is None or slow is None or _WRONG.search(printed):
        raise RuntimeError(f"wrk could not ask {site}: {printed}")
    return float(rate[1]), float(slow[1]) * _MILLISECONDS[slow[2]]
