"""A target of nobody's, so that tests of the language depend on no real one."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from mlopsgen.spec.options import TargetOptions


class Acme(TargetOptions):
    """Account facts of the acme cloud."""

    words: ClassVar[str] = "`targets.acme`"

    region: str = Field(description="Where everything is made.", examples=["eu-west-1"])
    account: str | None = Field(default=None, description="The account's number, in quotes.")
    bucket: str = Field(default="acme-ml", description="Where files lie.")


OPTIONS: dict[str, type[TargetOptions]] = {"acme": Acme}
