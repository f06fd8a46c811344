"""Who judges an Azure Machine Learning bundle: azure-ai-ml in an environment of its own, and our linter."""

from __future__ import annotations

from pathlib import Path

from mlopsgen.targets import judging
from mlopsgen.targets.azureml.judge import linter
from mlopsgen.targets.judging import Judge

HERE = Path(__file__).parent
REQUIREMENTS = ("azure-ai-ml==1.35.2",)
"""The library that submits bundles, at the version that our own rules were measured against."""


def judges() -> tuple[Judge, ...]:
    """The two judges, the service's own first. Nothing heavy is imported before one runs."""
    return (
        judging.outside("azure-ai-ml", REQUIREMENTS, HERE / "outside.py", HERE / "constraints.txt"),
        Judge("mlopsgen", "pip install mlopsgen", lambda: True, linter.judge),
    )
