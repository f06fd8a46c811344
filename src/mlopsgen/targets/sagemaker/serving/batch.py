"""Batch deployments: each is a pipeline of one Processing job, started by hand or by EventBridge Scheduler.

The job reads the champion, its input and its output itself (runtime: `score`), so that what lies there is taken as it
is when the job starts, and a run that is tried again goes on with the parts that it has. Two runs at once keep out of
each other's way by a lock in S3, since Scheduler starts the second though the first is still at work.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mlopsgen.plan.graph import batches as plan_batches
from mlopsgen.plan.services import Batch
from mlopsgen.plan.steps import Register
from mlopsgen.records import dataclass
from mlopsgen.targets.sagemaker.commands import check_secrets
from mlopsgen.targets.sagemaker.context import Context
from mlopsgen.targets.sagemaker.expressions import Facts, execution_id, parameter, references
from mlopsgen.targets.sagemaker.names import logical_id
from mlopsgen.targets.sagemaker.native import Definition, PipelineParameter
from mlopsgen.targets.sagemaker.parameters import bounds_step, parameters
from mlopsgen.targets.sagemaker.processing import processing_step
from mlopsgen.targets.sagemaker.template_values import step_values

SCHEDULED_AT = "scheduled-at"
"""The parameter that Scheduler fills in: a hyphen, so that it is no run parameter of a spec."""
FOLDER = "deployments"


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchPipeline:
    """A batch deployment before it is printed."""

    id: str
    name: str
    """Of the deployment."""
    definition: Definition
    service: Batch

    @property
    def file(self) -> str:
        """Where its definition lies in the bundle."""
        return f"{FOLDER}/{self.name}.json"

    @property
    def read(self) -> frozenset[str]:
        """The run parameters that it has."""
        return frozenset(one.name for one in self.definition.parameters)


def batches(context: Context) -> Iterator[BatchPipeline]:
    """The pipeline of every batch deployment."""
    for service in plan_batches(context.plan):
        check_secrets(context, service.job)
        _check_model(context, service)
        yield BatchPipeline(
            id=logical_id(service.name, "scoring"),
            name=service.name,
            definition=_definition(context, service),
            service=service,
        )


def _check_model(context: Context, service: Batch) -> None:
    """Says what is not allowed by itself: files of another product's model lie where that product wrote them."""
    own = {step.group for step in context.plan.steps if isinstance(step, Register)}
    if service.model not in own and not context.options.readable:
        message = f"`{service.name}` reads `{service.model}`, of another product, and may not read its files"
        hint = "name their place: `targets.sagemaker.readable: [s3://<bucket>/<product>/models/]`"
        context.error("MG301", message, (*service.origin, "model"), hint)


def _definition(context: Context, service: Batch) -> Definition:
    at = parameter(SCHEDULED_AT)
    step = processing_step(replace(context, facts=Facts(execution_id(), at)), service.job)
    named = {path.removeprefix("Parameters.") for path in references(step_values((step,)))}
    bounds = bounds_step(context, named)
    steps = (step,) if bounds is None else (replace(bounds, then=(step,)),)
    # Whoever starts it by hand need not say when: the job then takes the time that it starts at.
    own = PipelineParameter(name=SCHEDULED_AT, type="String", default="")
    return Definition(parameters=(own, *parameters(context, named)), experiment=None, steps=steps)
