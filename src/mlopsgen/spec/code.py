"""The user's code and the image that every step runs in."""

from typing import Annotated, ClassVar

from pydantic import Field

from mlopsgen.spec.model import Many, Model
from mlopsgen.spec.units import ImageName, RelativePath, Shaped


class Code(Model):
    """The image that every step, the server, the scorer and the monitors run in."""

    words: ClassVar[str] = "`code`"

    path: RelativePath | None = Field(
        default=None,
        description=(
            "The folder with your code, relative to the spec; its content lies in the image. Default: `src` if it "
            "is there, else the spec's folder."
        ),
    )
    python: Annotated[str, Shaped("a Python version in quotes", r"3\.[0-9]{1,2}", ("3.11", "3.12"))] = Field(
        default="3.11", description='The Python version of the image, in quotes: `"3.11"`. Default: 3.11.'
    )
    requirements: RelativePath | None = Field(
        default=None,
        description=(
            "What pip installs in the image: a requirements file or a conda.yml. Default: `<path>/requirements.txt`"
            " if it is there."
        ),
    )
    ignore: Many[str] = Field(
        default=(),
        description=(
            "Further files that stay out of the image, as .gitignore writes them. The output folder, hidden files, "
            "caches, data and what .gitignore names never enter it."
        ),
        examples=[["notebooks/", "*.md"]],
    )
    base: ImageName | None = Field(
        default=None,
        description="The image to build on. Default: python's own slim image of `python`, pinned by mlopsgen.lock.",
    )
    image: ImageName | None = Field(
        default=None,
        description=(
            "An image that already holds code and runtime (built from an earlier bundle): nothing is built then. "
            "Default: none."
        ),
    )
