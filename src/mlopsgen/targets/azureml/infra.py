"""ARM templates for what no YAML of Azure ML says."""

from __future__ import annotations

from collections.abc import Iterator

from mlopsgen.targets.azureml.context import Context
from mlopsgen.targets.azureml.native import Compute, Infrastructure, Pipeline


def infrastructure(
    context: Context, handler: Pipeline | None, computes: tuple[Compute, ...]
) -> Iterator[Infrastructure]:
    """The templates of a product."""
    return iter(())
