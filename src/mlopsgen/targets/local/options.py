"""The block `targets.local`: how this machine is used. Nothing in it is needed."""

from typing import Annotated, ClassVar, TypeAlias

from pydantic import Field

from mlopsgen.spec.options import TargetOptions
from mlopsgen.spec.units import Shaped, path_problem

Folder: TypeAlias = Annotated[
    str,
    Shaped(
        "a folder beside the spec",
        r"[A-Za-z0-9._][A-Za-z0-9._/+-]*",
        (".mlopsgen/runs", "runs"),
        path_problem,
        rule="letters, digits and `. _ / + -`, since commands of the README name it",
    ),
]


class LocalOptions(TargetOptions):
    """How runs on this machine work, and where they keep things."""

    words: ClassVar[str] = "`targets.local`"

    parallel: Annotated[int, Field(ge=1)] | None = Field(
        default=None, description="How many commands run at the same time. Default: one for each processor."
    )
    runs: Folder = Field(
        default=".mlopsgen/runs",
        description="Where every run keeps its files, logs and results. Default: .mlopsgen/runs.",
    )
    registry: Folder = Field(
        default=".mlopsgen/registry", description="Where versions of models are kept. Default: .mlopsgen/registry."
    )
    state: Folder = Field(
        default=".mlopsgen/state", description="Where small things are kept from run to run. Default: .mlopsgen/state."
    )
