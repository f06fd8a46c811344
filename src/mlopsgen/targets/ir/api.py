"""What Vertex AI and Kubeflow say differently: a platform is handed to `lower` and asked for it.

`lower(plan, options, platform)` makes the parts of every step that are the same everywhere, asks the platform
where they differ, and weaves all of them into one native.Pipeline. A platform's answers are data; what it
cannot do it says with `context.error(…)`, at the place of the spec, and answers with something harmless.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from typing import Any, Literal, Protocol, TypeAlias

from mlopsgen.plan.steps import AnyJob, Plan, Register, Retries, Secret, Source, Tune
from mlopsgen.records import dataclass
from mlopsgen.spec.options import TargetOptions
from mlopsgen.spec.values import Ref, Text
from mlopsgen.targets.addresses import Live
from mlopsgen.targets.ir.context import Context, Dialect
from mlopsgen.targets.ir.native import Resources
from mlopsgen.targets.ir.parts import Part

Verdict: TypeAlias = Literal["approved", "pending", "rejected"]
"""How a version is registered: in use at once, waiting for a person, or never to be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """How a step gets its secrets: flags for the launcher (`--secret=ENV=URI`), or keys of the platform's document."""

    flags: tuple[str, ...] = ()
    platform: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """How a time limit is kept: by keys of the platform's document, else by the launcher (`--timeout=SECONDS`)."""

    launcher: bool = True
    platform: Mapping[str, Any] = field(default_factory=dict)


class Platform(Dialect, Protocol):
    """One place that runs PipelineSpec."""

    def image(self, context: Context) -> str:
        """The image that the product's steps run in (`code.image`, a locked digest, or a content tag)."""
        ...

    def default_root(self, context: Context) -> str | None:
        """Where runs keep their artifacts: `gs://bucket/name/runs`; None leaves it to the installation."""
        ...

    def source(self, context: Context, source: Source) -> str | Text | Ref | None:
        """The address that a source is imported from: where submit uploads it when it lies beside the spec.

        None after a finding (MG313: an address that this platform does not read).
        """
        ...

    def extracted(self, context: Context, source: Source) -> Part | None:
        """The part that has a warehouse write a table into files, made and called as an importer; None for files."""
        ...

    def mounted(self, uri: Text) -> Text | None:
        """The path under which an address that only the run knows is there in every container.

        Vertex AI: `/gcs/bucket/…`. None: a step joins the address, and an importer imports it.
        """
        ...

    def registry_uri(self, context: Context, model: str) -> str:
        """The registry as the runtime's adapter takes it: champions, `start_from`."""
        ...

    def state_uri(self, context: Context, path: str) -> str:
        """Where the runtime keeps small state between runs."""
        ...

    def live_uri(self, context: Context, uri: Live) -> Live:
        """A folder of a deployment as the runtime opens it; a relative one lies under the product's own prefix."""
        ...

    def resources(self, context: Context, job: AnyJob) -> Resources:
        """What the step's container asks for: `machines` wins over `resources`."""
        ...

    def environment(self, context: Context, job: AnyJob) -> tuple[tuple[str, str], ...]:
        """Variables beside the step's own (tracking)."""
        ...

    def secrets(self, context: Context, job: AnyJob, secrets: Sequence[Secret]) -> Hidden:
        """How the step gets its secrets; those of another platform's store are MG312."""
        ...

    def limit(self, context: Context, job: AnyJob, seconds: int) -> Limit:
        """How the step's `timeout` is kept."""
        ...

    def longest_backoff(self, job: AnyJob, retries: Retries) -> int:
        """`backoffMaxDuration` in seconds: platforms read it as the longest wait, or as the time of all tries."""
        ...

    def settings(self, context: Context, job: AnyJob) -> Mapping[str, Any]:
        """Further keys of the platform's document for every container of this step (node selectors, tolerations…)."""
        ...

    def replace(self, context: Context, job: AnyJob, part: Part) -> Sequence[Part]:
        """The container of a step as it is, or what the platform puts in its place.

        `part` is complete: its command, holes, resources, retries. A custom job or a TrainJob (several nodes,
        spot, machines that containers cannot have) is another Part of the same name, inputs and outputs, whose
        command is the launcher's, with the words of `part` inside. Return `(part,)` to leave it.
        """
        ...

    def searches(self, context: Context, job: Tune) -> bool:
        """Whether `search` does this tuning, and not a ParallelFor over listed trials (grid and random alone).

        False for a strategy that the platform cannot do either, after a finding.
        """
        ...

    def search(self, context: Context, job: Tune, trial: Part) -> Sequence[Part]:
        """A tuning by the platform's own service: parts that end in one called `trial.name`.

        That last part has the best trial's outputs, and an output parameter `params`, the best params as a JSON
        object, when `job.refit`. `trial` is one trial as a container with its searched flags left out: the
        service appends them as `--name=value`.
        """
        ...

    def beside(self, context: Context) -> Sequence[Part]:
        """Parts that belong to no step, which every run has that stands within its bounds."""
        ...

    def register(self, context: Context, step: Register, verdict: Verdict, name: str) -> Sequence[Part]:
        """The parts that make a version, the last one called `name`. Guards and `after` are added to them.

        Inputs: `context.product(input)`, which is Reads(source=PartArtifact(…)). A run parameter that decides the
        approval becomes two registrations behind opposite guards, so `verdict` is always known.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Lowering(Context):
    """A context with the platform that is asked where platforms differ."""

    platform: Platform


def lowering(plan: Plan, options: TargetOptions, platform: Platform) -> Lowering:
    """What a plan is lowered with."""
    start = Lowering(
        plan=plan,
        options=options,
        dialect=platform,
        platform=platform,
        jobs={step.name: step for step in plan.steps if not isinstance(step, Register)},
        sources={source.name: source for source in plan.sources},
        parameters={parameter.name: parameter for parameter in plan.parameters},
    )
    return replace(start, image=platform.image(start))
