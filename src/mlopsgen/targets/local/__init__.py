"""This machine as a target: its bundle is plan.json, and `mlopsgen run` executes that file.

options → lower (limits, words) → native → layout → templates/local/;   execute.py runs what came out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from mlopsgen.resources import TEMPLATES
from mlopsgen.spec.options import TargetOptions
from mlopsgen.targets.local.options import LocalOptions

if TYPE_CHECKING:
    from mlopsgen.codes import Code
    from mlopsgen.diagnostics import Diagnostic
    from mlopsgen.plan.steps import Plan
    from mlopsgen.render.job import Copy, FileJob
    from mlopsgen.targets.api import Judge, MissingParameter, Ran, RegisteredVersion, Support
    from mlopsgen.targets.local.lower import LocalNative


class Local:
    """The target `local`."""

    name = "local"
    title = "this machine"
    options: type[TargetOptions] = LocalOptions
    needs_options = False
    codes: tuple[Code, ...] = ()
    templates: Path = TEMPLATES / "local"

    @property
    def support(self) -> Mapping[str, Support]:
        """Feature → how it is done here."""
        from mlopsgen.targets.local.support import SUPPORT

        return SUPPORT

    def lower(self, plan: Plan, options: TargetOptions) -> tuple[LocalNative, tuple[Diagnostic, ...]]:
        """The plan as plan.json says it."""
        from mlopsgen.targets.local.lower import lower

        assert isinstance(options, LocalOptions)
        return lower(plan, options)

    def layout(self, native: LocalNative) -> Sequence[FileJob | Copy]:
        """The files of the bundle."""
        from mlopsgen.targets.local.layout import layout

        return layout(native)

    def missing_parameters(
        self, bundle: Path, values: Mapping[str, str], deployment: str | None = None
    ) -> tuple[MissingParameter, ...]:
        """Run parameters without a value."""
        from mlopsgen.targets.local.execution.run import missing_parameters

        return missing_parameters(bundle, values, deployment)

    def run(
        self,
        bundle: Path,
        root: Path,
        values: Mapping[str, str],
        *,
        parallel: int | None,
        isolated: bool,
        show: TextIO,
        tell: Callable[[Sequence[Diagnostic]], None],
        deployment: str | None = None,
    ) -> Ran:
        """Executes plan.json: `mlopsgen run`; with `deployment` one of its deployments: `mlopsgen score`."""
        from mlopsgen.targets.local.execution.run import run

        return run(
            bundle, root, values, parallel=parallel, isolated=isolated, show=show, tell=tell, deployment=deployment
        )

    def deployments(self, bundle: Path, mode: str) -> tuple[str, ...]:
        """The deployments that `mlopsgen score` and `mlopsgen serve` can run."""
        from mlopsgen.targets.local.execution.run import deployments

        return deployments(bundle, mode)

    def serve(self, bundle: Path, root: Path, deployment: str, port: int, *, isolated: bool, show: TextIO) -> int:
        """Answers requests until it is stopped: `mlopsgen serve`."""
        from mlopsgen.targets.local.serving.serve import serve

        return serve(bundle, root, deployment, port, isolated=isolated, show=show)

    def versions(self, files: Mapping[str, bytes], root: Path) -> tuple[RegisteredVersion, ...]:
        """What the registry here has of the plan's models."""
        from mlopsgen.targets.local.execution.approval import versions

        return versions(files["plan.json"], root)

    def decide(self, files: Mapping[str, bytes], root: Path, version: str, *, approved: bool) -> RegisteredVersion:
        """Approves or rejects a version that waits: `mlopsgen approve`."""
        from mlopsgen.targets.local.execution.approval import decide

        return decide(files["plan.json"], root, version, approved=approved)

    def servers(self, files: Mapping[str, bytes]) -> tuple[str, ...]:
        """The deployments that `mlopsgen rollout` can ask."""
        from mlopsgen.targets.local.serving.asking import servers

        return servers(files["plan.json"])

    def ask(self, files: Mapping[str, bytes], root: Path, deployment: str, version: str) -> str:
        """Has a deployment bring a version: `mlopsgen rollout`."""
        from mlopsgen.targets.local.serving.asking import ask

        return ask(files["plan.json"], root, deployment, version)

    def judges(self) -> tuple[Judge, ...]:
        """The JSON schema of plan.json, then our own rules."""
        from mlopsgen.targets.local.judge import judges

        return judges()


target = Local()
