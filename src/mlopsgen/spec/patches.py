"""Last changes of a user to the files of a bundle."""

from typing import Any, ClassVar

from pydantic import Field

from mlopsgen.spec.model import Model
from mlopsgen.spec.units import RelativePath


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
