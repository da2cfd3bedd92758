"""The metrics as Prometheus reads them: the only file that knows its library."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

from notifier.delivery.backlog import Waiting
from notifier.delivery.model import Verdict
from notifier.durations import Durations
from notifier.web.metrics_reading import Facts

if TYPE_CHECKING:
    from notifier.web.metrics import Counted

_FEEDS = {".atom": "atom", ".rss": "rss", ".ics": "calendar"}


def written(counted: "Counted", facts: Facts | None, *, build: Mapping[str, str]) -> bytes:
    """Return every metric in text; those of the database are left out where it did not answer."""
    registry = CollectorRegistry(auto_describe=False)
    ProcessCollector(registry=registry)
    registry.register(_Told(counted, facts, build))
    return generate_latest(registry)


class _Told(Collector):
    """What is known at this moment."""

    def __init__(self, counted: "Counted", facts: Facts | None, build: Mapping[str, str]) -> None:
        self._counted = counted
        self._facts = facts
        self._build = build

    def collect(self) -> Iterator[Metric]:
        """Return every metric of the service."""
        info = GaugeMetricFamily("notifier_build_info", "What runs; always 1.", labels=list(self._build))
        info.add_metric(list(self._build.values()), 1)
        yield info
        yield GaugeMetricFamily(
            "notifier_database_up",
            "1 if the database answered this scrape, else 0.",
            value=float(self._facts is not None),
        )
        if self._facts is not None:
            yield from _stored(self._facts)
        yield from self._sending()
        yield from self._working()
        yield from self._asked()

    def _sending(self) -> Iterator[Metric]:
        tally = self._counted.delivery
        outcomes = CounterMetricFamily(
            "notifier_delivery_outcomes",
            "Attempts to hand a mail over, by what came of them.",
            labels=["verdict"],
        )
        for verdict in Verdict:
            outcomes.add_metric([verdict], tally.outcomes[verdict])
        yield outcomes
        yield CounterMetricFamily(
            "notifier_delivery_doubtful",
            "Mails whose acceptance is not known, because the connection was lost after the final dot.",
            value=tally.outcomes[Verdict.DOUBTFUL],
        )
        yield CounterMetricFamily(
            "notifier_delivery_taken_back",
            "Mails that a dead process was sending, and that are sent again.",
            value=tally.taken_back,
        )
        yield CounterMetricFamily(
            "notifier_smtp_faults",
            "Connections and sessions that came to nothing by the mail server's fault.",
            value=tally.faults,
        )
        answers = HistogramMetricFamily(
            "notifier_smtp_answer_seconds",
            "Time from beginning to hand a mail over to the server's last word.",
        )
        _add(answers, tally.answers)
        yield answers
        open_now = GaugeMetricFamily(
            "notifier_smtp_connections", "Open connections to the mail server.", labels=["state"]
        )
        open_now.add_metric(["busy"], tally.connections - tally.idle)
        open_now.add_metric(["idle"], tally.idle)
        yield open_now

    def _working(self) -> Iterator[Metric]:
        announcing = HistogramMetricFamily(
            "notifier_announce_duration_seconds", "Time that a batch of announcements took to be committed."
        )
        _add(announcing, self._counted.announcing)
        yield announcing
        waits = HistogramMetricFamily(
            "notifier_gate_wait_seconds", "Time waited for SQLite's one writer, by rank.", labels=["rank"]
        )
        for rank, durations in self._counted.gate_waits.items():
            _add(waits, durations, rank.name.lower())
        yield waits

    def _asked(self) -> Iterator[Metric]:
        tally = self._counted.web
        pages = CounterMetricFamily(
            "notifier_web_answers", "Answers, by the template of their route.", labels=["route", "status"]
        )
        feeds: Counter[tuple[str, str]] = Counter()
        for (route, status), count in sorted(tally.answers.items()):
            pages.add_metric([route, str(status)], count)
            kind = _FEEDS.get(route[route.rfind(".") :]) if "." in route else None
            if kind is not None:
                feeds[kind, str(status)] += count
        yield pages
        hits = CounterMetricFamily(
            "notifier_feed_answers", "Answers to feed readers and calendars.", labels=["format", "status"]
        )
        for labels, count in feeds.items():
            hits.add_metric(labels, count)
        yield hits
        yield CounterMetricFamily(
            "notifier_web_repeated_answers",
            "Answers of feeds and calendars that were repeated from memory.",
            value=tally.repeated,
        )


def _stored(facts: Facts) -> Iterator[Metric]:
    yield GaugeMetricFamily(
        "notifier_due_lag_seconds",
        "For how long the oldest date that is due has not been announced; 0 if none is.",
        value=facts.due_lag.total_seconds(),
    )
    yield GaugeMetricFamily(
        "notifier_owners_alive", "Processes that hold a lease to send.", value=facts.owners_alive
    )
    count = GaugeMetricFamily(
        "notifier_queue_deliveries", "Deliveries not handed over yet.", labels=["lane", "state"]
    )
    oldest = GaugeMetricFamily(
        "notifier_queue_oldest_age_seconds",
        "For how long the oldest of them could have been sent; 0 if there is none.",
        labels=["lane", "state"],
    )
    for one in facts.queue:
        labels = [one.lane.name.lower(), one.waiting]
        count.add_metric(labels, one.count)
        if one.waiting is not Waiting.PUT_OFF:
            age = (facts.queue_at - one.since).total_seconds() if one.since is not None else 0.0
            oldest.add_metric(labels, max(0.0, age))
    yield count
    yield oldest


def _add(family: HistogramMetricFamily, durations: Durations, *labels: str) -> None:
    below, buckets = 0, []
    for bound, count in zip((*durations.bounds, float("inf")), tuple(durations.counts), strict=True):
        below += count
        buckets.append(("+Inf" if bound == float("inf") else repr(float(bound)), float(below)))
    family.add_metric(list(labels), buckets=buckets, sum_value=durations.total)
