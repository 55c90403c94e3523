"""The metrics in Prometheus's text format. ``docs/monitoring.md`` says what each means and how it is used."""

from collections.abc import Iterator, Mapping
from importlib.metadata import version
from typing import Any

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, SummaryMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from onboarding.model.vocabulary import Channel, EffectState, Severity, Stage, Status
from tasks.monitoring.figures import Figures
from tasks.monitoring.tally import MAIN_SWEEP, Sweeps

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
OPEN = tuple(state for state in EffectState if state not in (EffectState.SENT, EffectState.CANCELLED))
"""The states that are counted: the others are history, which grows for ever."""


def as_metrics(figures: Figures | None) -> bytes:
    """Return the exposition; None stands for a database that does not answer."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Read(figures))
    return generate_latest(registry)


class _Read(Collector):
    def __init__(self, figures: Figures | None) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        found = self._figures
        yield _gauge("build_info", "The version that runs.", {(version("first90"),): 1}, "version")
        yield _gauge("database_up", "Whether the database answers, with the schema of this program.", {(): bool(found)})
        if found is not None:
            yield from _of_effects(found)
            yield from _of_sweeps(found.tally.sweeps)
            yield from _of_onboardings(found)
            yield from _of_sources(found)
            yield _gauge(
                "clock_offset_seconds",
                "How far a machine's clock is ahead of the database's, or first90's clock of a service's.",
                found.clocks,
                "machine",
                "against",
            )


def _of_effects(found: Figures) -> Iterator[Metric]:
    open_ones = {(channel, state): found.effects.counts[channel, state] for channel in Channel for state in OPEN}
    yield _gauge("effects", "Effects that are neither sent nor cancelled.", open_ones, "channel", "state")
    yield _gauge(
        "oldest_due_effect_age_seconds",
        "For how long the oldest effect that is due has been due; 0 where none is.",
        {(channel,): found.overdue_seconds(channel) for channel in Channel},
        "channel",
    )
    sends = CounterMetricFamily("first90_sends", "Sends that ended, by result.", labels=["channel", "result"])
    for channel, results in found.tally.sends.items():
        for result, count in results.items():
            sends.add_metric([channel, result], count)
    yield sends
    yield _gauge(
        "channel_down",
        "Whether the channel failed so often that it rests, or needs a person.",
        {(channel,): channel in found.down for channel in Channel},
        "channel",
    )
    yield _gauge(
        "channel_stopped",
        "Whether a person stopped the channel.",
        {(channel,): channel in found.stopped for channel in Channel},
        "channel",
    )


def _of_sweeps(sweeps: Mapping[str, Sweeps]) -> Iterator[Metric]:
    known = {MAIN_SWEEP: Sweeps()} | dict(sweeps)
    took = SummaryMetricFamily("first90_sweep_duration_seconds", "How long sweeps took.", labels=["flow"])
    failed = CounterMetricFamily("first90_sweeps_failed", "Sweeps in which something failed.", labels=["flow"])
    for flow, one in known.items():
        took.add_metric([flow], one.runs, one.total_seconds)
        failed.add_metric([flow], one.failed)
    yield took
    yield failed
    yield _gauge(
        "sweep_last_duration_seconds",
        "How long the last sweep took.",
        {(flow,): one.last_seconds for flow, one in known.items()},
        "flow",
    )
    yield _gauge(
        "sweep_last_end_timestamp_seconds",
        "When the last sweep ended, whatever its outcome; 0: none has.",
        {(flow,): one.ended_at for flow, one in known.items()},
        "flow",
    )
    yield _gauge(
        "sweep_last_success_timestamp_seconds",
        "When the last sweep ended in which nothing failed; 0: none has.",
        {(flow,): one.succeeded_at for flow, one in known.items()},
        "flow",
    )


def _of_onboardings(found: Figures) -> Iterator[Metric]:
    counts = {(status, stage): found.onboardings.get((status, stage), 0) for status in Status for stage in Stage}
    yield _gauge("onboardings", "Onboardings.", counts, "status", "stage")
    stalls = {(severity,): found.stalls.get(severity, 0) for severity in Severity}
    yield _gauge("onboardings_stalled", "Onboardings that are stalled.", stalls, "severity")


def _of_sources(found: Figures) -> Iterator[Metric]:
    aside = {(source,): count for source, count in sorted(found.set_aside.items())}
    yield _gauge("set_aside", "Problems for which records are set aside now.", aside, "source")
    if found.allowance is not None:
        now = found.allowance
        yield _gauge("crm_api_calls_used", "API calls of the CRM that all programs used in 24 hours.", {(): now.used})
        yield _gauge("crm_api_calls_limit", "API calls that the CRM allows in 24 hours.", {(): now.limit})


def _gauge(name: str, says: str, values: Mapping[Any, float], *labels: str) -> Metric:
    """Return a gauge; ``values`` are by the tuple of what the labels say."""
    made = GaugeMetricFamily(f"first90_{name}", says, labels=labels)
    for of, value in values.items():
        made.add_metric([str(one) for one in of], value)
    return made
