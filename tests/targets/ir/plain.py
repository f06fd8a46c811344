"""A platform that adds nothing: what the shared layer does by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from mlopsgen.plan.steps import AnyJob, Register, Retries, Secret, Source, Tune
from mlopsgen.spec.values import Ref, Text
from mlopsgen.targets.addresses import Live, under
from mlopsgen.targets.image import content_tag
from mlopsgen.targets.ir.api import Hidden, Limit, Platform, Verdict
from mlopsgen.targets.ir.commands import ENTRY, launched
from mlopsgen.targets.ir.context import Context
from mlopsgen.targets.ir.native import Accelerator, Resources, cpu_text, memory_text
from mlopsgen.targets.ir.parts import Command, Hole, Part, Reads, Where, Word, flag


class Plain:
    """A store `s3://store` and the runtime's own registry."""

    name = "plain"
    title = "Plain"

    def image(self, context: Context) -> str:
        """An image of nobody's registry."""
        return context.plan.image.prebuilt or f"registry.example/{context.plan.name}:{content_tag(context.plan.image)}"

    def default_root(self, context: Context) -> str | None:
        """A folder of the store."""
        return f"s3://store/{context.plan.name}/runs"

    def forbidden(self) -> Mapping[str, str]:
        """Nothing is evaluated here."""
        return {}

    def source(self, context: Context, source: Source) -> str | Text | Ref | None:
        """Local data under its digest."""
        return f"s3://store/{context.plan.name}/data/{source.local.digest}" if source.local else source.uri

    def extracted(self, context: Context, source: Source) -> Part | None:
        """There are files alone."""
        return None

    def mounted(self, uri: Text) -> Text | None:
        """Nothing is mounted."""
        return None

    def registry_uri(self, context: Context, model: str) -> str:
        """A folder of the store."""
        return f"file:///store/{context.plan.name}/registry/{model}"

    def state_uri(self, context: Context, path: str) -> str:
        """A folder of the store."""
        return f"file:///store/{context.plan.name}/state/{path}"

    def resources(self, context: Context, job: AnyJob) -> Resources:
        """What the step asks for, as it is."""
        asked = job.resources
        return Resources(
            cpu_limit=cpu_text(asked.cpu) if asked.cpu else None,
            memory_limit=memory_text(asked.memory) if asked.memory else None,
            accelerator=Accelerator(type=asked.gpu.kind or "gpu", count=asked.gpu.count) if asked.gpu else None,
        )

    def environment(self, context: Context, job: AnyJob) -> tuple[tuple[str, str], ...]:
        """No variables."""
        return ()

    def secrets(self, context: Context, job: AnyJob, secrets: Sequence[Secret]) -> Hidden:
        """By the launcher."""
        return Hidden(flags=tuple(f"--secret={one.variable}=vault://{one.name}" for one in secrets))

    def limit(self, context: Context, job: AnyJob, seconds: int) -> Limit:
        """By the launcher."""
        return Limit()

    def longest_backoff(self, job: AnyJob, retries: Retries) -> int:
        """An hour."""
        return 3600

    def settings(self, context: Context, job: AnyJob) -> Mapping[str, Any]:
        """No document beside the pipeline."""
        return {}

    def replace(self, context: Context, job: AnyJob, part: Part) -> Sequence[Part]:
        """Every step is a container."""
        return (part,)

    def searches(self, context: Context, job: Tune) -> bool:
        """No service searches."""
        return False

    def search(self, context: Context, job: Tune, trial: Part) -> Sequence[Part]:
        """Not asked for: a loop does it."""
        return (replace(trial, name=job.name),)

    def beside(self, context: Context) -> Sequence[Part]:
        """Nothing."""
        return ()

    def live_uri(self, context: Context, uri: Live) -> Live:
        """Beside its state."""
        return under("plain://live", uri)

    def register(self, context: Context, step: Register, verdict: Verdict, name: str) -> Sequence[Part]:
        """The runtime's own registration."""
        inputs = {i.port: i for i in (step.model, step.metrics, step.gate) if i is not None}
        read: dict[str, Reads] = {port: context.product(item) for port, item in inputs.items()}
        command: tuple[Word, ...] = (
            ("register",),
            flag("registry", self.registry_uri(context, "").rstrip("/")),
            flag("name", step.group),
            *(flag(port, Hole(Where.INPUT_PATH, port)) for port in read),
            flag("approval", "manual" if verdict == "pending" else "automatic"),
        )
        runs = Command(image=context.image, words=launched((), command), entry=ENTRY)
        return (Part(name=name, step=step.name, runs=runs, artifacts=read, cache=False, origin=step.origin),)


PLAIN: Platform = Plain()
