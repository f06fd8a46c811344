"""Azure Machine Learning: a pipeline job with its components and assets, and ARM JSON for what a workspace lacks.

options → lower (checks, nodes, search, registration, infrastructure) → native → layout → templates/azureml/.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mlopsgen.resources import TEMPLATES
from mlopsgen.spec.options import TargetOptions
from mlopsgen.targets.azureml.options import AzureMLOptions

if TYPE_CHECKING:
    from mlopsgen.codes import Code
    from mlopsgen.diagnostics import Diagnostic
    from mlopsgen.plan.steps import Plan
    from mlopsgen.render.job import Copy, FileJob
    from mlopsgen.targets.api import Judge, Support
    from mlopsgen.targets.azureml.native import AzureMLNative


class AzureML:
    """The target `azureml`."""

    name = "azureml"
    title = "Azure Machine Learning"
    options: type[TargetOptions] = AzureMLOptions
    needs_options = True
    codes: tuple[Code, ...] = ()
    templates: Path = TEMPLATES / "azureml"

    @property
    def support(self) -> Mapping[str, Support]:
        """Feature → how it is done here."""
        from mlopsgen.targets.azureml.support import SUPPORT

        return SUPPORT

    def lower(self, plan: Plan, options: TargetOptions) -> tuple[AzureMLNative, tuple[Diagnostic, ...]]:
        """The plan as a pipeline job and all that it needs."""
        from mlopsgen.targets.azureml.lower import lower

        assert isinstance(options, AzureMLOptions)
        return lower(plan, options)

    def layout(self, native: AzureMLNative) -> Sequence[FileJob | Copy]:
        """The files of the bundle."""
        from mlopsgen.targets.azureml.layout import layout

        return layout(native)

    def judges(self) -> tuple[Judge, ...]:
        """The SDK's own schemas and models, then our rules for what they let through."""
        from mlopsgen.targets.azureml.judge import judges

        return judges()


target = AzureML()
