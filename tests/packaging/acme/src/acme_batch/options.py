"""The block `targets.acme` of a spec."""

from pydantic import Field

from mlopsgen.targets.api import TargetOptions


class AcmeOptions(TargetOptions):
    """Where a product's jobs run."""

    queue: str = Field(pattern="^[a-z][a-z0-9-]*$", description="The queue that jobs wait in.", examples=["ml"])
    registry: str = Field(description="The registry that images are pushed to.", examples=["images.acme.example/ml"])
