"""Who judges an Azure Machine Learning bundle: azure-ai-ml in an environment of its own, and our linter."""

from __future__ import annotations

from pathlib import Path

from mlopsgen.targets.azureml.judge import linter
from mlopsgen.targets.judging import Judge
from mlopsgen.targets.outside import Outside

REQUIREMENTS = (
    "azure-ai-ml==1.35.2",
    # What it loads files with, and what its models of the service are made of.
    "azure-core==1.41.0",
    "azure-mgmt-core==1.6.0",
    "marshmallow==3.26.2",
    "msrest==0.7.1",
    "pydash==8.1.0",
    "PyYAML==6.0.3",
    "strictyaml==1.7.3",
)
"""The library that submits bundles, at the version that our own rules were measured against."""


def judges() -> tuple[Judge, ...]:
    """The two judges, the service's own first. Nothing heavy is imported before one runs."""
    outside = Outside("azure-ai-ml", REQUIREMENTS, Path(__file__).parent / "outside.py")
    return (outside.judge(), Judge("mlopsgen", "pip install mlopsgen", lambda: True, linter.judge))
