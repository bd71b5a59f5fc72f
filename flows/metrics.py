"""`/metrics`: the pulse of a county in Prometheus' text format, worked out at each scrape.

Names begin with `bihuan_`, carry the county as a label and say their unit; docs/operations.md lists
them. A store that cannot be read is `bihuan_up 0`, not a failed scrape.
"""

import logging
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from tasks.county import County
from tasks.pulse import Pulse, take

log = logging.getLogger(__name__)
_COUNTS = {
    "ledger_events": ("head_seq", "events in the ledger"),
    "hazards_open": ("open", "open hazards"),
    "hazards_overdue": ("overdue", "open hazards past their due date"),
    "pending": ("pending", "matters that wait for a person"),
    "pending_overdue": ("pending_overdue", "of them, those past their own date"),
    "ladder_proposals": ("proposals", "rungs that nobody has confirmed or dropped"),
    "outbox_unsent": ("unsent", "messages that wait to be sent"),
}
_OF_SOURCES = {
    "source_rows_taken": ("taken", "rows taken, ever"),
    "source_rows_refused": ("refused", "rows refused, ever"),
    "source_refused_ratio": ("refused_share", "refused of the rows judged, 0 to 1"),
    "source_quarantined": ("quarantined", "refused rows that wait"),
    "source_late": ("is_late", "1 where the source was not heard in time"),
}


def exposition(county: County) -> bytes:
    """What a scrape of this county gets, UTF-8."""
    registry = CollectorRegistry()
    registry.register(_Collected(county))
    return generate_latest(registry)


class _Collected(Collector):
    def __init__(self, county: County) -> None:
        self._county = county

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Nothing is measured before it is asked for."""
        return iter(())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            found = take(self._county, self._county.now())
        except Exception as error:  # the scrape says so; why is in the log
            log.warning("no pulse of %s: %s", self._county.code, type(error).__name__)
            yield _gauge("up", "1 where the store can be read", self._county.code, 0)
            return
        yield _gauge("up", "1 where the store can be read", self._county.code, 1)
        yield from _measured(found)


def _measured(found: Pulse) -> Iterator[GaugeMetricFamily]:
    for name, (field, said) in _COUNTS.items():
        yield _gauge(name, said, found.county, getattr(found, field))
    yield _gauge("ledger_age_seconds", "since the last event", found.county, _age(found, "head_at"))
    waited = _age(found, "unsent_since")
    yield _gauge("outbox_oldest_seconds", "age of the oldest message", found.county, waited)
    for name, (field, said) in _OF_SOURCES.items():
        yield _by_source(name, said, found, {s.source: getattr(s, field) for s in found.sources})
    lags = {s.source: (found.at - s.pulled_at) / 1000 for s in found.sources if s.pulled_at}
    yield _by_source("source_lag_seconds", "since the last successful pull", found, lags)


def _age(found: Pulse, field: str) -> float:
    since = getattr(found, field)
    return (found.at - since) / 1000 if since else 0.0


def _gauge(name: str, said: str, county: str, value: float) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"bihuan_{name}", said, labels=["county"])
    family.add_metric([county], float(value))
    return family


def _by_source(name: str, said: str, found: Pulse, values: dict[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"bihuan_{name}", said, labels=["county", "source"])
    for source, value in values.items():
        family.add_metric([found.county, source], float(value))
    return family
