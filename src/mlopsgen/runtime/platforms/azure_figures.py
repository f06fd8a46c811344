"""What Azure Monitor has measured of one deployment of an online endpoint.

There is no rate of errors: it is the share of two sums of `RequestsPerMinute`. A minute without requests has no
figures, or zeros, and neither says that all is well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

from .api import Reading
from .azure import Workspace

API = "2023-10-01"
LATENCY = {0.5: "RequestLatency_P50", 0.9: "RequestLatency_P90", 0.95: "RequestLatency_P95", 0.99: "RequestLatency_P99"}
USED = {
    "cpu": "CpuUtilizationPercentage",
    "memory": "CpuMemoryUtilizationPercentage",
    "gpu": "GpuUtilizationPercentage",
    "disk": "DiskUtilization",
}


def reading(
    workspace: Workspace, endpoint: str, deployment: str, alarm: Mapping[str, Any], span: tuple[float, float]
) -> Reading:
    """The figure of an alarm between two times, and how many requests were counted."""
    whose = f"deployment eq '{deployment}'"
    classes = f"{whose} and statusCodeClass eq '*'"
    counted = list(_series(workspace, endpoint, "RequestsPerMinute", span, filter_=classes))
    every = sum(sum(values) for _, values in counted)
    match alarm["figure"]:
        case "errors":
            failed = sum(sum(values) for words, values in counted if words.startswith("5"))
            return Reading(value=failed / every if every else None, requests=round(every))
        case "latency":
            metric = LATENCY[float(alarm["quantile"])]
            values = _values(_series(workspace, endpoint, metric, span, filter_=whose))
            return Reading(value=_mean(values, 1000), requests=round(every))
        case _:
            path = f"{endpoint}/deployments/{deployment}"
            values = _values(_series(workspace, path, USED[alarm["resource"]], span))
            # It is full or not only under requests.
            return Reading(value=_mean(values, 100) if every else None, requests=round(every))


def _values(series: Iterator[tuple[str, list[float]]]) -> list[float]:
    return [value for _, values in series for value in values if value > 0]


def _mean(values: list[float], unit: float) -> float | None:
    return sum(values) / len(values) / unit if values else None


def _series(
    workspace: Workspace, path: str, metric: str, span: tuple[float, float], filter_: str = ""
) -> Iterator[tuple[str, list[float]]]:
    """Each series of a metric, minute by minute: the class of its answers, if they have one, and its averages."""
    start, end = (datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:00Z") for at in (span[0], span[1] + 60))
    asked = {"metricnames": metric, "timespan": f"{start}/{end}", "interval": "PT1M", "aggregation": "Average"}
    query = urlencode({"api-version": API, **asked, **({"$filter": filter_} if filter_ else {})}, quote_via=quote)
    url = f"{workspace.url}/{path}/providers/Microsoft.Insights/metrics?{query}"
    answer = workspace.ask_at(f"the metric {metric}", "GET", url).json()
    for one in answer["value"]:
        for series in one.get("timeseries", ()):
            said = {str(d["name"]["value"]).lower(): str(d["value"]) for d in series.get("metadatavalues", ())}
            values = [float(point["average"]) for point in series["data"] if point.get("average") is not None]
            yield said.get("statuscodeclass", ""), values
