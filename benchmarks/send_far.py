"""Sending to a server 20 ms away: which share it reaches of one mail for each connection and round trip.

More cannot be had with one body on its way over each connection; who waits for each reply has a quarter. On a
busy machine nobody has all of it, so one who does nothing else is asked in the same run.
"""

import tempfile
from pathlib import Path

from benchmarks import postfix
from benchmarks.delay import distance, measured_round_trip
from benchmarks.options import Options
from benchmarks.queued import queue_alerts
from benchmarks.rivals.getting import aiosmtplib_rival, one_round_trip, words
from benchmarks.senders import Sender, on_sqlite, queued, rival_sender, smtp_source
from benchmarks.table import Row, medians

CONNECTIONS = 64
ROUND_TRIP_SECONDS = 0.020
SLOWER = 5
"""So much longer a mail takes than nearby; as many fewer are sent."""


async def measure(options: Options) -> list[Row]:
    """Let everybody send over the distance, again and again."""
    postfix.program("smtp-source")
    mails = options.mails // SLOWER
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        queue = await queued(folder / "plain", queue_alerts, mails)
        said = words(queue.sample, folder / "words.json")
        size = len(queue.sample.content)
        ideal = rival_sender(one_round_trip(), said, mails, connections=CONNECTIONS)
        senders = [
            ideal,
            smtp_source(mails, size, connections=CONNECTIONS),
            on_sqlite("SQLite", folder / "plain", queue, connections=CONNECTIONS),
            rival_sender(aiosmtplib_rival(), said, mails, connections=CONNECTIONS),
        ]
        runs = [await _run(senders) for _ in range(options.runs)]
    return medians(runs)


async def _run(senders: list[Sender]) -> list[Row]:
    rows = [await _row(sender) for sender in senders]
    best = float(rows[0]["mails/s"])
    return [{**row, "÷ one round trip a mail": float(row["mails/s"]) / best} for row in rows]


async def _row(sender: Sender) -> Row:
    async with postfix.sink() as near, distance(near, round_trip=ROUND_TRIP_SECONDS) as port:
        round_trip = await measured_round_trip(port)
        effort = await sender.send(port)
    rate = sender.mails / effort.seconds
    return {
        "sender": sender.name,
        "mails": sender.mails,
        "round trip ms": round_trip * 1000,
        "mails/s": rate,
        "CPU µs a mail": effort.cpu / sender.mails * 1e6,
        "÷ (connections ÷ round trip)": rate * round_trip / CONNECTIONS,
    }
