"""Actions of AWS that always go together."""

from __future__ import annotations

MLFLOW = (
    "CreateExperiment",
    "CreateRun",
    "DeleteTag",
    "GetExperiment",
    "GetExperimentByName",
    "GetMetricHistory",
    "GetRun",
    "ListArtifacts",
    "LogBatch",
    "LogInputs",
    "LogMetric",
    "LogModel",
    "LogParam",
    "SearchExperiments",
    "SearchRuns",
    "SetExperimentTag",
    "SetTag",
    "UpdateRun",
)
"""What a client that records runs calls (service authorization reference, sagemaker-mlflow)."""
NETWORK = (
    "CreateNetworkInterface",
    "CreateNetworkInterfacePermission",
    "DeleteNetworkInterface",
    "DeleteNetworkInterfacePermission",
)
NETWORK_VIEW = (
    "DescribeDhcpOptions",
    "DescribeNetworkInterfaces",
    "DescribeSecurityGroups",
    "DescribeSubnets",
    "DescribeVpcs",
)
