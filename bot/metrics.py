"""Figures of one worker and of what waits in the database, as Prometheus reads them. No label holds a name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import get_args

from prometheus_client import CollectorRegistry, Counter, GCCollector, Histogram, PlatformCollector, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from bot.noted import Fate
from learning_log.services.delivery import Delivery

CONTENT_TYPE = CONTENT_TYPE_LATEST
# An answer takes milliseconds; one that waited for a worker to come back takes hours.
ANSWER_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600)
TICK_BUCKETS = (0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60)

Ages = Callable[[], Mapping[str, float]]


class Metrics:
    """Counts since this worker started. They end with it; what waits is read from the database."""

    def __init__(self, ages: Ages = dict) -> None:
        """ages: the seconds since each job of the worker came round."""
        # Not the registry of the library: two workers in one process (tests) would share it.
        self.registry = CollectorRegistry()
        for collect in (ProcessCollector, PlatformCollector, GCCollector):
            collect(registry=self.registry)
        self.waiting = Waiting(ages)
        self.registry.register(self.waiting)
        self._kept = self._counter("messages_kept", "Messages kept before their channel was told so")
        self._handled = self._counter("messages_handled", "Messages answered, or done without an answer")
        self._failed = self._counter("messages_failed", "Tries to handle a message that failed")
        self._aside = self._counter("messages_set_aside", "Messages set aside after their last try")
        self._sendings = Counter(
            "whatmatters_sendings",
            "Messages handed to a channel, by what became of it",
            ["fate"],
            registry=self.registry,
        )
        for fate in get_args(Fate):
            self._sendings.labels(fate)  # a series that is there from the start can be watched for a rise
        self._answer = Histogram(
            "whatmatters_answer_seconds",
            "From a message received to its answer in the outbox",
            buckets=ANSWER_BUCKETS,
            registry=self.registry,
        )
        self._tick = Histogram(
            "whatmatters_tick_seconds", "How long a tick took", buckets=TICK_BUCKETS, registry=self.registry
        )

    def kept(self, messages: int = 1) -> None:
        self._kept.inc(messages)

    def handled(self, seconds: float) -> None:
        """seconds: since it was received."""
        self._handled.inc()
        self._answer.observe(max(0.0, seconds))

    def failed(self) -> None:
        self._failed.inc()

    def set_aside(self) -> None:
        self._aside.inc()

    def sending(self, fate: Fate) -> None:
        self._sendings.labels(fate).inc()

    def ticked(self, seconds: float) -> None:
        self._tick.observe(seconds)

    def text(self) -> bytes:
        return generate_latest(self.registry)

    def _counter(self, name: str, what: str) -> Counter:
        return Counter(f"whatmatters_{name}", what, registry=self.registry)


class Waiting(Collector):
    """What waits, as it was last seen. Every worker of one database says the same: take the largest, do not add up."""

    def __init__(self, ages: Ages) -> None:
        self.ages = ages
        self.seen: Delivery | None = None

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield _gauge("job_age_seconds", "Since this job of the worker came round", "job", self.ages())
        yield _gauge("database_up", "Whether the database answered", value=float(self.seen is not None))
        if self.seen is not None:
            yield from _of(self.seen)


def _of(seen: Delivery) -> Iterator[GaugeMetricFamily]:
    yield _gauge("due", "Schedules whose time has come, and prompts that wait to be sent", value=seen.due)
    yield _gauge("to_send", "Messages that wait to be sent, by kind", "kind", seen.to_send)
    yield _gauge("sending", "Messages claimed by a worker, their fate open", value=seen.sending)
    trouble = {"failed": seen.failed, "unknown": seen.unknown}
    yield _gauge("trouble", "Messages of the last 24 hours that failed, or of unknown fate", "status", trouble)
    yield _gauge("unhandled", "Messages kept and not handled yet", value=seen.kept)
    yield _gauge("oldest_unhandled_seconds", "Age of the oldest of them", value=seen.oldest_kept_seconds)
    yield _gauge("aside", "Messages set aside, which a person has to look at", value=seen.aside)
    yield _gauge("unacknowledged_worries", "Worries that no named person has acknowledged", value=seen.worries)
    yield _gauge("oldest_worry_seconds", "Age of the oldest of them", value=seen.oldest_worry_seconds)
    ages = {channel.name: channel.seen_seconds for channel in seen.channels}
    yield _gauge("channel_age_seconds", "Since a worker was seen on this channel", "channel", ages)
    held = {channel.name: float(channel.holder is not None) for channel in seen.channels}
    yield _gauge("channel_held", "Whether a worker holds this channel now", "channel", held)


def _gauge(
    name: str, what: str, label: str = "", values: Mapping[str, float] | None = None, *, value: float | None = None
) -> GaugeMetricFamily:
    gauge = GaugeMetricFamily(f"whatmatters_{name}", what, value=value, labels=[label] if label else None)
    for key, each in (values or {}).items():
        gauge.add_metric([key], each)
    return gauge
