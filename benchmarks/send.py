"""Sending, from the claimed row to the committed outcome, beside others, into the same sink.

Everybody sends in turn in each run, into a sink that is faster than all of them: `smtp-sink`. Processor time
is the sender's own, with all its threads and processes; neither the sink's nor PostgreSQL's is in it. The
ratios to the rivals are of mails a second.
"""

import tempfile
from contextlib import ExitStack
from pathlib import Path

from benchmarks import postfix, postgresql
from benchmarks.options import Missing, Options
from benchmarks.queued import queue_alerts, queue_mixed
from benchmarks.rivals.getting import NAMES, rivals, words
from benchmarks.senders import (
    SOURCE,
    Sender,
    on_postgresql,
    on_sqlite,
    queued,
    rival_sender,
    smtp_source,
)
from benchmarks.table import NOT_MEASURED, Row, medians

CONNECTIONS = 16


async def measure(options: Options) -> list[Row]:
    """Let everybody send, again and again."""
    postfix.program("smtp-source")
    with tempfile.TemporaryDirectory() as name, ExitStack() as open_until_the_end:
        senders = await _senders(Path(name), options, open_until_the_end)
        runs = [await _run(senders) for _ in range(options.runs)]
    return medians(runs)


async def _senders(folder: Path, options: Options, open_until_the_end: ExitStack) -> list[Sender]:
    """Return everybody who can be had; who cannot is named, with what is missing."""
    alerts = await queued(folder / "plain", queue_alerts, options.mails)
    several = await queued(folder / "mixed", queue_mixed, options.mails)
    senders = [
        smtp_source(options.mails, len(alerts.sample.content), connections=CONNECTIONS),
        on_sqlite("SQLite", folder / "plain", alerts, connections=CONNECTIONS),
        on_sqlite("SQLite, mixed", folder / "mixed", several, connections=CONNECTIONS),
    ]
    try:
        url = open_until_the_end.enter_context(postgresql.server(folder / "server"))
    except Missing as error:
        print(f"PostgreSQL is left out: {error}")
    else:
        senders += await on_postgresql(folder / "shared", url, options.mails, connections=CONNECTIONS)
    others, left_out = await rivals()
    for sentence in left_out:
        print(sentence)
    said = words(alerts.sample, folder / "words.json")
    return senders + [rival_sender(one, said, options.mails, connections=CONNECTIONS) for one in others]


async def _run(senders: list[Sender]) -> list[Row]:
    async with postfix.sink() as port:
        efforts = {sender.name: await sender.send(port) for sender in senders}
    rates = {sender.name: sender.mails / efforts[sender.name].seconds for sender in senders}
    costs = {sender.name: efforts[sender.name].cpu / sender.mails * 1e6 for sender in senders}
    return [
        {
            "sender": sender.name,
            "mails": sender.mails,
            "mails/s": rates[sender.name],
            "CPU µs a mail": costs[sender.name],
            "peak MB": efforts[sender.name].peak,
            f"÷ {SOURCE}": rates[sender.name] / rates[SOURCE],
            f"CPU ÷ {SOURCE}": costs[sender.name] / costs[SOURCE],
            "÷ SQLite": rates[sender.name] / rates["SQLite"],
            **{f"÷ {name}": _ratio(rates, sender.name, name) for name in NAMES},
        }
        for sender in senders
    ]


def _ratio(rates: dict[str, float], one: str, other: str) -> float | str:
    return rates[one] / rates[other] if other in rates else NOT_MEASURED
