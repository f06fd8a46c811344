"""A step: a command with inputs, outputs and params, in a container of its own."""

from typing import Annotated, Any, ClassVar, Literal, TypeAlias

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from mlopsgen.spec.model import FromList, Many, Model
from mlopsgen.spec.units import (
    Duration,
    EnvName,
    ImageName,
    ParamName,
    PortName,
    Reference,
    SecretName,
    Size,
    StepName,
    path_problem,
)
from mlopsgen.spec.values import OrRef, ParamValue, Ref

Kind: TypeAlias = Literal["dataset", "files", "model", "metrics", "predictions", "figure", "report"]
"""What lies in the directory of an output."""
Count: TypeAlias = Annotated[int, Field(ge=1)]


class _Command:
    """A script of `code.path`, or a whole argv."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(_command)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        argv = {"type": "array", "items": {"type": "string"}, "minItems": 1}
        return {
            "anyOf": [{"type": "string", "minLength": 1}, argv],
            "examples": ["train.py", ["python", "-m", "acme.train"]],
        }


def _command(value: Any) -> str | tuple[str, ...]:
    if isinstance(value, str) and value:
        if problem := path_problem(value):
            raise PydanticCustomError("MG118", "{problem}", {"problem": problem})
        return value
    if isinstance(value, list | tuple) and value and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise PydanticCustomError(
        "MG106", "a script such as `train.py` or a command such as `[python, -m, acme.train]` belongs here"
    )


Command: TypeAlias = Annotated[str | tuple[str, ...], _Command()]


class Gpu(Model):
    """Accelerators of one machine."""

    words: ClassVar[str] = "`gpu`"
    spread: ClassVar[tuple[str, ...]] = ("kind",)
    counted: ClassVar[tuple[str, ...]] = ("count",)

    kind: str | None = Field(
        default=None,
        min_length=1,
        description="Which accelerator, as clouds name it. Default: the cheapest that the target has so many of.",
        examples=["t4", "a100", "h100"],
    )
    count: Count = Field(default=1, description="How many in one machine. Default: 1.")


class Resources(Model):
    """What one machine of a step must have; each target picks the smallest machine that has it."""

    words: ClassVar[str] = "`resources`"

    cpu: Annotated[float, Field(gt=0)] | None = Field(
        default=None, description="Processor cores. Default: the target's.", examples=[4]
    )
    memory: Size | None = Field(default=None, description="Main memory, such as `16Gi`. Default: the target's.")
    gpu: Gpu | None = Field(
        default=None,
        description="Accelerators: `{kind: a100, count: 1}`, `a100` for one, `1` for any one. Default: none.",
    )
    disk: Size | None = Field(default=None, description="Scratch space, such as `50Gi`. Default: the target's.")
    nodes: OrRef[Count] = Field(
        default=1, description="How many machines work together; more than one needs `distributed`. Default: 1."
    )
    spot: bool = Field(
        default=False, description="Whether cheaper machines that may be taken away are fine. Default: false."
    )


class Retries(Model):
    """How often a failed step is tried again."""

    words: ClassVar[str] = "`retries`"
    spread: ClassVar[tuple[str, ...]] = ("attempts",)

    attempts: Annotated[int, Field(ge=0, le=30)] = Field(description="How many more times.", examples=[2])
    backoff: Duration = Field(
        default="30s", description="The wait before the first one; it doubles each time. Default: 30s."
    )


class StepParts(Model):
    """What every step may have, beside what it runs."""

    words: ClassVar[str] = "a step"

    uses: StepName | None = Field(
        default=None,
        description=(
            "The step whose definition this one takes over; its own inputs and params merge over it, other keys "
            "replace."
        ),
    )
    inputs: Annotated[dict[PortName, Reference], FromList("key")] | None = Field(
        default=None,
        description=(
            "What it reads: port → `data.<source>`, `<step>.<output>` or an output's bare name; `[train, test]` is "
            "short for `{train: train, test: test}`. "
            "A directory per port arrives as `--<port>=DIR`. Giving them replaces the section's own set."
        ),
        examples=[{"raw": "data.zones"}, ["train", "test"]],
    )
    outputs: Annotated[dict[PortName, Kind | None], FromList("null")] = Field(
        default={},
        description=(
            "What it writes: port → kind (dataset, files, model, metrics, predictions, figure, report), or a list "
            "of ports. A directory per port arrives as `--<port>=DIR`. "
            "Without a kind: the section's own for a name it knows, else files."
        ),
        examples=[["table"], {"confusion": "figure"}],
    )
    params: dict[ParamName, ParamValue] = Field(
        default={},
        description=(
            "Values handed on as `--<name>=<value>`: scalars, lists (as JSON), `${parameters.x}`, `${run.id}`; null"
            " leaves the flag out."
        ),
        examples=[{"folds": 5}],
    )
    resources: Resources = Field(default=Resources.unwritten(), description="What its machine must have.")
    image: ImageName | None = Field(
        default=None,
        description=(
            "A foreign image with tag or digest; it gets plain argv and no launcher. Default: the product's own image."
        ),
    )
    env: dict[EnvName, str] = Field(
        default={},
        description="Environment variables. Never a secret: see `secrets`.",
        examples=[{"OMP_NUM_THREADS": "4"}],
    )
    secrets: dict[EnvName, SecretName] = Field(
        default={},
        description="Environment variable → name of a secret in the target's own store. Never the value.",
        examples=[{"DB_PASSWORD": "warehouse-password"}],
    )
    retries: Retries | None = Field(
        default=None,
        description="How often it is tried again when it fails: `2`, or `{attempts: 2, backoff: 30s}`. Default: never.",
    )
    timeout: Duration | None = Field(
        default=None,
        description="How long it may take before it counts as failed, such as `2h`. Default: the target's.",
    )
    cache: bool = Field(
        default=True,
        description="Whether an earlier result of the same code, inputs and params is taken over. Default: true; a "
        "step without outputs has no result and runs each time.",
    )
    after: Many[StepName] = Field(
        default=(),
        description="Steps that must have ended well first, without data from them.",
        examples=[["zone-table"]],
    )
    when: Ref | None = Field(
        default=None,
        description="A boolean run parameter, `${parameters.<name>}`: false skips the step and what reads from it.",
    )
    always: bool = Field(
        default=False,
        description="Whether it runs when all else has ended, well or not (an exit handler). Default: false.",
    )


class Step(StepParts):
    """A further step, anywhere in the graph; its edges come from `inputs`."""

    run: Command = Field(
        description="What it runs: a script of `code.path` such as `train.py`, or a whole command as a list."
    )
