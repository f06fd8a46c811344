"""Amazon SageMaker: a pipeline definition, and a CloudFormation stack for all that is no pipeline step.

options → lower (checks, jobs, branches, registry, stack) → native → layout → templates/sagemaker/.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mlopsgen.resources import TEMPLATES
from mlopsgen.spec.options import TargetOptions
from mlopsgen.targets.sagemaker.options import SageMakerOptions

if TYPE_CHECKING:
    from mlopsgen.codes import Code
    from mlopsgen.diagnostics import Diagnostic
    from mlopsgen.plan.steps import Plan
    from mlopsgen.render.job import Copy, FileJob
    from mlopsgen.targets.api import Judge, Support
    from mlopsgen.targets.sagemaker.native import SageMakerNative


class SageMaker:
    """The target `sagemaker`."""

    name = "sagemaker"
    title = "Amazon SageMaker"
    options: type[TargetOptions] = SageMakerOptions
    needs_options = True
    codes: tuple[Code, ...] = ()
    templates: Path = TEMPLATES / "sagemaker"

    @property
    def support(self) -> Mapping[str, Support]:
        """Feature → how it is done here."""
        from mlopsgen.targets.sagemaker.support import SUPPORT

        return SUPPORT

    def lower(self, plan: Plan, options: TargetOptions) -> tuple[SageMakerNative, tuple[Diagnostic, ...]]:
        """The plan as a pipeline and a stack."""
        from mlopsgen.targets.sagemaker.lower import lower

        assert isinstance(options, SageMakerOptions)
        return lower(plan, options)

    def layout(self, native: SageMakerNative) -> Sequence[FileJob | Copy]:
        """The files of the bundle."""
        from mlopsgen.targets.sagemaker.layout import layout

        return layout(native)

    def judges(self) -> tuple[Judge, ...]:
        """The API model of botocore and our own rules, then cfn-lint."""
        from mlopsgen.targets.sagemaker.judge import judges

        return judges()


target = SageMaker()
