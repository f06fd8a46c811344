"""How changes of the spec and its code travel to what runs."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from mlopsgen.spec.model import Many, Model
from mlopsgen.spec.units import Name


class Ci(Model):
    """Checks, builds and delivers changes of the spec and its code."""

    words: ClassVar[str] = "`ci`"

    providers: Annotated[
        Many[Literal["github", "gitlab", "codepipeline", "azure-pipelines", "cloud-build"]], Field(min_length=1)
    ] = Field(description="Which systems: github, gitlab, codepipeline, azure-pipelines, cloud-build.")
    branches: dict[Annotated[str, Field(min_length=1)], Name] = Field(
        default={},
        description="Branch or pattern → environment it is delivered to.",
        examples=[{"main": "staging", "release/*": "production"}],
    )
    promote: Many[Name] = Field(
        default=(), description="Environments in the order a version travels.", examples=[["staging", "production"]]
    )
    approve: Many[Name] = Field(
        default=(), description="Environments where a person must agree first.", examples=[["production"]]
    )
    paths: Many[str] = Field(
        default=(), description="Only changes of these files count. Default: all.", examples=[["src/**", "spec.yaml"]]
    )
    release: Literal["tag"] | None = Field(
        default=None, description="tag: a tag starts the promotion. Default: the branch does."
    )
