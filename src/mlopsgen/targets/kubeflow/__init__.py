"""Kubeflow on any Kubernetes: a pipeline in PipelineSpec with Kubernetes' own document, and manifests around it.

options → platform (what targets/ir asks) → ir.lower → lower (accounts, schedules, guide) → native → layout →
templates/kubeflow/. Searches of Katib and trainings over several nodes are objects that steps make (pods.py,
objects.py); what all of these know of a plan is in facts.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mlopsgen.resources import TEMPLATES
from mlopsgen.spec.options import TargetOptions
from mlopsgen.targets.kubeflow.options import KubeflowOptions

if TYPE_CHECKING:
    from mlopsgen.codes import Code
    from mlopsgen.diagnostics import Diagnostic
    from mlopsgen.plan.steps import Plan
    from mlopsgen.render.job import Copy, FileJob
    from mlopsgen.targets.api import Judge, Support
    from mlopsgen.targets.kubeflow.native import KubeflowNative


class KubeflowTarget:
    """The target `kubeflow`."""

    name = "kubeflow"
    title = "Kubeflow"
    options: type[TargetOptions] = KubeflowOptions
    needs_options = True
    codes: tuple[Code, ...] = ()
    templates: Path = TEMPLATES / "kubeflow"

    @property
    def support(self) -> Mapping[str, Support]:
        """Feature → how it is done here."""
        from mlopsgen.targets.kubeflow.support import SUPPORT

        return SUPPORT

    def lower(self, plan: Plan, options: TargetOptions) -> tuple[KubeflowNative, tuple[Diagnostic, ...]]:
        """The plan as a pipeline, and what it needs in its namespace."""
        from mlopsgen.targets.kubeflow.lower import lower

        assert isinstance(options, KubeflowOptions)
        return lower(plan, options)

    def layout(self, native: KubeflowNative) -> Sequence[FileJob | Copy]:
        """The files of the bundle."""
        from mlopsgen.targets.kubeflow.layout import layout

        return layout(native)

    def judges(self) -> tuple[Judge, ...]:
        """Our own rules, then the SDKs' own models."""
        from mlopsgen.targets.kubeflow.judge import judges

        return judges()


target = KubeflowTarget()
