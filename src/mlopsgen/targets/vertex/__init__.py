"""Google Vertex AI: a pipeline in PipelineSpec, request bodies, and Terraform for all that is no pipeline step.

options → lower (checks, ir, requests, infra, guide) → native → layout → templates/vertex/. What PipelineSpec says
the same way everywhere is made by targets/ir; platform.py answers what Vertex AI does its own way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mlopsgen.resources import TEMPLATES
from mlopsgen.spec.options import TargetOptions
from mlopsgen.targets.vertex.options import VertexOptions

if TYPE_CHECKING:
    from mlopsgen.codes import Code
    from mlopsgen.diagnostics import Diagnostic
    from mlopsgen.plan.steps import Plan
    from mlopsgen.render.job import Copy, FileJob
    from mlopsgen.targets.api import Judge, Support
    from mlopsgen.targets.vertex.native import VertexNative


class Vertex:
    """The target `vertex`."""

    name = "vertex"
    title = "Google Vertex AI"
    options: type[TargetOptions] = VertexOptions
    needs_options = True
    codes: tuple[Code, ...] = ()
    templates: Path = TEMPLATES / "vertex"

    @property
    def support(self) -> Mapping[str, Support]:
        """Feature → how it is done here."""
        from mlopsgen.targets.vertex.support import SUPPORT

        return SUPPORT

    def lower(self, plan: Plan, options: TargetOptions) -> tuple[VertexNative, tuple[Diagnostic, ...]]:
        """The plan as a pipeline, the requests that start it, and what it needs around it."""
        from mlopsgen.targets.vertex.lower import lower

        assert isinstance(options, VertexOptions)
        return lower(plan, options)

    def layout(self, native: VertexNative) -> Sequence[FileJob | Copy]:
        """The files of the bundle."""
        from mlopsgen.targets.vertex.layout import layout

        return layout(native)

    def judges(self) -> tuple[Judge, ...]:
        """Our own rules, then the API's own message types."""
        from mlopsgen.targets.vertex.judge import judges

        return judges()


target = Vertex()
