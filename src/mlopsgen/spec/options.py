"""What every target's block under `targets:` has; each target adds its own keys."""

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, TypeAlias

from pydantic import Field

from mlopsgen.spec.environments import Places
from mlopsgen.spec.model import Many, Model, lazy_model
from mlopsgen.spec.values import OrRef

if TYPE_CHECKING:
    from mlopsgen.spec.patches import Patch
else:
    Patch = lazy_model("patches", "Patch")

Machine: TypeAlias = OrRef[Annotated[str, Field(min_length=1)]]


class TargetOptions(Model):
    """Account facts and native settings of one target."""

    started_with: ClassVar[tuple[str, ...]] = ()
    """Keys that a first product has to have, beside the required ones: what only some products can do without."""

    places: ClassVar[Places] = Places()
    """Where names of this target's things must be unique."""

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
