"""What every target's block under `targets:` has; each target adds its own keys."""

from typing import Annotated, Any, ClassVar, TypeAlias

from pydantic import Field

from mlopsgen.spec.model import Many, Model
from mlopsgen.spec.units import RelativePath
from mlopsgen.spec.values import OrRef

Machine: TypeAlias = OrRef[Annotated[str, Field(min_length=1)]]


class Patch(Model):
    """A last change to one file of the bundle; exactly one of merge, replace and remove."""

    words: ClassVar[str] = "a patch"

    file: RelativePath = Field(description="The file of the bundle.", examples=["pipeline.json"])
    at: str = Field(
        min_length=1,
        pattern=r"^/",
        description="The place in it, addressed by name; it must match exactly once.",
        examples=["/Steps/[Name=training]/Arguments"],
    )
    merge: dict[str, Any] | None = Field(default=None, description="Keys to merge in.")
    replace: Any = Field(default=None, description="What stands there instead.")
    remove: bool = Field(default=False, description="Whether it is taken out. Default: false.")


class TargetOptions(Model):
    """Account facts and native settings of one target."""

    started_with: ClassVar[tuple[str, ...]] = ()
    """Keys that a first product has to have, beside the required ones: what only some products can do without."""

    machines: dict[str, Machine] = Field(
        default={},
        description=(
            "Step, deployment or monitor → machine type in the target's naming, `default` for the rest. Wins over "
            "`resources`."
        ),
        examples=[{"default": "ml.m5.xlarge", "training": "ml.m5.4xlarge"}],
    )
    names: dict[str, str] = Field(
        default={},
        description="Deployment → name of an existing endpoint to take over. Default: names derive from the spec's.",
    )
    steps: dict[str, dict[str, Any]] = Field(
        default={},
        description=(
            "Step or monitor → native keys merged into what is emitted for it; checked by the target's own schema."
        ),
    )
    patches: Many[Patch] = Field(
        default=(), description="Last changes to the files of the bundle; they are checked again afterwards."
    )
